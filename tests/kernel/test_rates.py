"""Day counts against published figures and each other; the effective yearly rate against published examples."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.rates import (
    DatesMustBeInOrder,
    DayCount,
    PaymentsMustYieldRate,
    RateOutOfBounds,
    checked_rate,
    effective_annual_rate,
)

days = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "published"),
    [
        # ISDA EMU memorandum, Actual/Actual (ISDA), as held in QuantLib test-suite/daycounters.cpp.
        (date(2003, 11, 1), date(2004, 5, 1), "0.497724380567"),
        (date(1999, 7, 1), date(2000, 7, 1), "1.0013773486"),
        (date(2003, 7, 15), date(2004, 1, 15), "0.504004790778"),
        (date(2000, 1, 30), date(2000, 6, 30), "0.415300546448"),
    ],
)
def test_act_act_meets_the_isda_memorandum(start: date, end: date, published: str) -> None:
    assert abs(DayCount.ACT_ACT.year_fraction(start, end) - Fraction(published)) < Fraction(1, 10**10)


@pytest.mark.parametrize(
    ("start", "end", "days_of_360"),
    [
        # ISDA's example sheet to the 2006 Definitions, column 30E/360, as held in QuantLib's test suite.
        (date(2006, 8, 20), date(2007, 2, 20), 180),
        (date(2006, 8, 31), date(2007, 2, 28), 178),
        (date(2007, 2, 28), date(2007, 8, 31), 182),
        (date(2008, 2, 29), date(2008, 8, 31), 181),
        # By the formula of 4.16(g).
        (date(2007, 1, 31), date(2007, 2, 28), 28),
        (date(2007, 2, 28), date(2007, 3, 31), 32),
        (date(2007, 3, 30), date(2007, 3, 31), 0),
    ],
)
def test_thirty_e_360_meets_the_isda_examples(start: date, end: date, days_of_360: int) -> None:
    assert DayCount.THIRTY_E_360.year_fraction(start, end) == Fraction(days_of_360, 360)


def test_actual_counts() -> None:
    leap_february = date(2024, 2, 1), date(2024, 3, 1)
    assert DayCount.ACT_365.year_fraction(*leap_february) == Fraction(29, 365)
    assert DayCount.ACT_360.year_fraction(*leap_february) == Fraction(29, 360)
    assert DayCount.ACT_ACT.year_fraction(*leap_february) == Fraction(29, 366)
    assert DayCount.ACT_ACT.year_fraction(date(2023, 12, 31), date(2024, 1, 2)) == (Fraction(1, 365) + Fraction(1, 366))


@settings(max_examples=100)
@given(count=st.sampled_from(DayCount), three=st.tuples(days, days, days))
def test_a_period_is_worth_its_parts(count: DayCount, three: tuple[date, date, date]) -> None:
    first, middle, last = sorted(three)
    parts = count.year_fraction(first, middle) + count.year_fraction(middle, last)
    assert parts == count.year_fraction(first, last) >= 0


@settings(max_examples=100)
@given(start=days, end=days)
def test_act_act_is_the_sum_of_its_days(start: date, end: date) -> None:
    start, end = min(start, end), min(max(start, end), min(start, end) + timedelta(900))
    dates = [start + timedelta(place) for place in range((end - start).days)]
    leap = sum((date(day.year, 12, 31) - date(day.year, 1, 1)).days == 365 for day in dates)
    assert DayCount.ACT_ACT.year_fraction(start, end) == Fraction(leap, 366) + Fraction(len(dates) - leap, 365)


@pytest.mark.parametrize("count", DayCount)
def test_dates_are_in_order(count: DayCount) -> None:
    with pytest.raises(DatesMustBeInOrder):
        count.year_fraction(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    "rate", ["-0.01", "10.01", "NaN", "sNaN", "Infinity", "0.1234567890123", "1E+99", "1E-9999999"]
)
def test_a_rate_out_of_bounds_is_refused(rate: str) -> None:
    with pytest.raises(RateOutOfBounds):
        checked_rate(Decimal(rate))


def test_a_rate_is_exact() -> None:
    assert checked_rate(Decimal("0.0435")) == Fraction(435, 10_000)
    assert [checked_rate(Decimal(bound)) for bound in (0, 10)] == [Fraction(0), Fraction(10)]


@pytest.mark.parametrize(
    ("advance", "payments", "published_percent"),
    [
        # Directive 98/7/EC, Annex II, first and fourth example.
        (100_000, [(Fraction(3, 2), 120_000)], "12.92"),
        (100_000, [(Fraction(1, 4), 27_200), (Fraction(1, 2), 27_200), (Fraction(1), 54_400)], "13.19"),
        # FSharp.Finance.Personal, EU APR tests: 500 on 2012-10-10, 270 on 2012-11-10 and 2012-12-10.
        (50_000, [(Fraction(31, 365), 27_000), (Fraction(61, 365), 27_000)], "84.63"),
    ],
)
def test_effective_rate_meets_published_examples(
    advance: int, payments: list[tuple[Fraction, int]], published_percent: str
) -> None:
    rate = effective_annual_rate(advance, payments)
    assert abs(100 * rate - Decimal(published_percent)) <= Decimal("0.005")


@settings(max_examples=60)
@given(
    percent=st.integers(-99, 900),
    years=st.lists(st.integers(1, 12), min_size=1, max_size=8, unique=True),
)
def test_effective_rate_finds_the_rate_that_was_put_in(percent: int, years: list[int]) -> None:
    """Payments in whole years make an advance that is a whole number, so the rate is known exactly."""
    growth, last = Fraction(100 + percent, 100), max(years)
    scale = 100 ** (2 * last) * (100 + percent) ** last
    payments = [(Fraction(year), scale * comb(last, year)) for year in years]
    advance = sum(amount / growth ** int(year) for year, amount in payments)
    assert advance.denominator == 1
    assert effective_annual_rate(int(advance), payments) == Decimal(percent) / 100


@settings(max_examples=60)
@given(
    payments=st.lists(
        st.tuples(st.fractions(Fraction(1, 4), 50, max_denominator=365), st.integers(1, 10**9)), min_size=2, max_size=8
    ),
    order=st.randoms(use_true_random=False),
)
def test_payments_in_any_order_bear_the_rate_that_makes_them_worth_the_advance(
    payments: list[tuple[Fraction, int]], order: Random
) -> None:
    """Each payment is discounted by itself here; as told, the rate is off by half of its last place at most."""
    advance = 1 + sum(amount for _, amount in payments) // 2
    rate = effective_annual_rate(advance, order.sample(payments, len(payments)))
    half = Decimal("0.000000500001")
    too_little, too_much = (
        sum(amount * (1 + edge) ** (-Decimal(years.numerator) / years.denominator) for years, amount in payments)
        for edge in (rate + half, rate - half)
    )
    assert too_little <= advance <= too_much


@pytest.mark.parametrize(
    ("advance", "payments"),
    [
        (100, []),
        (100, [(Fraction(1), 0)]),
        (100, [(Fraction(0), 100)]),
        (1, [(Fraction(1, 365), 9 * 10**17)]),
    ],
    ids=["nothing", "zero", "at the start", "beyond all measure"],
)
def test_payments_that_bear_no_rate_are_refused(advance: int, payments: list[tuple[Fraction, int]]) -> None:
    with pytest.raises(PaymentsMustYieldRate):
        effective_annual_rate(advance, payments)


def test_a_first_step_that_goes_far_too_low_is_mended() -> None:
    """One fen after a day pulls the first step to -15,000; the root is that of the last fen: (9e17)^(-1/8000) - 1."""
    payments = [(Fraction(1, 365), 1), (Fraction(8000), 1)]
    assert effective_annual_rate(9 * 10**17, payments) == Decimal("-0.005154")


def test_half_of_the_last_place_is_rounded_up() -> None:
    """Directive 2008/48/EC, Annex I, part I, remark (d): 0.000 000 5 a year is 0.000001, not the even zero."""
    assert effective_annual_rate(20_000_000, [(Fraction(1), 20_000_010)]) == Decimal("0.000001")
    assert effective_annual_rate(20_000_000, [(Fraction(1), 20_000_009)]) == 0
