"""Work orders of reconciliations: what is agreed to in their queue is done, once, and by nobody who asked for it."""

from datetime import date

import pytest
from google.protobuf.message import Message

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import NOSTRO, booking, camt, landed
from tests.operations.reconciliation.asked import approving, matches, open_items, open_lines, received, run
from zhongtai.operations.v1 import reconciliation_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as order_v1

FEE = booking(-8_00, "F-1", remittance_information="五月手续费")
DECIDER = ("operations.*", "role:reconciler")
pytestmark = pytest.mark.usefixtures("reconciled")


async def told(bank: Bank, *kinds: type[Message]) -> None:
    """Brings the facts of some kinds to the bank, as the bus would."""
    for kind in kinds:
        for fact in await bank.door.facts(kind):
            await bank.door.deliver(fact)


async def order(bank: Bank, subject: str) -> order_v1.WorkOrder:
    """The only work order about something."""
    (found,) = (await bank.door.call(order_v1.ListWorkOrdersRequest(subject=subject))).work_orders
    assert isinstance(found, order_v1.WorkOrder)
    return found


async def decided(bank: Bank, subject: str, outcome: int) -> None:
    """The order about something is decided by a person of its role, and the bank hears of it."""
    bank.door.as_caller("wang.fang", *DECIDER)
    request = order_v1.DecideWorkOrderRequest(
        request_id=bank.request_id(), work_order_id=(await order(bank, subject)).work_order_id, comment="seen"
    )
    request.outcome = outcome  # type: ignore[assignment]
    await bank.door.call(request)
    await told(bank, order_v1.WorkOrderDecided)


async def proposed(bank: Bank) -> str:
    """The match of a fee that li.na proposes to post, with its work order."""
    await landed(bank, camt(FEE))
    bank.door.as_caller("li.na", *DECIDER)
    await run(bank)
    (match,) = await matches(bank)
    await told(bank, v1.DifferenceProposed)
    return match.match_id


async def test_a_difference_agreed_to_in_its_work_order_is_posted_once(bank: Bank) -> None:
    match_id = await proposed(bank)
    await decided(bank, match_id, order_v1.WORK_ORDER_OUTCOME_APPROVED)
    (match,) = await matches(bank)
    assert (match.difference_status, match.decided_by) == (v1.DIFFERENCE_STATUS_POSTED, "wang.fang")
    for fact in await bank.door.facts(order_v1.WorkOrderDecided):
        await bank.door.deliver(fact, event_id="told again under another id")
    assert await bank.balance("6421") == 8_00
    await bank.must_be_sound()


async def test_a_difference_refused_in_its_work_order_opens_its_members(bank: Bank) -> None:
    match_id = await proposed(bank)
    await decided(bank, match_id, order_v1.WORK_ORDER_OUTCOME_REJECTED)
    (match,) = await matches(bank)
    assert (match.difference_status, match.reason) == (v1.DIFFERENCE_STATUS_REJECTED, "seen")
    assert len(await open_lines(bank)) == 1
    assert await bank.balance("6421") == 0


async def test_an_order_of_another_queue_decides_no_difference(bank: Bank) -> None:
    await landed(bank, camt(FEE))
    await run(bank)
    (match,) = await matches(bank)
    opening = order_v1.OpenWorkOrderRequest(
        request_id=bank.request_id(),
        kind="reconciliation_difference",
        subject=match.match_id,
        title="looks like one",
        role="friend",
    )
    opened = await bank.door.call(opening)
    bank.door.as_caller("a.friend", "operations.*", "role:friend")
    deciding = order_v1.DecideWorkOrderRequest(
        request_id=bank.request_id(),
        work_order_id=opened.work_order_id,
        outcome=order_v1.WORK_ORDER_OUTCOME_APPROVED,
    )
    await bank.door.call(deciding)
    await told(bank, order_v1.WorkOrderDecided)
    assert [one.difference_status for one in await matches(bank)] == [v1.DIFFERENCE_STATUS_PROPOSED]


async def test_what_was_posted_by_hand_withdraws_its_order_and_is_not_posted_again(bank: Bank) -> None:
    match_id = await proposed(bank)
    bank.door.as_caller("wang.fang", *DECIDER)
    await bank.door.call(approving(bank, match_id))
    await told(bank, v1.DifferenceDecided)
    assert (await order(bank, match_id)).status == order_v1.WORK_ORDER_STATUS_CANCELLED
    assert await bank.balance("6421") == 8_00


async def test_a_break_whose_proposal_is_agreed_to_is_matched(bank: Bank) -> None:
    await received(bank, 500_00, "R-1")
    await landed(bank, camt(booking(500_00, "other", on=date(2026, 4, 20))))
    await run(bank)
    await told(bank, v1.ReconciliationBreakAged)
    asked = v1.ListReconciliationBreaksRequest(account_id=NOSTRO)
    (found,) = (await bank.door.call(asked)).breaks
    await decided(bank, found.break_id, order_v1.WORK_ORDER_OUTCOME_APPROVED)
    (match,) = await matches(bank)
    assert (match.rule, match.made_by, match.reason) == ("by_hand", "wang.fang", "seen")
    (found,) = (await bank.door.call(asked)).breaks
    assert found.state == v1.BREAK_STATE_RESOLVED
    assert not await open_items(bank)


async def test_a_proposal_that_no_longer_holds_changes_nothing(bank: Bank) -> None:
    await received(bank, 500_00, "R-1")
    await landed(bank, camt(booking(500_00, "other", on=date(2026, 4, 20))))
    await run(bank)
    await told(bank, v1.ReconciliationBreakAged)
    (found,) = (await bank.door.call(v1.ListReconciliationBreaksRequest(account_id=NOSTRO))).breaks
    await landed(bank, camt(booking(500_00, "R-1")))
    await run(bank)
    before = await matches(bank)
    await decided(bank, found.break_id, order_v1.WORK_ORDER_OUTCOME_APPROVED)
    assert await matches(bank) == before
