"""What a night adds to a contract, exactly; and the set-based statement held against the rules for one contract."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import TextClause, create_engine

from zhongtai.credit.allowance.engine import table
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import Criterion, RuleSet
from zhongtai.credit.classification.engine import categories
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_day import carrying, domain, engine, store
from zhongtai.credit.loan_day.domain import LOSS_UNIT, LoanDay, NightRates, Period, Profile, Rules, Standing
from zhongtai.credit.v1.allowance_model_pb2 import PublishAllowanceModelRequest
from zhongtai.credit.v1.classification_pb2 import PublishClassificationRulesRequest
from zhongtai.kernel import ecl
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, Instalment, accrued_interest, repayment_schedule
from zhongtai.runtime.convert import value_of
from zhongtai.runtime.seeds import seeds

NIGHT = timedelta(days=1)
TODAY = date(2026, 7, 1)
RULE_SET = next(
    value_of(seed.rule_set, RuleSet) for seed in seeds("credit") if isinstance(seed, PublishClassificationRulesRequest)
)
MODEL = next(
    value_of(seed.model, AllowanceModel) for seed in seeds("credit") if isinstance(seed, PublishAllowanceModelRequest)
)
RULES = Rules.of(RULE_SET, MODEL)
RATES_OF_YEARS = st.decimals("0", "0.36", places=6)


def profile(rate: Decimal, day_count: DayCount) -> Profile:
    return Profile("p", "CNY", "BB", rate, day_count, "EQUAL_INSTALMENT", 2030 * 12)


def rates_of(of: Profile, on: date) -> NightRates:
    (rates,) = engine.night_rates([of], on, engine.by_model(MODEL))
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
    assert carried(befores, [rates for _, rates in given_rows], carrying.carry(RULES)) == made


@given(
    given_rows=st.lists(rows(), min_size=1, max_size=8),
    interest=st.integers(0, 10**9),
    next_balance=st.one_of(st.none(), st.integers(0, 10**12)),
)
def test_the_statement_begins_periods_as_the_rules_do(
    given_rows: list[tuple[LoanDay, NightRates]], interest: int, next_balance: int | None
) -> None:
    befores = [replace(row, place=place, profile=place + 1, ends_on=TODAY) for place, (row, _) in enumerate(given_rows)]
    made, instalments = [], []
    for before, (_, rates) in zip(befores, given_rows, strict=True):
        # What would be too wide is closed by hand.
        balance = None if next_balance is None else min(next_balance, before.accruing_minor)
        ends_on = TODAY + 31 * NIGHT
        begun = None if balance is None else Period(before.number + 1, TODAY, ends_on, balance)
        instalments.append(instalment(before.place, before.number, TODAY, interest, 0))
        if balance is not None:
            instalments.append(instalment(before.place, before.number + 1, ends_on, 0, balance))
        made.append(
            domain.row(
                domain.rolled(before, interest, begun, rates),
                Standing(before.outstanding_minor, before.oldest_due_date),
                before,
                place=before.place,
                profile=before.profile,
                on=TODAY,
                rules=RULES,
                rates=rates,
            )
        )
    assert carried(befores, [rates for _, rates in given_rows], carrying.roll(RULES), instalments) == made


def instalment(place: int, number: int, due_date: date, interest: int, balance: int) -> dict[str, object]:
    """A row of the schedule of the loan at a place, all of whose balance is its own principal."""
    amounts = {"principal": balance, "interest": interest, "total": 0, "balance": 0, "principal_paid": 0}
    row: dict[str, object] = {"loan_id": f"loan_{place}", "number": number, "due_date": due_date.isoformat()}
    for name, amount in (amounts | {"interest_paid": 0}).items():
        row |= {f"{name}_minor": amount, f"{name}_currency": "CNY"}
    return row


def carried(
    befores: list[LoanDay],
    rates: list[NightRates],
    statement: TextClause,
    instalments: Sequence[dict[str, object]] = (),
) -> list[LoanDay]:
    """What a statement makes of rows, on SQLite."""
    with create_engine("sqlite://").begin() as connection:
        store.metadata.create_all(connection)
        loan_store.INSTALMENT.create(connection)
        for before in befores:
            contract = {"place": before.place, "loan_id": f"loan_{before.place}", "by_hand": 0, "ended_on": None}
            connection.execute(store.CONTRACT.insert(), contract)
        for row in instalments:
            connection.execute(loan_store.INSTALMENT.insert(), row)
        for number, of_night in enumerate(rates, start=1):
            known = {"product_id": "p", "currency": "CNY", "grade": str(number), "nominal_interest_rate": "0"}
            night = {name: getattr(of_night, name) for name in NightRates.__slots__}
            more = {"profile": number, "day_count": "ACT_365", "amortisation": "", "maturity_month": 0}
            connection.execute(store.PROFILE.insert(), known | more | night)
        connection.execute(store.LOAN_DAY.insert(), [store.loan_days.row(before) for before in befores])
        dates = {"on_date": TODAY.isoformat(), "previous": (TODAY - NIGHT).isoformat()}
        connection.execute(statement, dates | {"first": 0, "last": store.PARTITION - 1})
        found = connection.execute(
            store.LOAN_DAY.select().where(store.LOAN_DAY.c.business_date == TODAY.isoformat()).order_by("place")
        )
        return [store.loan_days.value(row) for row in found]


def test_what_could_leave_64_bits_is_closed_by_hand() -> None:
    fine = profile(Decimal("0.123456789123"), DayCount.ACT_ACT)
    assert fine.is_too_wide(100_000)
    assert not profile(Decimal("0.0435"), DayCount.ACT_365).is_too_wide(10**13)
    assert not profile(Decimal("0.123456"), DayCount.ACT_ACT).is_too_wide(10**10)


def test_losses_are_those_of_the_allowance_model_and_unknown_grades_are_its_worst() -> None:
    of = profile(Decimal("0.12"), DayCount.ACT_365)
    named, worst, other = (replace(of, grade=grade) for grade in ("BB", "C", "no such grade"))
    rates = engine.night_rates([named, worst, other], TODAY, engine.by_model(MODEL))
    assert rates[1] == rates[2]
    incurred = int(LOSS_UNIT * MODEL.unsecured_loss * MODEL.severity)
    assert 0 < rates[0].loss_1 < rates[0].loss_2 < rates[0].loss_3 == incurred
    months = of.maturity_month - (TODAY.year * 12 + TODAY.month - 1)
    loans = ecl.Loans(
        repayment=np.array([ecl.Repayment.LEVEL]),
        grade=np.array([MODEL.row("BB")]),
        months=np.array([months]),
        contract_rate=np.array([0.01]),
        effective_rate=np.array([0.01]),
        exposure=np.array([10**9]),
        loss_given_default=np.array([float(MODEL.unsecured_loss)]),
    )
    for stage, expected in enumerate(reversed(ecl.expected_losses(loans, table(MODEL))), start=1):
        assert abs(rates[0].allowance(10**9, stage) - int(expected[0])) <= 1
    assert rates[0].allowance(125, 3) == rounded(125 * rates[0].loss_3, LOSS_UNIT)
    assert engine.night_rates([], TODAY, engine.by_model(MODEL)) == []


@given(st.lists(st.integers(0, 400), min_size=1), st.integers(-1, 4))
def test_categories_are_those_of_the_classification(late: list[int], before: int) -> None:
    days, previous = np.array(late), np.full(len(late), before, dtype=np.int8)
    values = {Criterion.DAYS_PAST_DUE: days, Criterion.TECHNICAL_DELAY: np.zeros(len(late))}
    expected = categories(RULE_SET, values, previous, np.zeros(len(late), dtype=np.bool_))
    assert [RULES.category(one, max(before, 0)) for one in late] == expected.tolist()
