"""What operations makes of credit's findings: an order for each, withdrawn when there is nothing left to find."""

import re
from datetime import timedelta

import pytest
from google.type.date_pb2 import Date

from tests.operations.bank import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import exposure_proof_pb2 as proof_v1
from zhongtai.credit.v1 import rating_review_pb2 as review_v1
from zhongtai.gateway.v1 import job_pb2 as job_v1
from zhongtai.operations.opening_rule.domain import OpeningRule
from zhongtai.operations.v1 import payment_screening_pb2 as screening_v1
from zhongtai.operations.v1 import reconciliation_pb2, webhook_endpoint_pb2
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.operations.work_order.store import OPENED_BY
from zhongtai.operations.work_queue.store import SHIPPED
from zhongtai.runtime import contracts


def cny(fen: int) -> Money:
    return Money(currency_code="CNY", minor_units=fen)


def found(break_id: str = "break_1") -> proof_v1.ExposureBreakFound:
    return proof_v1.ExposureBreakFound(
        break_id=break_id,
        kind=proof_v1.BREAK_KIND_LIMIT,
        subject="lim_1",
        counted=cny(10_000),
        owed=cny(9_900),
    )


async def orders(bank: Bank, subject: str) -> list[v1.WorkOrder]:
    return list((await bank.door.call(v1.ListWorkOrdersRequest(subject=subject))).work_orders)


async def test_a_break_opens_one_order_with_both_figures(bank: Bank) -> None:
    for _ in range(2):
        await bank.door.deliver(found(), event_id="evt_1")
    (order,) = await orders(bank, "break_1")
    assert (order.kind, order.role, order.status) == (
        "exposure_break",
        "limit_controller",
        v1.WORK_ORDER_STATUS_OPEN,
    )
    assert dict(order.details) == {
        "compared": "LIMIT",
        "subject": "lim_1",
        "counted": "CNY 100.00",
        "owed": "CNY 99.00",
        "difference": "CNY 1.00",
    }
    assert len(await bank.door.facts(v1.WorkOrderOpened)) == 1


async def test_a_break_that_is_gone_withdraws_its_order_and_no_other(bank: Bank) -> None:
    await bank.door.deliver(found("break_1"))
    await bank.door.deliver(found("break_2"))
    await bank.door.deliver(proof_v1.ExposureBreakResolved(break_id="break_1"))
    assert [one.status for one in await orders(bank, "break_1")] == [v1.WORK_ORDER_STATUS_CANCELLED]
    assert [one.status for one in await orders(bank, "break_2")] == [v1.WORK_ORDER_STATUS_OPEN]


async def test_an_order_that_was_decided_stays_decided(bank: Bank) -> None:
    await bank.door.deliver(found())
    (order,) = await orders(bank, "break_1")
    bank.door.as_caller("li.na", "operations.work_order.*", "role:limit_controller")
    decide = v1.DecideWorkOrderRequest(
        request_id=bank.request_id(), work_order_id=order.work_order_id, outcome=v1.WORK_ORDER_OUTCOME_APPROVED
    )
    await bank.door.call(decide)
    await bank.door.deliver(proof_v1.ExposureBreakResolved(break_id="break_1"))
    assert [one.status for one in await orders(bank, "break_1")] == [v1.WORK_ORDER_STATUS_DECIDED]


async def test_a_review_opens_one_order_due_when_the_review_is(bank: Bank) -> None:
    opened = review_v1.RatingReviewOpened(
        review_id="rev_1",
        customer_id="cus_1",
        rating_id="rat_1",
        trigger=review_v1.REVIEW_TRIGGER_ARREARS,
        cause="loan_1",
        opened_on=Date(year=2026, month=1, day=31),
        due_on=Date(year=2026, month=2, day=5),
    )
    await bank.door.deliver(opened)
    (order,) = await orders(bank, "rev_1")
    assert (order.kind, order.role, order.details["trigger"]) == ("rating_review", "rating_officer", "ARREARS")
    assert order.due_at.ToDatetime() - order.opened_at.ToDatetime() == timedelta(days=5)
    await bank.door.deliver(review_v1.RatingReviewDone(review_id="rev_1", customer_id="cus_1", new_rating_id="rat_2"))
    assert [one.status for one in await orders(bank, "rev_1")] == [v1.WORK_ORDER_STATUS_CANCELLED]


async def test_a_job_that_fails_opens_one_order_however_often_and_is_withdrawn_when_it_is_done(bank: Bank) -> None:
    failed = job_v1.JobFailed(job_id="end_of_day", title="Close", title_zh="日终", occasion="2026-05-04", reason="NO")
    for event_id in ("evt_1", "evt_2"):
        await bank.door.deliver(failed, event_id=event_id)
    (order,) = await orders(bank, "end_of_day")
    assert (order.kind, order.role, order.details["reason"]) == ("job", "operator", "NO")
    await bank.door.deliver(job_v1.JobRecovered(job_id="end_of_day", occasion="2026-05-04"))
    (order,) = await orders(bank, "end_of_day")
    assert order.status == v1.WORK_ORDER_STATUS_CANCELLED


async def test_what_is_held_waits_for_officers_until_it_has_ended(bank: Bank) -> None:
    held = screening_v1.ScreeningHeld(payment_order_id="po_1", amount=cny(500), outcome="HIT", placed_by="ann")
    await bank.door.deliver(held)
    (order,) = await orders(bank, "po_1")
    assert (order.queue_id, order.details["amount"], order.requested_by) == ("screening", "CNY 5.00", "ann")
    assert (order.four_eyes, order.approvers_needed) == (True, 2)
    await bank.door.deliver(screening_v1.ScreeningEnded(payment_order_id="po_1", state="SCREENING_STATE_WITHDRAWN"))
    (order,) = await orders(bank, "po_1")
    assert order.status == v1.WORK_ORDER_STATUS_CANCELLED


async def test_a_late_screening_is_somebodys_errand_until_it_is_answered(bank: Bank) -> None:
    await bank.door.deliver(screening_v1.ScreeningOverdue(payment_order_id="po_2", screening_id="scr_2"))
    (order,) = await orders(bank, "po_2")
    assert (order.kind, order.queue_id) == ("payment_screening_overdue", "payments")
    await bank.door.deliver(screening_v1.ScreeningAnswered(payment_order_id="po_2", state="SCREENING_STATE_HELD"))
    (order,) = await orders(bank, "po_2")
    assert order.status == v1.WORK_ORDER_STATUS_CANCELLED


async def test_whoever_proposes_a_difference_does_not_take_its_order(bank: Bank) -> None:
    proposed = reconciliation_pb2.DifferenceProposed(match_id="m_1", difference=cny(-30), proposed_by="ann")
    await bank.door.deliver(proposed)
    (order,) = await orders(bank, "m_1")
    assert (order.requested_by, order.four_eyes, order.details["difference"]) == ("ann", True, "CNY -0.30")
    bank.door.as_caller("ann", "operations.work_order.*", "role:reconciler")
    claim = v1.ClaimWorkOrderRequest(request_id=bank.request_id(), work_order_id=order.work_order_id)
    assert (await bank.door.refused(claim)).reason == "FOUR_EYES_MUST_DIFFER"


async def test_a_date_is_told_as_one_and_an_end_that_was_asked_for_opens_nothing(bank: Bank) -> None:
    day = Date(year=2026, month=5, day=4)
    aged = reconciliation_pb2.ReconciliationBreakAged(
        break_id="br_1", side=reconciliation_pb2.ITEM_SIDE_STATEMENT, amount=cny(30), value_date=day
    )
    await bank.door.deliver(aged)
    (order,) = await orders(bank, "br_1")
    assert (order.details["value_date"], order.details["side"]) == ("2026-05-04", "STATEMENT")
    for reason, count in (("ASKED", 0), ("FAILING", 1)):
        await bank.door.deliver(webhook_endpoint_pb2.WebhookEndpointDisabled(endpoint_id="ep_1", reason=reason))
        assert len(await orders(bank, "ep_1")) == count


@pytest.mark.parametrize("rule", OPENED_BY.values(), ids=lambda rule: rule.on)
def test_every_rule_names_fields_of_its_event_and_a_queue_that_ships(rule: OpeningRule) -> None:
    fields = contracts.events()[rule.on].DESCRIPTOR.fields_by_name
    named = [rule.subject, *rule.unless, *re.findall(r"\{(\w+)\}", rule.title + rule.title_zh)]
    named += [name for what in rule.details.values() for name in what.split(" - ")]
    named += [name for name in (rule.requested_by, rule.days_from, rule.days_to) if name]
    assert set(named) <= set(fields)
    if not rule.withdraws:
        assert rule.queue_id in SHIPPED
        assert rule.title
        assert rule.title_zh
        assert len(rule.details) <= 50
