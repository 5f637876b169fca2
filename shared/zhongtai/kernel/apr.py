"""The annual percentage rate (APR, 年化利率) on the bases lenders must print.

United States: Regulation Z, 12 CFR 1026, appendix J, the actuarial method, by unit-periods. European Union: Directive
2008/48/EC, annex I, and China: 中国人民银行公告〔2021〕第3号, both the internal rate of return over actual time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction

from zhongtai.kernel.rates import DatesMustBeInOrder, compound_rate
from zhongtai.kernel.roots import rate_of
from zhongtai.kernel.schedule import months_later

_SIX_PLACES = Decimal("0.000001")
# What the search leaves past the twentieth place is noise; taken off first, a half is a half.
_TWENTY_PLACES = Decimal("1e-20")
DAYS_OF_MONTH = 30
DAYS_OF_SEMIMONTH = 15
DAYS_OF_YEAR = 365
MONTHS_OF_YEAR = 12


class UnitKind(Enum):
    """What a unit-period is counted in, and how many of them a year has: appendix J (b)(4)."""

    MONTH = 12
    SEMIMONTH = 24
    WEEK = 52
    DAY = 365


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """The interval that occurs most often, `count` of a kind: four weeks, two months. Appendix J (b)(4)."""

    kind: UnitKind
    count: int = 1

    @property
    def periods_per_year(self) -> Fraction:
        """How many of them a year has."""
        return Fraction(self.kind.value, self.count)


@dataclass(frozen=True, slots=True)
class UnitTime:
    """A time after the first advance: whole unit-periods t, and the part f of one that precedes them."""

    whole: int
    part: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that moves at a time, never negative; which way, the caller says."""

    amount: Decimal
    time: UnitTime


def unit_time(start: date, end: date, unit: UnitPeriod) -> UnitTime:
    """The unit-periods from `start` to `end`, counted back from the end. Raises `DatesMustBeInOrder`.

    Source: appendix J (b)(5): a part of a month is days over 30, of a semimonth days over 15, of weeks and days the
    days over those of the unit-period, of a year whole months over 12 or else all its days over 365.
    """
    if start > end:
        raise DatesMustBeInOrder(start=start, end=end)
    if unit.kind in (UnitKind.WEEK, UnitKind.DAY):
        length = unit.count * (7 if unit.kind is UnitKind.WEEK else 1)
        whole, days = divmod((end - start).days, length)
        return UnitTime(whole, Fraction(days, length))
    months = (end.year - start.year) * 12 + end.month - start.month
    if months_later(start, months) == end:
        days = 0  # the 31st meets the last day of a shorter month
    else:
        months -= months_later(end, -months) < start
        days = (months_later(end, -months) - start).days
    if unit.kind is UnitKind.SEMIMONTH:
        halves, days = divmod(days, DAYS_OF_SEMIMONTH)
        whole, rest = divmod(2 * months + halves, unit.count)
        return UnitTime(whole, (rest + Fraction(days, DAYS_OF_SEMIMONTH)) / unit.count)
    whole, rest = divmod(months, unit.count)
    if unit.count == MONTHS_OF_YEAR and days:
        return UnitTime(whole, Fraction((months_later(end, -whole * MONTHS_OF_YEAR) - start).days, DAYS_OF_YEAR))
    return UnitTime(whole, (rest + Fraction(days, DAYS_OF_MONTH)) / unit.count)


def unit_of_single_payment(start: date, end: date) -> UnitPeriod:
    """The unit-period of one advance and one payment: its term, at most a year. Raises `DatesMustBeInOrder`.

    Source: appendix J (b)(4)(ii), (b)(5)(vi) and (vii): a term of whole months is counted in months, others in days.
    """
    if start >= end:
        raise DatesMustBeInOrder(start=start, end=end)
    months = (end.year - start.year) * MONTHS_OF_YEAR + end.month - start.month
    if end >= months_later(start, MONTHS_OF_YEAR):
        return UnitPeriod(UnitKind.MONTH, MONTHS_OF_YEAR)
    if months_later(start, months) == end:
        return UnitPeriod(UnitKind.MONTH, months)
    return UnitPeriod(UnitKind.DAY, (end - start).days)


def actuarial_rate(advances: Sequence[Transfer], payments: Sequence[Transfer], unit: UnitPeriod) -> Decimal:
    """The annual percentage rate of Regulation Z: 0.0969 is 9.69 %. Raises `PaymentsMustYieldRate`.

    It solves the general equation of appendix J (b)(8), Σ A / ((1 + f i)(1 + i)^t) over the advances = the same over
    the payments, and multiplies i by the unit-periods of a year.
    """

    def worth(rate: Decimal) -> Decimal:
        return _worth(payments, rate) - _worth(advances, rate)

    per_year = unit.periods_per_year
    return rate_of(worth) * per_year.numerator / per_year.denominator


def schedule_rate(advance: int, payments: Sequence[tuple[date, int]], start: date, unit: UnitPeriod) -> Decimal:
    """The annual percentage rate of Regulation Z of one advance on `start` and the payments after it, to six places.

    Amounts are minor units, halves are rounded up; what is paid on `start` is not advanced. Where every payment lies
    whole unit-periods after the advance the equation is that of a compound rate, which is found at once.
    Raises `PaymentsMustYieldRate`, `DatesMustBeInOrder`.
    """
    lent = advance - sum(amount for day, amount in payments if day == start)
    times = [(unit_time(start, day, unit), amount) for day, amount in payments if day != start]
    if lent > 0 and not any(time.part for time, _ in times):
        per_year = unit.periods_per_year
        found = compound_rate(lent, [(Fraction(time.whole), amount) for time, amount in times])
        rate = found * per_year.numerator / per_year.denominator
    else:
        paid = [Transfer(Decimal(amount), time) for time, amount in times]
        rate = actuarial_rate([Transfer(Decimal(lent), UnitTime(0))], paid, unit)
    return rate.quantize(_TWENTY_PLACES).quantize(_SIX_PLACES, rounding=ROUND_HALF_UP)


def internal_rate(flows: Sequence[tuple[Fraction, Decimal]]) -> Decimal:
    """The compound yearly rate at which flows add up to nothing: 0.1292 is 12.92 %. Raises `PaymentsMustYieldRate`.

    A flow is its time in years after the first and its amount, drawdowns and repayments with opposite signs.
    Source: Directive 2008/48/EC, annex I, part I, the basic equation.
    """

    def worth(rate: Decimal) -> Decimal:
        return sum((amount / (1 + rate) ** _decimal(years) for years, amount in flows), Decimal(0))

    return rate_of(worth)


def _worth(transfers: Sequence[Transfer], rate: Decimal) -> Decimal:
    growth = 1 + rate
    return sum(
        (it.amount / ((1 + _decimal(it.time.part) * rate) * growth**it.time.whole) for it in transfers), Decimal(0)
    )


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator
