"""Rates: how much of a year lies between two dates, and the yearly rate that a row of payments bears.

Day counts follow section 4.16 of the 2006 ISDA Definitions and are exact fractions;
only the effective rate is rounded, once, at the end.
"""

from collections.abc import Sequence
from datetime import date
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import lcm

from zhongtai.kernel.refusals import Invalid

RATE_MAX = Decimal(10)
RATE_DECIMALS_MAX = 12

_SIX_PLACES = Decimal("0.000001")
# Newton leaves noise past the twentieth place; taken off first, a half is a half.
_TWENTY_PLACES = Decimal("1e-20")
# Thirty digits are told of a rate of ten thousand million; the others guard them against what a discount multiplied
# over fifty years adds up to. 38 are what two machine words hold. There is no bound to speak of on what a bad first
# step may reach, and Newton's last step is under half of the digits: it squares its error out of sight.
_DECIMAL_GUARDED = Context(prec=38, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SMALL_STEP = Decimal("1e-17")
_STEPS_MAX = 200
# Beyond e^23, some ten thousand million, a yearly rate says nothing, and its decimals would not fit the digits.
_CONTINUOUS_RATE_MAX = 23


class DatesMustBeInOrder(Invalid):
    """{start} is after {end}: put the earlier date first.

    {start}晚于{end}：请将较早的日期放在前面。
    """

    start: date
    end: date


class RateOutOfBounds(Invalid):
    """The yearly rate {rate} is not between 0 and {maximum} with at most {decimals} decimals:
    0.12 means 12 % a year.

    年利率{rate}不在0至{maximum}之间或小数超过{decimals}位：0.12表示年利率12%。
    """

    rate: str
    maximum: Decimal
    decimals: int


class PaymentsMustYieldRate(Invalid):
    """No ordinary yearly rate makes these payments worth what was advanced: each lies
    after the start, one is above zero.

    不存在使还款现值等于放款额的合理年利率：每笔还款须在放款日之后，且至少一笔大于零。
    """


class DayCount(StrEnum):
    """How days become a part of a year (计息基准)."""

    ACT_365 = "ACT_365"
    """ISDA 2006 4.16(d), Actual/365 (Fixed): actual days over 365, leap year or not."""
    ACT_360 = "ACT_360"
    """ISDA 2006 4.16(e), Actual/360."""
    THIRTY_E_360 = "THIRTY_E_360"
    """ISDA 2006 4.16(g), 30E/360 (Eurobond): every month has thirty days, a 31st is a 30th."""
    ACT_ACT = "ACT_ACT"
    """ISDA 2006 4.16(b), Actual/Actual (ISDA): days in a leap year over 366, the others over 365."""

    def year_fraction(self, start: date, end: date) -> Fraction:
        """The exact part of a year from `start` (included) to `end` (not included), or `DatesMustBeInOrder`.

        Additive for every convention here: a period is worth as much as its parts.
        """
        if start > end:
            raise DatesMustBeInOrder(start=start, end=end)
        match self:
            case DayCount.ACT_365:
                return _part((end - start).days, 365)
            case DayCount.ACT_360:
                return _part((end - start).days, 360)
            case DayCount.THIRTY_E_360:
                days = min(end.day, 30) - min(start.day, 30)
                return _part(360 * (end.year - start.year) + 30 * (end.month - start.month) + days, 360)
            case DayCount.ACT_ACT:
                return _part_of_year_gone(end) - _part_of_year_gone(start) + end.year - start.year


def checked_rate(rate: Decimal) -> Fraction:
    """A nominal yearly rate as an exact fraction, or `RateOutOfBounds`.

    A rate is 0 to `RATE_MAX` with at most `RATE_DECIMALS_MAX` decimals; 0.12 means 12 % a year.
    """
    exponent = rate.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -RATE_DECIMALS_MAX or not 0 <= rate <= RATE_MAX:
        raise RateOutOfBounds(rate=str(rate)[:40], maximum=RATE_MAX, decimals=RATE_DECIMALS_MAX)
    return Fraction(rate)


def effective_annual_rate(advance: int, payments: Sequence[tuple[Fraction, int]]) -> Decimal:
    """The compound yearly rate X at which payments are worth the advance.

    It solves Σ payment × (1 + X)^-years = advance. Advance and payments are minor units of one currency, none
    negative; the fraction is years after the advance, above zero. Answers a `Decimal` of six places (0.129243 =
    12.9243 %), halves rounded up as Directive 2008/48/EC, Annex I, part I, remark (d) asks.
    Raises `PaymentsMustYieldRate`.
    """
    rate = compound_rate(advance, payments)
    with localcontext(_DECIMAL_GUARDED):
        return rate.quantize(_TWENTY_PLACES).quantize(_SIX_PLACES, rounding=ROUND_HALF_UP)


def compound_rate(advance: int, payments: Sequence[tuple[Fraction, int]]) -> Decimal:
    """The same rate for one unit of the payments' times, whatever unit that is, with all the digits it was found to.

    Newton's method on the continuous rate ln(1 + X), from zero. The logarithm of what the payments are worth is
    convex and falling in it, with a slope between their first and last times: after the first step each is
    closer, from below. Decimal arithmetic makes the steps the same on every machine. Raises `PaymentsMustYieldRate`.
    """
    assert advance > 0
    if not any(amount for _, amount in payments) or any(years <= 0 for years, _ in payments):
        raise PaymentsMustYieldRate()
    unit = lcm(*(years.denominator for years, _ in payments))
    parts, before = [], 0
    for years, amount in payments:
        time = years.numerator * (unit // years.denominator)
        parts.append((time - before, Decimal(time), Decimal(amount)))
        before = time
    with localcontext(_DECIMAL_GUARDED):
        rate = Decimal(0)
        for _ in range(_STEPS_MAX):
            worth, moment = _worth(parts, (-rate / unit).exp())
            step = (worth / advance).ln() * worth * unit / moment
            rate += step
            if abs(step) < _SMALL_STEP:
                if rate > _CONTINUOUS_RATE_MAX:
                    raise PaymentsMustYieldRate()
                return rate.exp() - 1
    raise AssertionError("Newton's method on a convex function comes to its root")


def _worth(parts: Sequence[tuple[int, Decimal, Decimal]], discount: Decimal) -> tuple[Decimal, Decimal]:
    """What payments are worth at the discount of one unit of time, and the same weighed by their times.

    A part is the units since the part before, all units, and the amount. Discounting goes from part to part, because
    few of the steps between instalments differ.
    """
    steps = {gap: discount**gap for gap in {gap for gap, _, _ in parts}}
    worth = moment = Decimal(0)
    factor = Decimal(1)
    for gap, time, amount in parts:
        factor *= steps[gap]
        part = factor * amount
        worth += part
        moment += part * time
    return worth, moment


# Periods of a schedule are as long as a month: a few fractions are asked for again and again.
@lru_cache(maxsize=4096)
def _part(days: int, year: int) -> Fraction:
    return Fraction(days, year)


def _part_of_year_gone(day: date) -> Fraction:
    first, next_first = date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal() + 1
    return Fraction(day.toordinal() - first, next_first - first)
