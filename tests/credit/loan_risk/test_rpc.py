"""Flags on loans through the door: placed, lifted, seen by classification and by allowance."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.credit.classification.test_rpc import classify
from tests.credit.collateral.items import registered
from tests.credit.examples import day, disbursed, fen, rate, request_id
from tests.credit.guarantee.promises import given, guarantor
from tests.credit.pledge.test_rpc import pledged
from zhongtai.credit.loan_risk import store
from zhongtai.credit.v1 import (
    allowance_pb2,
    classification_pb2,
    loan_account_pb2,
    loan_day_pb2,
    loan_restructuring_pb2,
    repayment_pb2,
)
from zhongtai.credit.v1 import loan_risk_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of
from zhongtai.testing.doors import Door

WATCH = v1.RISK_FLAG_KIND_WATCH_LIST
RESTRUCTURED = v1.RISK_FLAG_KIND_RESTRUCTURED


def place(loan_id: str, kind: int, **more: Any) -> v1.PlaceRiskFlagRequest:
    fields = {"request_id": request_id(), "loan_id": loan_id, "kind": kind, "reason": "found out", **more}
    return v1.PlaceRiskFlagRequest(**fields)


def lift(loan_id: str, flag_id: str) -> v1.LiftRiskFlagRequest:
    return v1.LiftRiskFlagRequest(request_id=request_id(), loan_id=loan_id, flag_id=flag_id, reason="over")


async def known(door: Door, loan_id: str) -> v1.GetLoanRiskResponse:
    reply: v1.GetLoanRiskResponse = await door.call(v1.GetLoanRiskRequest(loan_id=loan_id))
    return reply


async def category(door: Door, loan_id: str) -> int:
    return int((await door.call(classify(loan_id))).category)


async def marks(door: Door, loan_id: str) -> list[tuple[str, bool]]:
    """The days on which a loan is looked at, and whether it changed on them."""
    statement = select(store.LOAN_RISK_CHANGE).where(store.LOAN_RISK_CHANGE.c.loan_id == loan_id)
    found = await door.service.store.read(lambda reading: reading.rows(statement.order_by("changed_on")))
    return [(row.changed_on, row.before is not None) for row in found]


async def test_a_flag_says_who_why_and_when_and_is_lifted_once(door: Door) -> None:
    loan = await disbursed(door)
    placed = await door.call(place(loan.loan_id, WATCH))
    assert (placed.flag.reason, placed.flag.placed_by) == ("found out", "tester")
    assert (await door.refused(place(loan.loan_id, WATCH))).reason == "RISK_FLAG_STANDS_ALREADY"
    assess = allowance_pb2.AssessAllowanceRequest(request_id=request_id(), loan_id=loan.loan_id)
    assert (await door.call(assess)).allowance.reasons == [allowance_pb2.STAGE_REASON_WATCH_LIST]
    for _ in range(2):
        reply = await door.call(lift(loan.loan_id, placed.flag_id))
        assert reply.flag.lift_reason == "over"
    assert [len(await door.facts(kind)) for kind in (v1.RiskFlagPlaced, v1.RiskFlagLifted)] == [1, 1]
    assert not (await known(door, loan.loan_id)).flags
    assert len((await door.call(v1.ListRiskFlagsRequest(loan_id=loan.loan_id))).flags) == 1


async def test_what_cannot_be_placed_or_lifted_is_refused(door: Door) -> None:
    loan = await disbursed(door)
    impaired, poci = v1.RISK_FLAG_KIND_CREDIT_IMPAIRED, v1.RISK_FLAG_KIND_PURCHASED_IMPAIRED
    assert (await door.refused(place("loan_none", WATCH))).reason == "LOAN_NOT_FOUND"
    assert (await door.refused(place(loan.loan_id, impaired))).reason == "RISK_FLAG_MUST_SAY_MORE"
    dollars = place(loan.loan_id, poci, amount=fen(1, "USD"))
    assert (await door.refused(dollars)).reason == "CURRENCY_MUST_MATCH"
    tomorrow = place(loan.loan_id, WATCH, since=day(2090, 1, 1))
    assert (await door.refused(tomorrow)).reason == "DATE_MUST_NOT_BE_IN_THE_FUTURE"
    assert (await door.refused(lift(loan.loan_id, "flag_none"))).reason == "RISK_FLAG_NOT_FOUND"
    final = await door.call(place(loan.loan_id, poci, amount=fen(10_000)))
    due = date_of(loan.instalments[0].due_date)
    door.today(due)
    assert (await door.refused(lift(loan.loan_id, final.flag_id))).reason == "RISK_FLAG_IS_FINAL"
    quote = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=loan.loan_id))
    paid = {"request_id": request_id(), "loan_id": loan.loan_id, "amount": quote.total, "payment_id": "pay_1"}
    await door.call(repayment_pb2.PayOffLoanRequest(**paid))
    assert (await door.refused(place(loan.loan_id, WATCH))).reason == "LOAN_MUST_NOT_BE_OVER"


async def test_every_flag_reaches_the_rule_that_asks_for_it(door: Door) -> None:
    expected = {
        v1.RISK_FLAG_KIND_PURPOSE_CHANGED: classification_pb2.RISK_CATEGORY_SPECIAL_MENTION,
        v1.RISK_FLAG_KIND_RATING_FELL: classification_pb2.RISK_CATEGORY_SUBSTANDARD,
        v1.RISK_FLAG_KIND_DEBT_EVADED: classification_pb2.RISK_CATEGORY_DOUBTFUL,
        v1.RISK_FLAG_KIND_IN_LIQUIDATION: classification_pb2.RISK_CATEGORY_LOSS,
    }
    loan = await disbursed(door)
    for kind, worst in expected.items():
        await door.call(place(loan.loan_id, kind))
        assert await category(door, loan.loan_id) == worst
        assert (await known(door, loan.loan_id)).facts.category_at_least == worst - 1


async def test_debt_elsewhere_counts_for_customers_that_are_not_retail(door: Door) -> None:
    loan = await disbursed(door)
    elsewhere = v1.RISK_FLAG_KIND_OVERDUE_ELSEWHERE
    await door.call(place(loan.loan_id, elsewhere, share=rate("0.21"), since=day(2025, 12, 31)))
    assert await category(door, loan.loan_id) == classification_pb2.RISK_CATEGORY_NORMAL
    await door.call(place(loan.loan_id, v1.RISK_FLAG_KIND_NON_RETAIL))
    assert await category(door, loan.loan_id) == classification_pb2.RISK_CATEGORY_SUBSTANDARD


async def test_a_restructured_loan_is_observed_for_a_year_and_again_from_a_due_date_it_did_not_keep(door: Door) -> None:
    loan = await disbursed(door)
    await door.call(place(loan.loan_id, RESTRUCTURED))
    first_due = date_of(loan.instalments[0].due_date)
    facts = (await known(door, loan.loan_id)).classification_facts
    assert await category(door, loan.loan_id) == classification_pb2.RISK_CATEGORY_SPECIAL_MENTION
    assert (date_of(facts.observed_from) <= first_due, facts.observed_payments) == (True, 0)
    ends = first_due.replace(year=first_due.year + 1).isoformat()
    assert (ends, False) in await marks(door, loan.loan_id)

    door.today(first_due + timedelta(days=10))
    amount = (await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id))).due.total
    paid = {"request_id": request_id(), "loan_id": loan.loan_id, "amount": amount, "payment_id": "pay_1"}
    await door.call(repayment_pb2.RepayLoanRequest(**paid))
    reply = await known(door, loan.loan_id)
    assert (date_of(reply.missed_on), date_of(reply.cleared_on)) == (first_due, first_due + timedelta(days=10))
    assert date_of(reply.classification_facts.observed_from) == first_due
    await door.call(place(loan.loan_id, RESTRUCTURED))
    assert await category(door, loan.loan_id) == classification_pb2.RISK_CATEGORY_SUBSTANDARD


async def test_easing_a_plan_in_arrears_is_a_restructuring_and_other_changes_are_not(door: Door) -> None:
    loan = await disbursed(door)
    eased = loan_account_pb2.LoanAccountChanged(loan_id=loan.loan_id, operation="Reschedule", operation_id="lop_1")
    await door.deliver(eased, event_id="in-time")
    assert not (await known(door, loan.loan_id)).flags
    door.today(date_of(loan.instalments[0].due_date) + timedelta(days=1))
    other = loan_account_pb2.LoanAccountChanged(loan_id=loan.loan_id, operation="Repay", operation_id="lop_2")
    await door.deliver(other, event_id="other")
    assert not (await known(door, loan.loan_id)).flags
    await door.deliver(eased, event_id="late")
    assert [flag.kind for flag in (await known(door, loan.loan_id)).flags] == [RESTRUCTURED]
    told = loan_restructuring_pb2.LoanRestructured(
        loan_id=loan.loan_id,
        restructured_on=date_message(date_of(loan.instalments[0].due_date) + timedelta(days=1)),
        borrower_in_difficulty=True,
        reason="income fell",
    )
    await door.deliver(told, event_id="told")
    assert len((await known(door, loan.loan_id)).flags) == 1, "the same restructuring is flagged once"
    door.today(date_of(loan.instalments[0].due_date) + timedelta(days=2))
    told.restructured_on.day += 1
    told.borrower_in_difficulty = False
    await door.deliver(told, event_id="commercial")
    assert len((await known(door, loan.loan_id)).flags) == 1
    told.borrower_in_difficulty = True
    await door.deliver(told, event_id="again")
    assert (await known(door, loan.loan_id)).classification_facts.restructured_again


async def test_what_changes_cover_or_grade_has_the_close_look_with_how_it_stood(door: Door) -> None:
    loan = await disbursed(door)
    today = (await marks(door, loan.loan_id)) or []
    assert not today
    await pledged(door, await registered(door), loan.loan_id, 600_000)
    (changed,) = await marks(door, loan.loan_id)
    assert changed[1]
    await given(door, loan.loan_id, guarantor("a"), valid_until=date_message(date(2026, 12, 31)))
    assert await marks(door, loan.loan_id) == [changed, ("2027-01-01", False)]
    facts = (await known(door, loan.loan_id)).facts
    assert (facts.collateral_minor, facts.guarantee_minor) == (600_000, loan.principal.minor_units)


async def test_a_bad_loan_has_the_close_look_at_the_others_of_a_company(door: Door) -> None:
    bad, good = await disbursed(door), await disbursed(door)
    await door.call(place(good.loan_id, v1.RISK_FLAG_KIND_NON_RETAIL))
    noted = await marks(door, good.loan_id)
    worse = loan_day_pb2.LoanReclassified(
        loan_id=bad.loan_id,
        category_before=classification_pb2.RISK_CATEGORY_SPECIAL_MENTION,
        category=classification_pb2.RISK_CATEGORY_SUBSTANDARD,
    )
    door.today(date_of(good.instalments[0].due_date))
    await door.deliver(worse, event_id="worse")
    assert await marks(door, good.loan_id) == [*noted, (date_of(good.instalments[0].due_date).isoformat(), True)]
    assert not await marks(door, bad.loan_id)
