"""Quotes that reach loans: at the opening, on re-pricing days, after corrections; through the door."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.credit.examples import day, fen, rate, request_id
from tests.credit.serviced import (
    START,
    account_of,
    conventions,
    forget,
    interest_convention,
    lent,
    opened,
    publish,
    repayment_convention,
    serviced_product,
)
from zhongtai.credit.v1 import (
    end_of_day_pb2,
    loan_account_pb2,
    loan_exit_pb2,
    loan_pb2,
    product_pb2,
    reference_rate_pb2,
    repayment_pb2,
    servicing_pb2,
)
from zhongtai.credit.v1 import loan_repricing_pb2 as v1
from zhongtai.testing.doors import Door

STEPS = [servicing_pb2.PrincipalStep(first=first, factor=rate(factor)) for first, factor in ((1, "1"), (4, "1.5"))]
NEW_YEAR = servicing_pb2.REPRICING_RULE_NEW_YEAR


def floating(**changes: Any) -> servicing_pb2.FloatingRate:
    """35 basis points above the LPR of a year, looked up every two months."""
    fields: dict[str, Any] = {"tenor": "1Y", "spread": rate("0.0035"), "reprice_every_months": 2}
    return servicing_pb2.FloatingRate(**{**fields, **changes})


async def quoted(door: Door, text: str, on: date, version: int = 1) -> None:
    """Publishes a quote, and lets the loans hear of it."""
    quote = reference_rate_pb2.ReferenceRate(
        benchmark="LPR-1Y",
        effective_on=day(on.year, on.month, on.day),
        version=version,
        rate=rate(text),
        source="NIFC",
    )
    await door.call(reference_rate_pb2.PublishReferenceRateRequest(request_id=request_id(), reference_rate=quote))
    await hear(door)


async def hear(door: Door) -> None:
    """Lets the component hear what was told; what it heard before it hears no more."""
    heard = (loan_pb2.LoanDisbursed, reference_rate_pb2.ReferenceRatePublished, v1.RepricingContinued)
    for envelope in await door.envelopes():
        if envelope.subject in [each.DESCRIPTOR.full_name for each in heard]:
            await door.deliver(envelope.message(), event_id=envelope.event_id)


async def close(door: Door, on: date) -> None:
    """The day of the bank goes on to `on`; that the one before was closed is told."""
    door.today(on)
    closed = end_of_day_pb2.EndOfDayClosed(closing_id=on.isoformat(), business_date=day(on.year, on.month, on.day))
    await door.deliver(closed, event_id=f"closed {on}")


async def floating_loan(door: Door, **changes: Any) -> str:
    """A loan of six months at 3.35 %, disbursed on START, that hears of its re-pricing days."""
    await quoted(door, "0.03", date(2025, 12, 20))
    servicing = conventions(interest=interest_convention(floating=floating(**changes)))
    await publish(door, serviced_product(servicing))
    loan_id = await lent(door)
    await hear(door)
    return loan_id


async def paid(door: Door, loan_id: str, *days: date) -> None:
    """Pays an instalment, as it stands, on each of the days."""
    for number, on in enumerate(days):
        door.today(on)
        line = [line for line in (await account_of(door, loan_id)).plan if line.number > 0][number]
        pay = repayment_pb2.RepayLoanRequest(
            request_id=request_id(), loan_id=loan_id, amount=line.outstanding, payment_id=f"{loan_id} {on}"
        )
        await door.call(pay)


async def repricings(door: Door, loan_id: str) -> list[tuple[str, str, str]]:
    """The days passed, the rates taken on them, and whether the account changed."""
    listed = (await door.call(v1.ListLoanRepricingsRequest(loan_id=loan_id))).repricings
    return [
        (f"{one.repriced_on.month}-{one.repriced_on.day}", one.rate.value, "changed" if one.operation_id else "same")
        for one in listed
    ]


async def interest_of(door: Door, loan_id: str) -> list[int]:
    return [line.due.interest.minor_units for line in (await account_of(door, loan_id)).plan if line.number > 0]


async def test_a_loan_is_quoted_and_opened_at_the_quote_in_force_with_its_spread(door: Door) -> None:
    servicing = conventions(interest=interest_convention(floating=floating()))
    await publish(door, serviced_product(servicing))
    door.today(START)
    ask = loan_pb2.QuoteLoanRequest(product_id="serviced", amount=fen(1_200_000), term_months=6)
    assert (await door.refused(ask)).reason == "REFERENCE_RATE_NOT_FOUND"
    await quoted(door, "0.03", date(2025, 12, 20))
    await quoted(door, "0.05", date(2026, 1, 20))
    quote = await door.call(ask)
    assert Decimal(quote.nominal_interest_rate.value) == Decimal("0.0335")
    loan_id = await opened(door)
    loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan_id))).loan
    assert Decimal(loan.nominal_interest_rate.value) == Decimal("0.0335")
    refusal = await door.refused(
        loan_account_pb2.OpenLoanAccountRequest(
            request_id=request_id(),
            customer_id="cus_1",
            product_id="serviced",
            principal=fen(1_200_000),
            account_id="acc_1",
            limit_id=loan.limit_id,
            hold_id=loan.hold_id,
            grade="BB",
            nominal_interest_rate=rate("0.04"),
        )
    )
    assert (refusal.reason, refusal.metadata["second"]) == ("CONVENTIONS_MUST_AGREE", "servicing.interest.floating")


async def test_the_rate_changes_on_its_day_by_itself_and_once(door: Door) -> None:
    loan_id = await floating_loan(door)
    agreed = await interest_of(door, loan_id)
    await quoted(door, "0.06", date(2026, 2, 20))
    assert await interest_of(door, loan_id) == agreed
    await paid(door, loan_id, date(2026, 2, 5), date(2026, 3, 4))
    agreed = await interest_of(door, loan_id)
    await close(door, date(2026, 3, 4))
    assert await repricings(door, loan_id) == []
    forget()
    await close(door, date(2026, 3, 5))
    assert await repricings(door, loan_id) == [("3-5", "0.0635", "changed")]
    dearer = await interest_of(door, loan_id)
    assert dearer[:2] == agreed[:2]
    # The third period bears one night more at 3.35 %, the second having been paid a day early, then 31 at 6.35 %.
    assert dearer[2] / agreed[2] == pytest.approx((3.35 + 31 * 6.35) / (32 * 3.35), rel=1e-3)
    await close(door, date(2026, 3, 6))
    await door.call(v1.RepriceLoanRequest(request_id=request_id(), loan_id=loan_id))
    await door.call(v1.RepriceDueLoansRequest(request_id=request_id()))
    (told,) = await door.facts(v1.LoanRepriced)
    assert (told.repricing.rate_before.value, told.repricing.quoted_on) == ("0.0335", day(2026, 2, 20))
    loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan_id))).loan
    assert Decimal(loan.nominal_interest_rate.value) == Decimal("0.0635")
    history = (await door.call(loan_account_pb2.ListLoanOperationsRequest(loan_id=loan_id))).operations
    assert "LPR-1Y 2026-02-20 v1" in history[-1].content


async def test_days_that_were_missed_are_passed_in_order_and_an_equal_rate_changes_nothing(door: Door) -> None:
    loan_id = await floating_loan(door)
    await quoted(door, "0.06", date(2026, 4, 20))
    door.today(date(2026, 6, 1))
    reply = await door.call(v1.RepriceLoanRequest(request_id=request_id(), loan_id=loan_id))
    assert (len(reply.repricings), reply.HasField("next_on")) == (2, False)
    assert await repricings(door, loan_id) == [("3-5", "0.0335", "same"), ("5-5", "0.0635", "changed")]


async def test_a_quote_that_is_corrected_is_taken_again(door: Door) -> None:
    loan_id = await floating_loan(door)
    await quoted(door, "0.06", date(2026, 2, 20))
    await close(door, date(2026, 5, 6))
    dear = await interest_of(door, loan_id)
    # The account is told from its checkpoint alone, and goes back to the very rate it was opened at.
    forget()
    await quoted(door, "0.03", date(2026, 2, 20), version=2)
    assert await repricings(door, loan_id) == [("3-5", "0.0335", "changed"), ("5-5", "0.0335", "same")]
    assert sum(await interest_of(door, loan_id)) < sum(dear)
    forget()
    await quoted(door, "0.04", date(2026, 4, 20))
    assert (await repricings(door, loan_id))[-1] == ("5-5", "0.0435", "changed")


@pytest.mark.parametrize(("bounds", "expected"), [({"cap": "0.05"}, "0.05"), ({"floor": "0.0701"}, "0.0701")])
async def test_a_cap_and_a_floor_bound_the_rate(door: Door, bounds: dict[str, str], expected: str) -> None:
    loan_id = await floating_loan(door, **{name: rate(text) for name, text in bounds.items()})
    await quoted(door, "0.06", date(2026, 2, 20))
    await close(door, date(2026, 3, 5))
    assert (await repricings(door, loan_id))[0][1] == expected


async def test_a_rate_follows_with_each_period(door: Door) -> None:
    loan_id = await floating_loan(door, rule=servicing_pb2.REPRICING_RULE_NEXT_PERIOD, reprice_every_months=1)
    for month in range(2, 6):
        await quoted(door, f"0.0{month}", date(2026, month, 1))
    await close(door, date(2026, 7, 5))
    assert [(on, found) for on, found, _ in await repricings(door, loan_id)] == [
        ("2-5", "0.0235"), ("3-5", "0.0335"), ("4-5", "0.0435"), ("5-5", "0.0535"), ("6-5", "0.0535")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        (servicing_pb2.PRINCIPAL_PLAN_EQUAL_PRINCIPAL, {}),
        (servicing_pb2.PRINCIPAL_PLAN_BULLET, {}),
        (servicing_pb2.PRINCIPAL_PLAN_BALLOON, {"balloon": fen(600_000)}),
        (servicing_pb2.PRINCIPAL_PLAN_INTEREST_ONLY_THEN_EQUAL_INSTALMENTS, {"interest_only": 2}),
        (
            servicing_pb2.PRINCIPAL_PLAN_STEPS,
            {"steps": STEPS},
        ),
    ],
)  # fmt: skip
async def test_every_plan_follows_a_quote(door: Door, plan: Any, more: dict[str, Any]) -> None:
    await quoted(door, "0.03", date(2025, 12, 20))
    servicing = conventions(
        interest=interest_convention(floating=floating()), repayment=repayment_convention(amortization=plan, **more)
    )
    kinds = {
        servicing_pb2.PRINCIPAL_PLAN_EQUAL_PRINCIPAL: product_pb2.AMORTISATION_EQUAL_PRINCIPAL,
        servicing_pb2.PRINCIPAL_PLAN_BULLET: product_pb2.AMORTISATION_BULLET,
    }
    amortisation = kinds.get(plan, product_pb2.AMORTISATION_EQUAL_INSTALMENT)
    await publish(door, serviced_product(servicing, amortisation=amortisation))
    loan_id = await lent(door)
    await hear(door)
    agreed = [line for line in (await account_of(door, loan_id)).plan if line.number > 0]
    await quoted(door, "0.06", date(2026, 2, 20))
    await paid(door, loan_id, date(2026, 2, 5), date(2026, 3, 5))
    await close(door, date(2026, 3, 5))
    plan_now = [line for line in (await account_of(door, loan_id)).plan if line.number > 0]
    assert [line.due for line in plan_now[:2]] == [line.due for line in agreed[:2]]
    assert plan_now[2].due.interest.minor_units / agreed[2].due.interest.minor_units == pytest.approx(
        6.35 / 3.35, rel=1e-3
    )
    assert sum(line.due.principal.minor_units for line in plan_now) == 1_200_000
    if plan == servicing_pb2.PRINCIPAL_PLAN_BALLOON:
        assert plan_now[-1].due.principal.minor_units > 600_000


async def test_a_loan_that_cannot_follow_is_told_and_holds_up_no_other(door: Door) -> None:
    loan_id = await floating_loan(door)
    other = await lent(door)
    await hear(door)
    await quoted(door, "0.06", date(2026, 2, 20))
    door.today(date(2026, 3, 5))
    await door.call(loan_exit_pb2.WriteOffLoanRequest(request_id=request_id(), loan_id=loan_id))
    await close(door, date(2026, 3, 5))
    assert await repricings(door, loan_id) == []
    assert len(await repricings(door, other)) == 1
    refusal = await door.refused(v1.RepriceLoanRequest(request_id=request_id(), loan_id="loan_none"))
    assert refusal.reason == "LOAN_NOT_FOUND"


async def test_a_fixed_loan_is_not_repriced(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    await hear(door)
    refusal = await door.refused(v1.RepriceLoanRequest(request_id=request_id(), loan_id=loan_id))
    assert refusal.reason == "FLOATING_LOAN_NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"rule": servicing_pb2.REPRICING_RULE_FIXED_DAY}, "interest.floating.fixed_day"),
        ({"fixed_day": day(2026, 6, 21)}, "interest.floating.fixed_day"),
        ({"rule": NEW_YEAR, "reprice_every_months": 6}, "interest.floating.reprice_every_months"),
        ({"rule": servicing_pb2.REPRICING_RULE_EVERY_MONTHS, "reprice_on_new_year": True}, "interest.floating.rule"),
        ({"floor": rate("0.05"), "cap": rate("0.04")}, "interest.floating.floor"),
    ],
)  # fmt: skip
async def test_contradictions_name_both(door: Door, changes: dict[str, Any], first: str) -> None:
    servicing = conventions(interest=interest_convention(floating=floating(**changes)))
    ask = product_pb2.PublishProductRequest(request_id=request_id(), product=serviced_product(servicing))
    refusal = await door.refused(ask)
    assert (refusal.reason, refusal.metadata["first"]) == ("CONVENTIONS_MUST_AGREE", first)
