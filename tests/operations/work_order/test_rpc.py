"""Work orders through the door: roles come from the caller's scopes, and of several who claim one wins."""

import asyncio
from datetime import timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.runtime.call import Caller

SCOPES = ("operations.work_order.*", "role:credit_officer")


async def opened(bank: Bank, **change: Any) -> str:
    """The id of a new order, asked for by the caller."""
    fields: dict[str, Any] = {
        "kind": "credit_referral",
        "role": "credit_officer",
        "four_eyes": True,
        "subject": "run_1",
        "title": "Decide on a loan",
        "title_zh": "贷款审批",
        "details": {"amount": "CNY 100.00"},
        "sla_minutes": 60,
    }
    reply = await bank.door.call(v1.OpenWorkOrderRequest(request_id=bank.request_id(), **{**fields, **change}))
    assert reply.work_order.work_order_id == reply.work_order_id
    return str(reply.work_order_id)


def claim(bank: Bank, work_order_id: str) -> v1.ClaimWorkOrderRequest:
    return v1.ClaimWorkOrderRequest(request_id=bank.request_id(), work_order_id=work_order_id)


def decide(bank: Bank, work_order_id: str) -> v1.DecideWorkOrderRequest:
    return v1.DecideWorkOrderRequest(
        request_id=bank.request_id(),
        work_order_id=work_order_id,
        outcome=v1.WORK_ORDER_OUTCOME_APPROVED,
        comment="steady income",
    )


async def test_an_order_goes_from_open_to_decided(bank: Bank) -> None:
    work_order_id = await opened(bank)
    bank.door.as_caller("ann", *SCOPES)
    claimed = await bank.door.call(claim(bank, work_order_id))
    assert (claimed.work_order.status, claimed.work_order.claimed_by) == (v1.WORK_ORDER_STATUS_CLAIMED, "ann")
    decided = (await bank.door.call(decide(bank, work_order_id))).work_order
    assert (decided.status, decided.outcome) == (v1.WORK_ORDER_STATUS_DECIDED, v1.WORK_ORDER_OUTCOME_APPROVED)
    assert (decided.details["amount"], decided.requested_by) == ("CNY 100.00", "tester")
    (told,) = await bank.door.facts(v1.WorkOrderDecided)
    assert (told.subject, told.decided_by, told.comment) == ("run_1", "ann", "steady income")
    assert len(await bank.door.facts(v1.WorkOrderOpened)) == len(await bank.door.facts(v1.WorkOrderClaimed)) == 1
    again = await bank.door.refused(decide(bank, work_order_id))
    assert (again.reason, again.metadata["status"]) == ("WORK_ORDER_MUST_BE_OPEN", "DECIDED")


async def test_a_right_to_everything_is_no_role(bank: Bank) -> None:
    work_order_id = await opened(bank, four_eyes=False)
    assert (await bank.door.refused(claim(bank, work_order_id))).reason == "ROLE_MUST_BE_HELD"
    bank.door.as_caller("tom", "operations.work_order.*", "role:teller")
    assert (await bank.door.refused(decide(bank, work_order_id))).reason == "ROLE_MUST_BE_HELD"


async def test_whoever_asked_does_not_decide_under_four_eyes(bank: Bank) -> None:
    bank.door.as_caller("ann", *SCOPES)
    mine = await opened(bank)
    assert (await bank.door.refused(decide(bank, mine))).reason == "FOUR_EYES_MUST_DIFFER"
    for_somebody = await opened(bank, requested_by="bob")
    assert (await bank.door.refused(decide(bank, for_somebody))).reason == "FOUR_EYES_MUST_DIFFER"
    await bank.door.call(decide(bank, await opened(bank, four_eyes=False)))


async def test_of_several_who_claim_at_once_one_wins(bank: Bank) -> None:
    work_order_id = await opened(bank)

    async def try_as(subject: str) -> str:
        request = claim(bank, work_order_id)
        bank.door.as_caller(subject, *SCOPES)
        try:
            return str((await bank.door.call(request)).work_order.claimed_by)
        except Refusal as refusal:
            return refusal.reason

    tries = await asyncio.gather(*(try_as(f"officer_{number}") for number in range(8)))
    assert sorted(tries)[:7] == ["WORK_ORDER_ALREADY_CLAIMED"] * 7
    assert sorted(tries)[7].startswith("officer_")
    assert len(await bank.door.facts(v1.WorkOrderClaimed)) == 1


async def test_a_cancelled_order_cannot_be_decided_and_cancelling_again_succeeds(bank: Bank) -> None:
    work_order_id = await opened(bank)
    for request_id in ("x1", "x2"):
        reply = await bank.door.call(v1.CancelWorkOrderRequest(request_id=request_id, work_order_id=work_order_id))
        assert reply.work_order.status == v1.WORK_ORDER_STATUS_CANCELLED
    assert len(await bank.door.facts(v1.WorkOrderCancelled)) == 1
    bank.door.as_caller("ann", *SCOPES)
    assert (await bank.door.refused(decide(bank, work_order_id))).reason == "WORK_ORDER_MUST_BE_OPEN"


async def test_a_claimed_order_goes_back_to_its_role(bank: Bank) -> None:
    work_order_id = await opened(bank)
    bank.door.as_caller("ann", *SCOPES)
    await bank.door.call(claim(bank, work_order_id))
    for request_id in ("x1", "x2"):
        await bank.door.call(v1.ReleaseWorkOrderRequest(request_id=request_id, work_order_id=work_order_id))
    assert len(await bank.door.facts(v1.WorkOrderReleased)) == 1
    bank.door.as_caller("bob", *SCOPES)
    assert (await bank.door.call(claim(bank, work_order_id))).work_order.claimed_by == "bob"


async def test_orders_are_listed_by_status_role_subject_and_lateness(bank: Bank) -> None:
    early = await opened(bank, sla_minutes=10)
    late = await opened(bank, sla_minutes=600, subject="run_2")
    other = await opened(bank, role="teller", sla_minutes=600)

    async def found(**asked: Any) -> list[str]:
        reply = await bank.door.call(v1.ListWorkOrdersRequest(**asked))
        return [order.work_order_id for order in reply.work_orders]

    assert await found() == [early, late, other]
    assert await found(role="credit_officer") == [early, late]
    assert await found(subject="run_2") == [late]
    assert await found(overdue=True) == []
    bank.door.now(bank.door.clock.now() + timedelta(minutes=11))
    assert await found(overdue=True) == [early]
    assert (await bank.door.call(v1.GetWorkOrderRequest(work_order_id=early))).work_order.overdue
    await bank.door.call(v1.CancelWorkOrderRequest(request_id="x", work_order_id=early))
    assert await found(overdue=True) == []
    assert await found(status=v1.WORK_ORDER_STATUS_OPEN) == [late, other]
    first = await bank.door.call(v1.ListWorkOrdersRequest(page=PageRequest(size=2)))
    assert await found(page=PageRequest(size=2, token=first.page.next_token)) == [other]


async def test_a_due_time_is_ahead_and_said_one_way(bank: Bank) -> None:
    past = Timestamp()
    past.FromDatetime(bank.door.clock.now())
    request = v1.OpenWorkOrderRequest(
        request_id="o", kind="k", role="credit_officer", subject="s", title="t", due_at=past
    )
    assert (await bank.door.refused(request)).reason == "DUE_TIME_MUST_BE_AHEAD"
    request.sla_minutes = 5
    assert (await bank.door.refused(request)).kind == "Invalid"
    missing = await bank.door.refused(v1.GetWorkOrderRequest(work_order_id="wo_0"))
    assert missing.reason == "WORK_ORDER_NOT_FOUND"


async def test_whom_the_gateway_acts_for_is_who_asks(bank: Bank) -> None:
    bank.door.caller = Caller("gateway", "gateway", frozenset({"*"}), on_behalf_of="ann")
    work_order_id = await opened(bank)
    bank.door.as_caller("ann", *SCOPES)
    assert (await bank.door.refused(claim(bank, work_order_id))).reason == "FOUR_EYES_MUST_DIFFER"
    bank.door.as_caller("bob", *SCOPES)
    decided = (await bank.door.call(decide(bank, work_order_id))).work_order
    assert (decided.requested_by, decided.opened_by, decided.claimed_by) == ("ann", "ann", "bob")
