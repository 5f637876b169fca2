"""What a night adds to a contract, exactly, told for one contract."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.credit.loan_day.examples import NIGHT, RATES_OF_YEARS, profile
from zhongtai.credit.loan_day import domain
from zhongtai.credit.loan_day.domain import Period, Profile, night_rates
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, Instalment, accrued_interest, repayment_schedule


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
    running = next((period for period in periods if period.ends_on > on), None)
    accrual = domain.opened(of, _due(schedule, on), schedule[-1].number, running, on)
    while accrual.ends_on != domain.NEVER:
        before = accrual
        on += NIGHT
        rates = night_rates(of, on)
        if before.ends_on is not None and before.ends_on <= on:
            ended = schedule[before.number - 1 if len(schedule) > 1 else 0].interest.minor_units
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


@given(
    balance=st.integers(1, 10**11), rate=RATES_OF_YEARS, days=st.integers(0, 59), day_count=st.sampled_from(DayCount)
)
def test_what_accrued_is_what_a_pay_off_on_the_next_day_owes(
    balance: int, rate: Decimal, days: int, day_count: DayCount
) -> None:
    start = date(2027, 12, 10)
    on = start + NIGHT * days
    accrual = domain.opened(profile(rate, day_count), 0, 9, Period(1, start, date(2028, 3, 10), balance), on)
    owed = accrued_interest(Money("CNY", balance), rate, start, on + NIGHT, day_count)
    assert accrual.accrued_minor == owed.minor_units


def test_a_night_of_thirty_day_months_may_be_none_or_three() -> None:
    of = profile(Decimal("0.12"), DayCount.THIRTY_E_360)
    nights = [night_rates(of, day).nightly for day in (date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 28))]
    assert nights == [0, 3, 9]
    leap = profile(Decimal("0.12"), DayCount.ACT_ACT)
    assert Fraction(night_rates(leap, date(2028, 5, 1)).nightly, leap.unit) == Fraction(12, 100) / 366


@given(RATES_OF_YEARS, st.sampled_from(DayCount), st.integers(0, 400))
def test_no_night_of_the_widest_balance_leaves_64_bits(rate: Decimal, day_count: DayCount, later: int) -> None:
    of = profile(rate, day_count)
    nightly = night_rates(of, date(2027, 12, 1) + timedelta(days=later)).nightly
    assert of.widest < 0 or 2 * (of.unit // 2 + of.widest * nightly) + of.unit <= domain.SAFE
    assert profile(Decimal("0.0435"), DayCount.ACT_365).widest > 10**13
    assert profile(Decimal("0.123456789123"), DayCount.ACT_ACT).widest < 100_000
