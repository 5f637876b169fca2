"""The clock of a work order: warned, past due, escalated; several who approve; and the next ones taken in a batch."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operations.bank import Bank
from tests.operations.work_order.test_rpc import SCOPES, claim, decide, opened
from tests.operations.work_queue.test_domain import QUEUE, china
from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import Wish
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.operations.v1 import work_queue_pb2 as queue_v1
from zhongtai.operations.work_order.domain import (
    FourEyesMustDiffer,
    SkillsMustBeHeld,
    WorkOrder,
    WorkOrderBreached,
    WorkOrderEndorsed,
    WorkOrderEscalated,
    WorkOrderOutcome,
    WorkOrderWarned,
)
from zhongtai.operations.work_queue.domain import EscalationStep, WorkQueue

MORNING = china(2026, 5, 6, 9)
STEPS = (EscalationStep(240, priority=1), EscalationStep(600, role="chief"), EscalationStep(900, queue_id="board"))
WISH = Wish(kind="k", subject="s", title="t", requested_by="asker")
ROLES = {"board": "member"}


def waiting(queue: WorkQueue = QUEUE, now: datetime = MORNING) -> WorkOrder:
    return WorkOrder.open("wo_1", WISH, queue, opened_by="clerk", now=now)[0]


def test_an_order_takes_its_clock_from_its_queue() -> None:
    order = waiting(replace(QUEUE, skills=("english",), approvers_needed=2, four_eyes=True, priority=2))
    assert (order.due_at, order.warn_at) == (china(2026, 5, 6, 17), china(2026, 5, 6, 16))
    assert (order.role, order.skills, order.approvers_needed, order.four_eyes, order.priority) == (
        "officer",
        ("english",),
        2,
        True,
        2,
    )
    with pytest.raises(SkillsMustBeHeld):
        order.claim(Person("ann", frozenset({"officer"})), MORNING)
    assert order.claim(Person("ann", frozenset({"officer"}), frozenset({"english"})), MORNING)[1] is not None


def test_the_clock_warns_finds_it_late_and_escalates() -> None:
    queue = replace(QUEUE, steps=STEPS)
    order = waiting(queue)
    told: list[str] = []
    held, _ = order.claim(Person("ann", frozenset({"officer"})), MORNING)
    while held.next_at is not None and "board" not in held.queue_id:
        held, facts = held.move_on(queue, held.next_at, ROLES)
        told += [type(fact).__name__ for fact in facts]
        if any(isinstance(fact, WorkOrderEscalated) and fact.role == "chief" for fact in facts):
            assert held.claimed_by == ""
    assert told == [
        WorkOrderEscalated.__name__,
        WorkOrderWarned.__name__,
        WorkOrderBreached.__name__,
        WorkOrderEscalated.__name__,
        WorkOrderEscalated.__name__,
    ]
    assert (held.queue_id, held.role, held.priority, held.escalations) == ("board", "member", 1, 3)
    moved, facts = held.move_on(replace(QUEUE, queue_id="board"), china(2026, 5, 20, 9), ROLES)
    assert (moved.next_at, facts) == (None, ())


@given(st.lists(st.integers(1, 5_000), max_size=6))
def test_however_often_the_clock_is_looked_at_the_same_is_told(minutes: list[int]) -> None:
    queue = replace(QUEUE, steps=STEPS[:2])
    end = MORNING + timedelta(days=30)
    at_once = waiting(queue).move_on(queue, end, ROLES)[0]
    order, told = waiting(queue), list[str]()
    for moment in [*(MORNING + timedelta(minutes=sum(minutes[: n + 1])) for n in range(len(minutes))), end]:
        order, facts = order.move_on(queue, moment, ROLES)
        told += [type(fact).__name__ for fact in facts]
    assert (order.role, order.priority, order.steps_taken) == (at_once.role, at_once.priority, at_once.steps_taken)
    assert (told.count("WorkOrderBreached"), told.count("WorkOrderEscalated")) == (1, 2)
    assert told.count("WorkOrderWarned") <= 1
    assert order.next_at is None


def test_where_two_must_approve_they_are_two_and_one_rejection_is_enough() -> None:
    order = waiting(replace(QUEUE, approvers_needed=2, four_eyes=True))
    officers = frozenset({"officer"})
    ann, bob = Person("ann", officers), Person("bob", officers)
    once, fact = order.decide(ann, WorkOrderOutcome.APPROVED, "", MORNING)
    assert isinstance(fact, WorkOrderEndorsed)
    assert (once.outcome, once.claimed_by, once.approved_by) == (None, "", ("ann",))
    # Neither she herself nor whoever acts for her is a second pair of eyes.
    for again in (ann, Person("carl", officers, delegators=frozenset({"ann"}))):
        assert not once.may_be_taken_by(again)
        with pytest.raises(FourEyesMustDiffer):
            once.decide(again, WorkOrderOutcome.APPROVED, "", MORNING)
    # Nor is she, once whoever acted for her has approved, though nobody acts for her any more.
    lent = order.decide(Person("carl", officers, delegators=frozenset({"ann"})), WorkOrderOutcome.APPROVED, "", MORNING)
    with pytest.raises(FourEyesMustDiffer):
        lent[0].decide(ann, WorkOrderOutcome.APPROVED, "", MORNING)
    assert lent[0].decide(bob, WorkOrderOutcome.APPROVED, "", MORNING)[0].approved_by == ("carl", "bob")
    assert once.decide(bob, WorkOrderOutcome.APPROVED, "", MORNING)[0].approved_by == ("ann", "bob")
    assert once.decide(bob, WorkOrderOutcome.REJECTED, "", MORNING)[0].outcome is WorkOrderOutcome.REJECTED


def test_nobody_is_warned_of_what_is_past_already() -> None:
    late, facts = waiting().move_on(QUEUE, china(2026, 5, 20, 9), ROLES)
    assert [type(fact) for fact in facts] == [WorkOrderBreached]
    assert late.next_at is None


async def test_a_sweep_moves_the_clocks_of_what_waits(bank: Bank) -> None:
    steps = [queue_v1.EscalationStep(after_minutes=600, role="chief", priority=1)]
    queue = queue_v1.WorkQueue(
        queue_id="disputes", title="d", role="credit_officer", approvers_needed=1, priority=3, sla_minutes=480,
        warn_minutes=60, opens_minute=540, closes_minute=1020, steps=steps,
    )  # fmt: skip
    await bank.door.call(queue_v1.DefineWorkQueueRequest(request_id="q", queue=queue))
    order = await opened(bank, role="", queue_id="disputes", sla_minutes=0)
    decided = await opened(bank, role="", queue_id="disputes", sla_minutes=0)
    bank.door.as_caller("ann", *SCOPES)
    await bank.door.call(decide(bank, decided))
    await bank.door.call(claim(bank, order))
    bank.door.as_caller("jobs")

    async def sweep(hours: int) -> int:
        bank.door.now(bank.door.clock.now() + timedelta(hours=hours))
        reply = await bank.door.call(v1.SweepWorkOrdersRequest(request_id=bank.request_id()))
        assert not reply.more
        return int(reply.moved)

    # The order was opened on a Monday at nine; warned at four in the afternoon, due at five, escalated on Tuesday.
    assert [await sweep(6), await sweep(1), await sweep(1), await sweep(16), await sweep(48)] == [0, 1, 1, 0, 1]
    (warned,) = await bank.door.facts(v1.WorkOrderWarned)
    (late,) = await bank.door.facts(v1.WorkOrderBreached)
    (escalated,) = await bank.door.facts(v1.WorkOrderEscalated)
    assert warned.claimed_by == late.claimed_by == escalated.taken_from == "ann"
    assert {warned.work_order_id, late.work_order_id, escalated.work_order_id} == {order}
    found = (await bank.door.call(v1.GetWorkOrderRequest(work_order_id=order))).work_order
    assert (found.status, found.role, found.priority) == (v1.WORK_ORDER_STATUS_OPEN, "chief", 1)
    assert found.escalations == 1


async def test_the_next_orders_are_taken_by_urgency_and_never_twice(bank: Bank) -> None:
    fields: dict[str, Any] = {"four_eyes": False}
    slow = await opened(bank, **fields, sla_minutes=600)
    soon = await opened(bank, **fields, sla_minutes=60)
    urgent = await opened(bank, **fields, priority=1, sla_minutes=600)
    skilled = await opened(bank, **fields, priority=1, skills=["english"])
    await opened(bank, **fields, role="teller")
    await opened(bank, four_eyes=True, requested_by="ann")

    async def take(person: str, count: int, *more: str, queue_id: str = "") -> list[str]:
        request = v1.ClaimNextWorkOrdersRequest(request_id=bank.request_id(), count=count, queue_id=queue_id)
        bank.door.as_caller(person, *SCOPES, *more)
        return [order.work_order_id for order in (await bank.door.call(request)).work_orders]

    assert await take("ann", 2) == [urgent, soon]
    assert await take("ann", 10) == [slow]
    assert await take("ann", 10, queue_id="elsewhere") == []
    assert await take("bob", 1, "skill:english") == [skilled]
    bank.door.as_caller("tester")
    for _ in range(20):
        await opened(bank, **fields)
    shares = await asyncio.gather(*(take(f"officer_{number}", 4) for number in range(8)))
    taken = [order for share in shares for order in share]
    assert len(taken) == len(set(taken)) == 21  # and the one that ann had asked for


async def test_whoever_has_several_roles_takes_the_most_urgent_of_all(bank: Bank) -> None:
    fields: dict[str, Any] = {"four_eyes": False}
    first, second, third = [
        await opened(bank, **fields, role=role, priority=priority)
        for role, priority in (("teller", 1), ("credit_officer", 2), ("teller", 3))
    ]
    bank.door.as_caller("ann", *SCOPES, "role:teller")
    request = v1.ClaimNextWorkOrdersRequest(request_id=bank.request_id(), count=3)
    taken = (await bank.door.call(request)).work_orders
    assert [order.work_order_id for order in taken] == [first, second, third]


async def test_the_clock_stands_still_over_national_day_and_runs_on_the_saturday_worked_for_it(bank: Bank) -> None:
    # 1 to 7 October 2026 are holidays and Saturday 10 October is worked (State Council notice for 2026).
    queue: dict[str, Any] = {"role": "", "queue_id": "limit_control", "sla_minutes": 0}
    bank.door.now(china(2026, 9, 30, 16))
    before = await opened(bank, **queue)
    bank.door.now(china(2026, 10, 9, 16))
    after = await opened(bank, **queue)
    orders = [
        (await bank.door.call(v1.GetWorkOrderRequest(work_order_id=order))).work_order for order in (before, after)
    ]
    due = [order.due_at.ToDatetime(UTC) for order in orders]
    assert due == [china(2026, 10, 8, 15, 30), china(2026, 10, 10, 15, 30)]

    async def swept(*moment: int) -> int:
        bank.door.now(china(*moment))
        return int((await bank.door.call(v1.SweepWorkOrdersRequest(request_id=bank.request_id()))).moved)

    assert [await swept(2026, 10, day, 12) for day in range(1, 8)] == [0] * 7
    assert await swept(2026, 10, 8, 13, 29) == 0
    assert [await swept(2026, 10, 8, 13, 30), await swept(2026, 10, 8, 15, 30), await swept(2026, 10, 9, 15)] == [
        1,
        1,
        1,
    ]
    (warned,) = await bank.door.facts(v1.WorkOrderWarned)
    (breached,) = await bank.door.facts(v1.WorkOrderBreached)
    (escalated,) = await bank.door.facts(v1.WorkOrderEscalated)
    assert {warned.work_order_id, breached.work_order_id, escalated.work_order_id} == {before}
    assert await swept(2026, 10, 10, 13, 30) == 1
