"""What risk found is decided by two of those who hold the role of its queue, and by nobody who placed the order."""

from typing import Any

import pytest

from tests.operations.bank import Bank
from tests.operations.payment_order.test_rpc import order, stands
from tests.operations.payment_screening.test_rpc import HIT, answer, opened, waiting
from zhongtai.operations.v1 import payment_order_pb2 as order_v1
from zhongtai.operations.v1 import payment_screening_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as work_v1

YES, NO = work_v1.WORK_ORDER_OUTCOME_APPROVED, work_v1.WORK_ORDER_OUTCOME_REJECTED


async def held(bank: Bank) -> v1.ScreeningAsked:
    """An order that risk found something about, and the work order that was opened about it."""
    asked = await waiting(bank, await opened(bank))
    await bank.door.deliver(answer(asked, HIT))
    (told,) = await bank.door.facts(v1.ScreeningHeld)
    await bank.door.deliver(told)
    return asked


async def about(bank: Bank, order_id: str) -> work_v1.WorkOrder:
    found: work_v1.WorkOrder = (await bank.door.call(work_v1.ListWorkOrdersRequest(subject=order_id))).work_orders[0]
    return found


def decide(bank: Bank, work_order_id: str, who: str, outcome: Any) -> work_v1.DecideWorkOrderRequest:
    bank.door.as_caller(who, "operations.*", "role:screening_officer", "role:clerk")
    return work_v1.DecideWorkOrderRequest(
        request_id=bank.request_id(), work_order_id=work_order_id, outcome=outcome, comment="looked at it"
    )


async def word_arrives(bank: Bank) -> None:
    for told in await bank.door.facts(work_v1.WorkOrderDecided):
        await bank.door.deliver(told, event_id=told.work_order_id)


async def test_two_officers_release_what_was_held(bank: Bank) -> None:
    asked = await held(bank)
    placed_by = (await order(bank, asked.payment_order_id)).placed_by
    work = await about(bank, asked.payment_order_id)
    assert (work.queue_id, work.approvers_needed, work.requested_by) == ("screening", 2, placed_by)
    refused = await bank.door.refused(decide(bank, work.work_order_id, placed_by, YES))
    assert refused.reason == "FOUR_EYES_MUST_DIFFER"
    await bank.door.call(decide(bank, work.work_order_id, "wang.fang", YES))
    await word_arrives(bank)
    assert stands(await order(bank, asked.payment_order_id)) == "ACTC"
    assert (await bank.door.refused(decide(bank, work.work_order_id, "wang.fang", YES))).reason == (
        "FOUR_EYES_MUST_DIFFER"
    )
    await bank.door.call(decide(bank, work.work_order_id, "li.na", YES))
    await word_arrives(bank)
    assert stands(await order(bank, asked.payment_order_id)) == "ACSP"


async def test_one_officer_refuses(bank: Bank) -> None:
    asked = await held(bank)
    work = await about(bank, asked.payment_order_id)
    await bank.door.call(decide(bank, work.work_order_id, "wang.fang", NO))
    await word_arrives(bank)
    found = await order(bank, asked.payment_order_id)
    assert (stands(found), found.reason_code) == ("RJCT", "FR01")


@pytest.mark.parametrize("opened_as", [{"role": "clerk"}, {"kind": "errand", "queue_id": "screening"}])
async def test_no_other_work_order_decides(bank: Bank, opened_as: dict[str, Any]) -> None:
    asked = await held(bank)
    request = work_v1.OpenWorkOrderRequest(
        request_id="mine", subject=asked.payment_order_id, title="Mine", **{"kind": "payment_screening"} | opened_as
    )
    mine = (await bank.door.call(request)).work_order
    for who in ("wang.fang", "li.na")[: mine.approvers_needed]:
        await bank.door.call(decide(bank, mine.work_order_id, who, YES))
    await word_arrives(bank)
    assert stands(await order(bank, asked.payment_order_id)) == "ACTC"


async def test_an_order_that_risk_has_not_answered_is_released_by_no_work_order(bank: Bank) -> None:
    asked = await waiting(bank, await opened(bank))
    request = work_v1.OpenWorkOrderRequest(
        request_id="early",
        subject=asked.payment_order_id,
        title="Early",
        kind="payment_screening",
        queue_id="screening",
    )
    early = (await bank.door.call(request)).work_order
    for who in ("wang.fang", "li.na"):
        await bank.door.call(decide(bank, early.work_order_id, who, YES))
    await word_arrives(bank)
    assert stands(await order(bank, asked.payment_order_id)) == "ACTC"


async def test_what_was_withdrawn_is_decided_by_nobody(bank: Bank) -> None:
    asked = await held(bank)
    work = await about(bank, asked.payment_order_id)
    await bank.door.call(order_v1.CancelPaymentOrderRequest(request_id="c", payment_order_id=asked.payment_order_id))
    (ended,) = await bank.door.facts(v1.ScreeningEnded)
    await bank.door.deliver(ended)
    assert (await about(bank, asked.payment_order_id)).status == work_v1.WORK_ORDER_STATUS_CANCELLED
    assert (await bank.door.refused(decide(bank, work.work_order_id, "li.na", YES))).reason == "WORK_ORDER_MUST_BE_OPEN"
    assert stands(await order(bank, asked.payment_order_id)) == "CANC"
