"""Loans as contracts of the standard: they pay what the loan's own schedule says, or they are refused by name."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.credit.examples import TWELVE_PERCENT, cny
from zhongtai.credit.actus_contract import domain
from zhongtai.credit.actus_contract.domain import (
    CashFlow,
    ContractMustFollowSchedule,
    ConventionMustHaveActusTerm,
    LoanMustBeInForce,
    Planned,
)
from zhongtai.credit.backing.domain import Backing
from zhongtai.credit.loan.domain import Application, LoanStatus, open_loan, quote
from zhongtai.credit.loan.domain import Terms as AgreedTerms
from zhongtai.credit.loan_account.domain import NOTHING, PlanRow
from zhongtai.credit.loan_account.performing import tables
from zhongtai.credit.product.domain import Product
from zhongtai.credit.v1 import product_pb2
from zhongtai.kernel.actus.codes import ContractType
from zhongtai.kernel.actus.observed import MarketNotObserved
from zhongtai.kernel.actus.terms import Terms, mapping_of, terms_of
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import Amortisation, months_later
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing import terms as kernel
from zhongtai.kernel.servicing.account import Account
from zhongtai.runtime.convert import value_of
from zhongtai.runtime.seeds import seeds

START = date(2026, 1, 5)
KINDS = {
    Amortisation.EQUAL_INSTALMENT: ContractType.ANN,
    Amortisation.EQUAL_PRINCIPAL: ContractType.LAM,
    Amortisation.INTEREST_ONLY: ContractType.PAM,
    Amortisation.BULLET: ContractType.PAM,
}
SHIPPED = [
    value_of(seed.product, Product) for seed in seeds("credit") if isinstance(seed, product_pb2.PublishProductRequest)
]
AGREED = AgreedTerms(
    principal=cny(1_200_000),
    nominal_interest_rate=TWELVE_PERCENT,
    amortisation=Amortisation.EQUAL_PRINCIPAL,
    day_count=DayCount.ACT_365,
    term_months=12,
    start_date=START,
)


def paid(flows: Sequence[CashFlow], *types: str) -> dict[date, int]:
    """What events of those types pay, by day, in fen; days on which nothing is paid left out."""
    by_day: dict[date, int] = {}
    for flow in flows:
        if flow.event_type in types:
            by_day[flow.on] = by_day.get(flow.on, 0) + flow.payoff.minor_units
    return {day: amount for day, amount in by_day.items() if amount}


def planned(plan: Sequence[Planned], part: str) -> dict[date, int]:
    """What a schedule says of a part, by day, in fen."""
    amounts = {line.due_date: getattr(line, part).minor_units for line in plan}
    return {day: amount for day, amount in amounts.items() if amount}


def must_be_alike(flows: Sequence[CashFlow], plan: Sequence[Planned], *, fen: int) -> None:
    """Principal and interest of each day, to so many fen."""
    for part, types in (("principal", ("PR", "MD")), ("interest", ("IP",))):
        told, due = paid(flows, *types), planned(plan, part)
        assert all(abs(told.get(day, 0) - due.get(day, 0)) <= fen for day in {*told, *due}), part


# Loans that follow the schedule agreed


@pytest.mark.parametrize("product", SHIPPED, ids=lambda product: product.product_id)
@pytest.mark.parametrize("start", [START, date(2024, 1, 31), date(2023, 11, 30), date(2024, 2, 29)])
def test_every_shipped_product_is_a_contract_that_pays_its_schedule(product: Product, start: date) -> None:
    for amount, months in ((product.minimum_amount, product.minimum_term_months), (product.maximum_amount, 12)):
        agreed = AgreedTerms(
            amount, product.nominal_interest_rate, product.amortisation, product.day_count, months, start
        )
        plan = quote(agreed).instalments
        terms = domain.agreed("one", agreed, plan)
        assert terms.contract_type is KINDS[product.amortisation]
        flows = domain.flows(terms)
        assert paid(flows, "IED") == {start: -amount.minor_units}
        assert sum(paid(flows, "PR", "MD").values()) == pytest.approx(amount.minor_units, abs=months)
        assert flows[-1].notional_principal == cny(0)
        if product.amortisation is not Amortisation.EQUAL_INSTALMENT:
            # Rounded to the fen, what differs by less than half of one is the same.
            must_be_alike(flows, plan, fen=0)
            continue
        # The interest of an equal instalment is rounded, and what it was rounded by stays owed: so the last pays it.
        totals, due = paid(flows, "PR", "MD", "IP"), planned(plan, "total")
        last = max(due)
        assert all(abs(totals[day] - amount) <= 1 for day, amount in due.items() if day != last)
        assert abs(totals[last] - due[last]) <= months
        must_be_alike(flows, plan, fen=(months + 1) // 2)


def test_all_four_amortisations_are_shipped() -> None:
    assert {product.amortisation for product in SHIPPED} == set(Amortisation)


agreements = st.builds(
    AgreedTerms,
    principal=st.integers(100_000, 100_000_000).map(cny),
    nominal_interest_rate=st.decimals("0", "0.24", places=4),
    amortisation=st.sampled_from(Amortisation),
    day_count=st.sampled_from(DayCount),
    term_months=st.integers(1, 60),
    start_date=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
)


@settings(max_examples=60)
@given(agreed=agreements)
def test_a_loan_as_agreed_always_is_a_contract(agreed: AgreedTerms) -> None:
    try:
        plan = quote(agreed).instalments
    except Refusal:
        assume(condition=False)
    terms = domain.agreed("one", agreed, plan)
    assert terms_of(mapping_of(terms)) == terms
    must_be_alike(domain.flows(terms), plan, fen=agreed.term_months)


def test_the_terms_have_the_names_of_the_standard() -> None:
    agreed = replace(AGREED, term_months=3)
    assert mapping_of(domain.agreed("loan_1", agreed, quote(agreed).instalments)) == {
        "contractID": "loan_1",
        "contractType": "LAM",
        "currency": "CNY",
        "statusDate": "2026-01-04T00:00:00",
        "contractRole": "RPA",
        "cycleAnchorDateOfInterestPayment": "2026-02-05T00:00:00",
        "cycleAnchorDateOfPrincipalRedemption": "2026-02-05T00:00:00",
        "cycleOfInterestPayment": "P1ML1",
        "cycleOfPrincipalRedemption": "P1ML1",
        "dayCountConvention": "A365",
        "initialExchangeDate": "2026-01-05T00:00:00",
        "maturityDate": "2026-04-05T00:00:00",
        "nextPrincipalRedemptionPayment": "4000.00",
        "nominalInterestRate": "0.12",
        "notionalPrincipal": "12000.00",
    }


@pytest.mark.parametrize(("part", "fen"), [("principal", 2), ("interest", 2), ("principal", -2)])
def test_a_contract_that_pays_other_than_its_schedule_is_refused(part: str, fen: int) -> None:
    first, *others = quote(AGREED).instalments
    wrong = replace(first, **{part: getattr(first, part) + cny(fen)})
    with pytest.raises(ContractMustFollowSchedule) as refused:
        domain.agreed("one", AGREED, [wrong, *others])
    assert (refused.value.on, refused.value.part) == (first.due_date, part)
    assert refused.value.scheduled - refused.value.told == cny(fen)


def test_lines_of_one_day_count_together() -> None:
    first, *others = plan = quote(AGREED).instalments
    parts = [replace(first, interest=cny(0)), replace(first, principal=cny(0))]
    assert domain.agreed("one", AGREED, [*parts, *others]) == domain.agreed("one", AGREED, plan)


def test_a_day_the_contract_does_not_pay_on_is_refused() -> None:
    first, *others = quote(AGREED).instalments
    with pytest.raises(ContractMustFollowSchedule):
        domain.agreed("one", AGREED, [replace(first, due_date=date(2026, 2, 6)), *others])
    beyond = replace(first, due_date=date(2027, 2, 5))
    with pytest.raises(ContractMustFollowSchedule) as refused:
        domain.agreed("one", AGREED, [first, *others, beyond])
    assert (refused.value.on, refused.value.told) == (beyond.due_date, cny(0))


@pytest.mark.parametrize("status", LoanStatus)
def test_only_what_is_agreed_and_not_settled_is_in_force(status: LoanStatus) -> None:
    application = Application("cus", "product", "acc", "limit", "hold", "BB", None, "")
    backing = Backing(customer_id="cus", product_line="line", held=cny(1_200_000), loan_id=None)
    loan, _ = open_loan("one", application, AGREED, product_version=1, product_line="line", backing=backing)
    if status in {LoanStatus.PENDING, LoanStatus.ACTIVE}:
        domain.must_be_in_force(replace(loan, status=status))
        return
    with pytest.raises(LoanMustBeInForce):
        domain.must_be_in_force(replace(loan, status=status))


# Loans that are serviced by conventions

ORDER = tuple(kernel.Bucket(when, part) for when in kernel.Dueness for part in reversed(kernel.Component))
PLANS: dict[kernel.Amortization, dict[str, Any]] = {
    kernel.Amortization.EQUAL_INSTALMENTS: {},
    kernel.Amortization.EQUAL_PRINCIPAL: {},
    kernel.Amortization.BULLET: {},
    kernel.Amortization.BALLOON: {"balloon": 400_000},
    kernel.Amortization.INTEREST_ONLY_THEN_EQUAL_INSTALMENTS: {"interest_only": 3},
    kernel.Amortization.STEPS: {"steps": (kernel.Step(4, Decimal("1.2")),)},
    kernel.Amortization.CUSTOM: {"custom_principal": (150_000, 50_000) * 6},
}
TYPES = {
    kernel.Amortization.EQUAL_INSTALMENTS: ContractType.ANN,
    kernel.Amortization.EQUAL_PRINCIPAL: ContractType.LAM,
    kernel.Amortization.BULLET: ContractType.PAM,
    kernel.Amortization.BALLOON: ContractType.ANN,
    kernel.Amortization.INTEREST_ONLY_THEN_EQUAL_INSTALMENTS: ContractType.ANN,
    kernel.Amortization.STEPS: ContractType.LAX,
    kernel.Amortization.CUSTOM: ContractType.LAX,
}
DAYS = [
    (kernel.DaysInMonth.THIRTY, kernel.DaysInYear.D360),
    (kernel.DaysInMonth.ACTUAL, kernel.DaysInYear.D360),
    (kernel.DaysInMonth.ACTUAL, kernel.DaysInYear.D365),
    (kernel.DaysInMonth.ACTUAL, kernel.DaysInYear.ACTUAL),
]
INTEREST = kernel.Interest(rate=Decimal(12), days_in_year=kernel.DaysInYear.D365)
TERMS = kernel.Terms(
    currency="CNY",
    principal=1_200_000,
    submitted_on=START,
    expected_disbursement_on=START,
    repayment=kernel.Repayment(instalments=12),
    interest=INTEREST,
    allocation=kernel.Allocation(waterfalls={"DEFAULT": kernel.Waterfall(ORDER)}),
    recalculation=kernel.InterestRecalculation(),
)


def plan_of(account: Account) -> tuple[PlanRow, ...]:
    """The plan of an account as it stands."""
    return tables("one", account, NOTHING).plan


def instalments_of(plan: Sequence[PlanRow]) -> list[PlanRow]:
    """Its lines that are no disbursements."""
    return [row for row in plan if row.number > 0]


@pytest.mark.parametrize("amortization", kernel.Amortization)
@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize(("start", "every"), [(START, 1), (date(2023, 11, 15), 2), (date(2024, 2, 28), 1)])
def test_every_plan_of_the_conventions_is_a_contract(
    amortization: kernel.Amortization, days: tuple[kernel.DaysInMonth, kernel.DaysInYear], start: date, every: int
) -> None:
    in_month, in_year = days
    terms = replace(
        TERMS,
        submitted_on=start,
        expected_disbursement_on=start,
        repayment=kernel.Repayment(instalments=12, every=every, amortization=amortization, **PLANS[amortization]),
        interest=replace(INTEREST, days_in_month=in_month, days_in_year=in_year),
    )
    plan = plan_of(Account(terms))
    contract = domain.serviced("one", terms, plan)
    assert contract.contract_type is TYPES[amortization]
    assert terms_of(mapping_of(contract)) == contract
    flows = domain.flows(contract)
    assert paid(flows, "IED") == {start: -1_200_000}
    assert flows[-1].on == months_later(start, 12 * every)
    # What an instalment is rounded by stays owed until the last one.
    must_be_alike(flows, instalments_of(plan), fen=6)


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"repayment": kernel.Repayment(instalments=12, every=2, unit=kernel.Unit.WEEKS)}, "repayment.unit"),
        ({"repayment": kernel.Repayment(instalments=12, fixed_length_days=360)}, "repayment.fixed_length_days"),
        ({"repayment": kernel.Repayment(instalments=12, interest_free=1)}, "repayment.interest_free"),
        ({"repayment": kernel.Repayment(instalments=12, grace_interest_payment=1)}, "repayment.grace_interest_payment"),
        ({"interest": replace(INTEREST, method=kernel.InterestMethod.FLAT)}, "interest.method"),
        ({"interest": replace(INTEREST, leap_year=kernel.LeapYear.FEB_29_PERIOD_ONLY)}, "interest.leap_year"),
        ({"interest": replace(INTEREST, days_in_year=kernel.DaysInYear.D364)}, "interest.days_in_year"),
        ({"interest": replace(INTEREST, on_disbursement_day=True)}, "interest.on_disbursement_day"),
        ({"down_payment": kernel.DownPayment(Decimal(25))}, "down_payment"),
        ({"tranches": kernel.Tranches()}, "tranches"),
        (
            {"charges": (kernel.Charge("fee", kernel.ChargeTime.INSTALMENT, kernel.ChargeBasis.FLAT, 100),)},
            "charges",
        ),
        (
            {
                "repayment": kernel.Repayment(
                    instalments=12, amortization=kernel.Amortization.CUSTOM, custom_principal=(100_000,) * 12
                ),
                "interest": replace(INTEREST, floating=kernel.FloatingRate("1Y", Decimal(1))),
            },
            "interest.floating",
        ),
    ],
)
def test_what_the_standard_has_no_term_for_is_refused_by_name(changed: dict[str, Any], parameter: str) -> None:
    terms = replace(TERMS, **changed)
    with pytest.raises(ConventionMustHaveActusTerm) as refused:
        domain.serviced("one", terms, plan_of(Account(TERMS)))
    assert refused.value.parameter == parameter


def test_penalties_for_being_late_are_no_part_of_the_contract() -> None:
    late = kernel.Charge("late", kernel.ChargeTime.OVERDUE, kernel.ChargeBasis.FLAT, 100, penalty=True)
    terms = replace(TERMS, charges=(late,))
    assert domain.serviced("one", terms, plan_of(Account(terms))) == domain.serviced(
        "one", TERMS, plan_of(Account(TERMS))
    )


def lent(on: date = START) -> Account:
    """An account whose loan was disbursed whole on the day."""
    account = Account(TERMS)
    account.apply(do.Approve(reference="a", booked_on=on, dated=on, amount=1_200_000, expected_disbursement_on=on))
    account.apply(do.Disburse(reference="b", booked_on=on, dated=on, amount=1_200_000))
    return account


def payment(on: date, amount: int) -> do.Pay:
    """A repayment of the day."""
    return do.Pay(reference=f"paid {on}", booked_on=on, dated=on, amount=amount)


def test_an_account_is_a_contract_from_the_day_it_was_disbursed_and_while_it_is_paid() -> None:
    on = date(2026, 1, 12)
    account = lent(on)
    agreed = domain.serviced("one", TERMS, plan_of(account))
    assert paid(domain.flows(agreed), "IED") == {on: -1_200_000}
    first = instalments_of(plan_of(account))[0]
    account.apply(payment(first.due_date, first.total.minor_units))
    assert domain.serviced("one", TERMS, plan_of(account)) == agreed


def test_an_account_whose_plan_was_changed_is_refused() -> None:
    account = lent()
    early = date(2026, 1, 20)
    account.apply(payment(early, 500_000))
    with pytest.raises(ContractMustFollowSchedule):
        domain.serviced("one", TERMS, plan_of(account))


# Floating rates


def floating(*, new_year: bool) -> Terms:
    """A contract whose rate follows the loan prime rate, 35 basis points above it."""
    follows = kernel.FloatingRate("1Y", Decimal("0.35"), 6, reprice_on_new_year=new_year)
    terms = replace(TERMS, interest=replace(INTEREST, floating=follows))
    return domain.serviced("one", terms, plan_of(Account(terms)))


def test_a_floating_rate_names_its_benchmark_and_its_days() -> None:
    told = mapping_of(floating(new_year=False))
    assert told["marketObjectCodeOfRateReset"] == "LPR-1Y"
    assert Decimal(told["rateSpread"]) == Decimal("0.0035")
    assert told["cycleOfRateReset"] == "P6ML1"
    assert told["cycleAnchorDateOfRateReset"] == "2026-07-05T00:00:00"
    assert mapping_of(floating(new_year=True))["cycleAnchorDateOfRateReset"] == "2027-01-01T00:00:00"


def test_its_cash_flows_need_the_benchmark_and_follow_it() -> None:
    contract = floating(new_year=False)
    with pytest.raises(MarketNotObserved):
        domain.flows(contract)
    dear, cheap = (
        domain.flows(contract, [("LPR-1Y", date(2026, 6, 20), Decimal(quote)), ("LPR-1Y", START, Decimal("0.5"))])
        for quote in ("0.2", "0.03")
    )
    reset = date(2026, 7, 5)
    assert [flow for flow in dear if flow.on < reset] == [flow for flow in cheap if flow.on < reset]
    assert sum(paid(dear, "IP").values()) > sum(paid(cheap, "IP").values())
    assert [flow.event_type for flow in dear if flow.event_type.startswith("RR")] == ["RR"]
