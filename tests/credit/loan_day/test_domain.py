"""What a night adds to a contract, exactly; and the set-based statement held against the rules for one contract."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from zhongtai.credit.loan_day import carrying, domain, engine, store
from zhongtai.credit.loan_day.domain import LOSS_UNIT, LoanDay, NightRates, Period, Profile, Standing
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, Instalment, accrued_interest, repayment_schedule

NIGHT = timedelta(days=1)
TODAY = date(2026, 7, 1)
RULES = store.rule_versions()[0]
RATES_OF_YEARS = st.decimals("0", "0.36", places=6)


def profile(rate: Decimal, day_count: DayCount) -> Profile:
    return Profile("p", "CNY", "BB", rate, day_count, "EQUAL_INSTALMENT", 2030 * 12)


def rates_of(of: Profile, on: date) -> NightRates:
    (rates,) = engine.night_rates([of], on, engine.by_grade(RULES))
    return rates


@given(
    principal=st.integers(100_000, 10**11),
    of=st.builds(profile, RATES_OF_YEARS.filter(lambda rate: rate > Decimal("0.001")), st.sampled_from(DayCount)),
    amortisation=st.sampled_from(Amortisation),
    start=st.dates(date(2023, 1, 1), date(2027, 12, 31)),
    first=st.integers(0, 40),
)
def test_the_nights_of_a_loan_add_up_to_its_instalments_whatever_day_the_first_close_was(
    principal: int, of: Profile, amortisation: Amortisation, start: date, first: int
) -> None:
    schedule = repayment_schedule(
        principal=Money("CNY", principal),
        nominal_interest_rate=of.nominal_interest_rate,
        term_months=4,
        start=start,
        day_count=of.day_count,
        amortisation=amortisation,
    )
    begins = [start, *(one.due_date for one in schedule)]
    periods = [
        Period(one.number, begun, one.due_date, (one.balance + one.principal).minor_units)
        for one, begun in zip(schedule, begins, strict=False)
    ]
    on = start + NIGHT * first
    due = sum(one.interest.minor_units for one in schedule if one.due_date <= on)
    running = next((period for period in periods if period.ends_on > on), None)
    accrual = domain.opened(of, due, schedule[-1].number, running, on)
    while accrual.ends_on != domain.NEVER:
        before = _row(accrual, on)
        on += NIGHT
        rates = rates_of(of, on)
        if before.ends_on is not None and before.ends_on <= on:
            ended = (
                schedule[before.number - 1].interest.minor_units
                if len(schedule) > 1
                else schedule[0].interest.minor_units
            )
            assert before.accrued_minor == ended, "a period's nights are its instalment's interest"
            begun = next((period for period in periods if period.number == before.number + 1), None)
            accrual = domain.rolled(before, ended, begun, rates)
        else:
            accrual = domain.carried(before, rates)
        assert 2 * abs(accrual.remainder) <= of.unit
        running = next((period for period in periods if period.ends_on > on), None)
        assert accrual == domain.opened(of, _due(schedule, on), schedule[-1].number, running, on), "any day is as good"
    assert accrual.recognised_minor == sum(one.interest.minor_units for one in schedule)


def _due(schedule: Sequence[Instalment], on: date) -> int:
    return sum(one.interest.minor_units for one in schedule if one.due_date <= on)


def _row(accrual: domain.Accrual, on: date) -> LoanDay:
    return domain.row(
        accrual,
        Standing(1, None),
        None,
        place=0,
        profile=1,
        on=on,
        rules=RULES,
        rates=NightRates(0, 1, 0, 0, 0),
    )


@given(
    balance=st.integers(1, 10**11), rate=RATES_OF_YEARS, days=st.integers(0, 59), day_count=st.sampled_from(DayCount)
)
def test_what_accrued_is_what_a_pay_off_on_the_next_day_owes(
    balance: int, rate: Decimal, days: int, day_count: DayCount
) -> None:
    start = date(2027, 12, 10)
    on = start + NIGHT * days
    accrual = domain.opened(profile(rate, day_count), 0, 9, Period(1, start, date(2028, 3, 10), balance), on)
    assert (
        accrual.accrued_minor == accrued_interest(Money("CNY", balance), rate, start, on + NIGHT, day_count).minor_units
    )


def test_a_night_of_thirty_day_months_may_be_none_or_three() -> None:
    of = profile(Decimal("0.12"), DayCount.THIRTY_E_360)
    assert [of.nightly(day) for day in (date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 28))] == [0, 3, 9]
    leap = profile(Decimal("0.12"), DayCount.ACT_ACT)
    assert Fraction(leap.nightly(date(2028, 5, 1)), leap.unit) == Fraction(12, 100) / 366


@pytest.mark.parametrize(
    ("days", "before", "category", "stage"),
    [
        *((0, 0, 0, 1), (1, 0, 1, 1), (30, 1, 1, 1), (31, 1, 1, 2), (90, 1, 1, 2), (91, 1, 2, 3)),
        *((270, 2, 2, 3), (271, 2, 3, 3), (360, 3, 3, 3), (361, 3, 4, 3), (0, 4, 2, 3), (5, 2, 2, 3)),
    ],
)
def test_the_thresholds_are_exceeded_not_reached(days: int, before: int, category: int, stage: int) -> None:
    assert RULES.category(days, before) == category
    assert RULES.stage(days, category) == stage


@st.composite
def rows(draw: st.DrawFn) -> tuple[LoanDay, NightRates]:
    """A row of the day before, and what the night makes of its profile, as wide as a statement takes them."""
    of = profile(draw(RATES_OF_YEARS), draw(st.sampled_from(DayCount)))
    accruing = draw(st.integers(0, 10**12).filter(lambda balance: not of.is_too_wide(balance)))
    late = draw(st.one_of(st.none(), st.integers(-40, 400)))
    unit = of.unit
    losses = draw(st.lists(st.integers(0, LOSS_UNIT), min_size=3, max_size=3))
    row = LoanDay(
        business_date=TODAY - NIGHT,
        place=0,
        profile=1,
        number=draw(st.integers(1, 36)),
        ends_on=TODAY + NIGHT * draw(st.integers(1, 30)),
        accruing_minor=accruing,
        accrued_minor=draw(st.integers(0, 10**9)),
        remainder=draw(st.integers(-(unit // 2), unit // 2)),
        recognised_minor=draw(st.integers(0, 10**12)),
        accrual_minor=0,
        outstanding_minor=draw(st.integers(0, 9 * 10**17)),
        oldest_due_date=None if late is None else TODAY - NIGHT * late,
        days_past_due=max((late or 0) - 1, 0),
        category=draw(st.integers(0, 4)),
        stage=draw(st.integers(1, 3)),
        allowance_minor=draw(st.integers(0, 10**9)),
        allowance_change_minor=0,
        moved=False,
    )
    return row, NightRates(of.nightly(TODAY), unit, *losses)


@given(st.lists(rows(), min_size=1, max_size=8))
def test_the_statement_makes_the_rows_the_rules_make(given_rows: list[tuple[LoanDay, NightRates]]) -> None:
    befores = [replace(row, place=place, profile=place + 1) for place, (row, _) in enumerate(given_rows)]
    made = [
        domain.row(
            domain.carried(before, rates),
            Standing(before.outstanding_minor, before.oldest_due_date),
            before,
            place=before.place,
            profile=before.profile,
            on=TODAY,
            rules=RULES,
            rates=rates,
        )
        for before, (_, rates) in zip(befores, given_rows, strict=True)
    ]
    assert carried(befores, [rates for _, rates in given_rows]) == made


def carried(befores: list[LoanDay], rates: list[NightRates]) -> list[LoanDay]:
    """What the statement makes of rows, on SQLite."""
    with create_engine("sqlite://").begin() as connection:
        store.metadata.create_all(connection)
        for number, of_night in enumerate(rates, start=1):
            known = {"product_id": "p", "currency": "CNY", "grade": str(number), "nominal_interest_rate": "0"}
            night = {name: getattr(of_night, name) for name in NightRates.__slots__}
            more = {"profile": number, "day_count": "ACT_365", "amortisation": "", "maturity_month": 0}
            connection.execute(store.PROFILE.insert(), known | more | night)
        connection.execute(store.LOAN_DAY.insert(), [store.loan_days.row(before) for before in befores])
        dates = {"on_date": TODAY.isoformat(), "previous": (TODAY - NIGHT).isoformat()}
        connection.execute(carrying.carry(RULES), dates | {"first": 0, "last": store.PARTITION - 1})
        found = connection.execute(
            store.LOAN_DAY.select().where(store.LOAN_DAY.c.business_date == TODAY.isoformat()).order_by("place")
        )
        return [store.loan_days.value(row) for row in found]


def test_what_could_leave_64_bits_is_closed_by_hand() -> None:
    fine = profile(Decimal("0.123456789123"), DayCount.ACT_ACT)
    assert fine.is_too_wide(100_000)
    assert not profile(Decimal("0.0435"), DayCount.ACT_365).is_too_wide(10**13)
    assert not profile(Decimal("0.123456"), DayCount.ACT_ACT).is_too_wide(10**10)


def test_grades_the_rules_do_not_name_lose_as_any_other() -> None:
    named, other = (
        replace(profile(Decimal("0.12"), DayCount.ACT_365), grade=grade) for grade in ("BB", "no such grade")
    )
    rates = engine.night_rates([named, other], TODAY, engine.by_grade(RULES))
    assert (rates[0].loss_1, rates[1].loss_1) == (8_000_000, 15_000_000)
    assert rates[0].allowance(125, 1) == rounded(125 * 8_000_000, LOSS_UNIT)
    assert engine.night_rates([], TODAY, engine.by_grade(RULES)) == []


def test_the_rules_stand_from_the_mildest_to_the_worst() -> None:
    for rules in store.rule_versions():
        categories = [step.more_than_days_past_due for step in rules.categories]
        stages = [step.more_than_days_past_due for step in rules.stages]
        assert (categories, stages) == (sorted(set(categories)), sorted(set(stages)))
    assert store.rules_on(date(2019, 1, 1)) == store.rules_on(TODAY) == RULES
