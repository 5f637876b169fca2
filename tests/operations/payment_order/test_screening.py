"""Screening by hand: who holds the role of the queue lets a payment order go on, and nobody else."""

from typing import Any

import pytest

from tests.operations.bank import Bank
from tests.operations.payment_order.test_rpc import NINE, inside, order, outside, placed, stands
from tests.operations.work_queue.test_rpc import define
from zhongtai.operations.v1 import payment_order_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as work_v1

YES, NO = work_v1.WORK_ORDER_OUTCOME_APPROVED, work_v1.WORK_ORDER_OUTCOME_REJECTED


async def waiting(bank: Bank) -> str:
    """The id of an order that waits for its screening."""
    bank.door.now(NINE)
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    await bank.door.call(define(bank, queue_id="screening", role="screening_officer"))
    found = await placed(bank, outside(bank, await bank.deposit(200_000_000), 50_000_000))
    assert stands(found) == "ACTC"
    return found.payment_order_id


async def decided(bank: Bank, order_id: str, outcome: work_v1.WorkOrderOutcome, **opened: Any) -> None:
    """Opens a work order about a payment order, decides it as one who may, and lets the word arrive."""
    asked = {"kind": "payment_screening", "queue_id": "screening", **opened}
    request = work_v1.OpenWorkOrderRequest(request_id=bank.request_id(), subject=order_id, title="Screen", **asked)
    work_order_id = (await bank.door.call(request)).work_order_id
    bank.door.as_caller("wang.fang", "operations.*", "role:screening_officer", "role:clerk")
    decide = work_v1.DecideWorkOrderRequest(
        request_id=bank.request_id(), work_order_id=work_order_id, outcome=outcome, comment="known supplier"
    )
    await bank.door.call(decide)
    (told,) = [one for one in await bank.door.facts(work_v1.WorkOrderDecided) if one.work_order_id == work_order_id]
    await bank.door.deliver(told, event_id=work_order_id)


@pytest.mark.parametrize(("outcome", "stood", "reason"), [(YES, "ACSP", ""), (NO, "RJCT", "FR01")])
async def test_a_person_screens(bank: Bank, outcome: work_v1.WorkOrderOutcome, stood: str, reason: str) -> None:
    order_id = await waiting(bank)
    await decided(bank, order_id, outcome)
    found = await order(bank, order_id)
    assert (stands(found), found.reason_code) == (stood, reason)
    # Whatever is decided later changes nothing: the order waits for nobody any more.
    await decided(bank, order_id, NO if outcome == YES else YES)
    assert await order(bank, order_id) == found


@pytest.mark.parametrize("opened", [{"queue_id": "", "role": "clerk"}, {"kind": "errand"}], ids=["queue", "kind"])
async def test_no_other_work_order_screens(bank: Bank, opened: dict[str, str]) -> None:
    order_id = await waiting(bank)
    await decided(bank, order_id, YES, **opened)
    assert stands(await order(bank, order_id)) == "ACTC"


async def test_what_was_withdrawn_stays_so(bank: Bank) -> None:
    order_id = await waiting(bank)
    await bank.door.call(v1.CancelPaymentOrderRequest(request_id="c", payment_order_id=order_id))
    await decided(bank, order_id, YES)
    assert stands(await order(bank, order_id)) == "CANC"
    await decided(bank, "po_none", YES)
    one, other = await bank.deposit(10), await bank.deposit()
    assert stands(await placed(bank, inside(bank, one, other, 10, "later"))) == "ACSC"
