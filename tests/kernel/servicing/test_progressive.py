"""The progressive interest model: figures of published schedules, and sums that hold whatever happens to a loan."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.servicing.interest.factors import InterestRules, RateFactors
from zhongtai.kernel.servicing.interest.model import InterestModel
from zhongtai.kernel.servicing.interest.reage import NewPeriods, equal_shares, re_age, re_amortise
from zhongtai.kernel.servicing.interest.spans import add_units, next_due, repayment_spans, units_between
from zhongtai.kernel.servicing.terms import (
    Amortization,
    DaysInMonth,
    DaysInYear,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    Step,
    Unit,
)

START = date(2024, 1, 1)
THIRTY_360 = {"year": DaysInYear.D360, "month": DaysInMonth.THIRTY}


def lent(amount: int = 10_000, count: int = 6, start: date = START, rate: str = "7", **others: Any) -> InterestModel:
    """A loan lent in full on its first day, by 30/360 unless said otherwise."""
    rules = InterestRules(rate=Decimal(rate), count=count, **(THIRTY_360 | others))
    model = InterestModel.open(repayment_spans(start, rules.unit, rules.every, count), rules)
    model.disburse(start, amount)
    return model


def plan(model: InterestModel) -> list[tuple[int, int]]:
    return [(period.due_principal, period.due_interest) for period in model.periods]


def pay_period(model: InterestModel, index: int, on: date) -> None:
    """Pays all that a period asks for on a day."""
    period = model.periods[index]
    due = model.due_amounts(period.start, period.due, on)
    model.pay_interest(period.start, period.due, on, due.interest)
    model.pay_principal(period.start, period.due, on, due.principal)


def owes_what_was_lent(model: InterestModel) -> bool:
    return sum(period.due_principal for period in model.periods) == model.total_principal


# -- figures --


def test_a_level_loan_has_the_instalments_the_reference_prints() -> None:
    """100.00 at 7 % over six months, 30/360: 17.01 a month. SOURCE: apache/fineract, schedule scenarios."""
    assert plan(lent()) == [(1643, 58), (1652, 49), (1662, 39), (1672, 29), (1681, 20), (1690, 10)]


def test_every_convention_repays_exactly_what_was_lent() -> None:
    for method in InterestMethod:
        for period in InterestPeriod:
            each_alone: list[dict[str, Any]] = [{"grace_principal": 2}, {"grace_interest": 1}, {"multiple": 100}, {}]
            for others in each_alone:
                model = lent(100_003, 7, method=method, period=period, **others)
                assert owes_what_was_lent(model), (method, period, others)


def test_a_leap_day_weighs_only_on_the_period_that_holds_it() -> None:
    rules = InterestRules(
        rate=Decimal(10), year=DaysInYear.ACTUAL, month=DaysInMonth.ACTUAL, leap_year=LeapYear.FEB_29_PERIOD_ONLY
    )
    factors = RateFactors(rules)
    rate = Decimal("0.1")
    february, march = (date(2024, 2, 1), date(2024, 3, 1)), (date(2024, 3, 1), date(2024, 4, 1))
    assert factors.of_instalment(rate, *february, february) == (rate * 29 / 366).quantize(Decimal("1e-19"))
    assert factors.of_instalment(rate, *march, march) == (rate * 31 / 365).quantize(Decimal("1e-19"))


def test_a_run_across_new_year_counts_each_part_over_its_own_year() -> None:
    factors = RateFactors(InterestRules(rate=Decimal(10)))
    run = (date(2023, 12, 1), date(2024, 1, 1))
    expected = Decimal("0.1") * (Decimal(30) / 365 + Decimal(1) / 366)
    assert abs(factors.of_instalment(Decimal("0.1"), *run, run) - expected) < Decimal("1e-18")


def test_a_day_of_the_month_that_is_missing_comes_back() -> None:
    dues = [span.due for span in repayment_spans(date(2023, 10, 31), Unit.MONTHS, 1, 5)]
    assert dues == [date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 60), st.sampled_from(list(Unit)[:4]))
def test_units_added_are_units_between(start: date, count: int, unit: Unit) -> None:
    end = add_units(start, unit, count)
    between = units_between(start, end, unit)
    assert between == count or (unit in (Unit.MONTHS, Unit.YEARS) and end.day < start.day and between == count - 1)
    assert next_due(start, unit, 1, start) > start


# -- payments --


def test_paid_on_time_nothing_changes() -> None:
    model, planned = lent(), plan(lent())
    for index, period in enumerate(list(model.periods)):
        pay_period(model, index, period.due)
    assert plan(model) == planned
    assert all(period.is_paid for period in model.periods)


def test_paid_in_advance_saves_the_interest_of_the_days_ahead() -> None:
    model = lent()
    pay_period(model, 0, date(2024, 1, 16))
    assert model.periods[0].due_interest < 58
    assert model.total_interest < sum(interest for _, interest in plan(lent()))
    assert owes_what_was_lent(model)


def test_overdue_principal_goes_on_bearing_interest_once() -> None:
    model = lent()
    model.recalculate_overdue(date(2024, 2, 15))
    first = plan(model)
    assert not model.recalculate_overdue(date(2024, 2, 15))
    assert plan(model) == first
    assert model.total_interest > sum(interest for _, interest in plan(lent()))
    assert owes_what_was_lent(model)


def test_interest_pauses_for_the_days_named() -> None:
    model = lent()
    model.pause_interest(date(2024, 2, 2), date(2024, 3, 1))
    assert model.periods[1].due_interest == 0
    assert owes_what_was_lent(model)


def test_a_new_rate_holds_from_its_day() -> None:
    model = lent()
    model.change_rate(date(2024, 3, 2), Decimal(0))
    assert [interest for _, interest in plan(model)] == [58, 49, 0, 0, 0, 0]
    assert owes_what_was_lent(model)


def test_of_several_rates_the_latest_begun_holds() -> None:
    model = lent()
    model.change_rate(date(2024, 2, 2), Decimal(0))
    model.change_rate(date(2024, 5, 2), Decimal(12))
    assert [interest for _, interest in plan(model)] == [58, 0, 0, 0, 33, 17]


def test_a_charge_back_is_owed_again_with_the_period_it_falls_in() -> None:
    model = lent()
    pay_period(model, 0, date(2024, 2, 1))
    model.credit_principal(date(2024, 2, 10), 1000)
    model.credit_interest(date(2024, 2, 10), 30)
    assert model.periods[1].due_principal == 1652 + 1000 - (model.periods[1].due_interest - 49 - 30)
    assert owes_what_was_lent(model)


def test_a_tranche_of_full_term_adds_its_own_instalments() -> None:
    model = lent(full_term_tranches=True)
    model.disburse(date(2024, 3, 1), 10_000)
    assert len(model.periods) == 8
    assert owes_what_was_lent(model)


def test_a_re_age_spreads_what_is_owed_over_new_periods() -> None:
    model = lent()
    pay_period(model, 0, date(2024, 2, 1))
    on = date(2024, 3, 15)
    model.recalculate_overdue(on)
    owed = model.total_principal - model.total_paid_principal
    re_age(model, on, date(2024, 3, 20), NewPeriods(date(2024, 4, 20), 1, Unit.MONTHS, 4), owed)
    assert [period.due for period in model.periods[-4:]] == [date(2024, month, 20) for month in (4, 5, 6, 7)]
    assert owes_what_was_lent(model)
    assert model.periods[1].due_principal == 0


def test_a_re_amortisation_leaves_nothing_past_due() -> None:
    model = lent()
    on = date(2024, 3, 15)
    model.recalculate_overdue(on)
    re_amortise(model, on)
    assert all(period.outstanding_principal == 0 for period in model.periods if period.due <= on)
    assert owes_what_was_lent(model)


@given(st.integers(1, 10**9), st.integers(1, 60), st.sampled_from([0, 100, 1000]))
def test_equal_shares_add_up(total: int, count: int, multiple: int) -> None:
    shares = equal_shares(total, count, multiple)
    if shares.value + shares.rest >= 0:
        assert sum(shares.share(index) for index in range(count)) == total


# -- whatever happens --


@st.composite
def loans(draw: st.DrawFn) -> InterestModel:
    """A loan of any convention, lent on its first day."""
    others: dict[str, Any] = {
        "year": draw(st.sampled_from(DaysInYear)),
        "month": draw(st.sampled_from(DaysInMonth)),
        "period": draw(st.sampled_from(InterestPeriod)),
        "multiple": draw(st.sampled_from([0, 100])),
    }
    start = draw(st.dates(date(2019, 1, 1), date(2026, 12, 31)))
    return lent(
        draw(st.integers(1_000, 10**8)), draw(st.integers(2, 12)), start, str(draw(st.integers(0, 40))), **others
    )


@given(loans(), st.lists(st.tuples(st.sampled_from("prcwba"), st.integers(1, 60), st.integers(1, 100)), max_size=3))
def test_principal_due_is_always_principal_lent(model: InterestModel, happenings: list[tuple[str, int, int]]) -> None:
    """Payments, new rates, charge-backs, pauses, further tranches and overdue days: the sums hold after each."""
    on = model.start
    for kind, days, share in happenings:
        on += timedelta(days=days)
        if on >= model.maturity:
            break
        model.recalculate_overdue(on)
        happen(model, kind, on, share)
        assert owes_what_was_lent(model), kind
        assert all(period.due_principal >= period.paid_principal for period in model.periods)
        assert all(period.due_interest >= period.paid_interest for period in model.periods)
        untouched = plan(model)
        model.outstanding_till(on)
        model.total_interest_on(on)
        assert plan(model) == untouched, "a question changes nothing"


def happen(model: InterestModel, kind: str, on: date, share: int) -> None:
    if kind == "p":
        index = next((index for index, each in enumerate(model.periods) if not each.is_paid), None)
        if index is not None:
            pay_period(model, index, on)
    elif kind == "r":
        model.change_rate(on, Decimal(share) / 4)
    elif kind == "c":
        model.credit_principal(on, share * 10)
    elif kind == "w":
        model.pause_interest(on, on + timedelta(days=share))
    elif kind == "b":
        model.disburse(on, share * 1000)
    else:
        model.capitalise(on, share * 10)


@pytest.mark.parametrize("days", [5, 40, 100])
def test_paying_what_is_outstanding_closes_the_loan(days: int) -> None:
    model = lent()
    on = START + timedelta(days=days)
    model.recalculate_overdue(on)
    owed = model.outstanding_till(on)
    paid_interest = paid_principal = 0
    for period in list(model.periods):
        due = model.due_amounts(period.start, period.due, on)
        interest = min(due.interest, owed.interest - paid_interest)
        principal = min(due.principal, owed.principal - paid_principal)
        model.pay_interest(period.start, period.due, on, interest)
        model.pay_principal(period.start, period.due, on, principal)
        paid_interest += interest
        paid_principal += principal
    assert (paid_principal, paid_interest) == (owed.principal, owed.interest)
    assert model.outstanding_till(model.maturity).principal == 0


@pytest.mark.parametrize(
    ("terms", "instalments"),
    [
        ({"amortization": Amortization.EQUAL_PRINCIPAL}, [1725, 1716, 1706, 1696, 1686, 1675]),
        ({"amortization": Amortization.BALLOON, "balloon": 5000}, [880, 880, 880, 880, 880, 5878]),
        (
            {"amortization": Amortization.STEPS, "steps": (Step(3, Decimal("1.5")), Step(5, Decimal(2)))},
            [1137, 1137, 1706, 1706, 2274, 2271],
        ),
        (
            {"amortization": Amortization.CUSTOM, "custom_principal": (1000, 1000, 2000, 2000, 2000)},
            [1058, 1052, 2047, 2035, 2023, 2012],
        ),
        ({"amortization": Amortization.BULLET, "grace_principal": 5}, [58, 58, 58, 58, 58, 10_058]),
    ],
)
def test_the_principal_comes_back_as_the_product_says(terms: dict[str, Any], instalments: list[int]) -> None:
    model = lent(**terms)
    assert [period.instalment for period in model.periods] == instalments
    assert owes_what_was_lent(model)
