"""Actual/Actual of bonds: the two rules beside that of ISDA, which `rates.DayCount.ACT_ACT` has.

Source: ISDA, "EMU and market conventions: recent developments" (1998), sections on ISMA (now ICMA rule 251) and AFB.
"""

from datetime import date
from fractions import Fraction

from zhongtai.kernel.rates import DatesMustBeInOrder
from zhongtai.kernel.schedule import months_later


def afb_fraction(start: date, end: date) -> Fraction:
    """Actual/Actual (AFB): whole years counted back from the end, then days over 366 where they hold a 29 February.

    Raises `DatesMustBeInOrder`.
    """
    if start > end:
        raise DatesMustBeInOrder(start=start, end=end)
    years = end.year - start.year
    if _years_back(end, years) < start:
        years -= 1
    stop = _years_back(end, years)
    return years + Fraction((stop - start).days, 366 if _holds_leap_day(start, stop) else 365)


def icma_fraction(start: date, end: date, reference_start: date, reference_end: date) -> Fraction:
    """Actual/Actual (ICMA): days over the days of the coupon period, over the coupons of a year.

    The reference period is a regular coupon period; where the days reach outside it, the regular periods before and
    behind it are counted on its own months. Raises `DatesMustBeInOrder`.
    """
    if start > end or reference_start >= reference_end:
        raise DatesMustBeInOrder(start=start, end=end)
    months = max(1, round((reference_end - reference_start).days * 12 / 365))
    fraction = Fraction(0)
    place = -_periods_between(start, reference_start, months)
    while (first := months_later(reference_start, place * months)) < end:
        last = reference_end if place == 0 else months_later(reference_start, (place + 1) * months)
        days = (min(end, last) - max(start, first)).days
        fraction += Fraction(max(days, 0) * months, (last - first).days * 12)
        place += 1
    return fraction


def _years_back(day: date, years: int) -> date:
    """The same day so many years before; the end of February stays the end of February, as the AFB rule asks."""
    back = months_later(day, -12 * years)
    end_of_february = day.month == 2 and months_later(day.replace(day=1), 1).toordinal() == day.toordinal() + 1
    return date.fromordinal(date(back.year, 3, 1).toordinal() - 1) if end_of_february else back


def _holds_leap_day(start: date, stop: date) -> bool:
    """Whether a 29 February lies from the start (included) to the stop (not included)."""
    return any(
        (year % 4 == 0 and (year % 100 or year % 400 == 0)) and start <= date(year, 2, 29) < stop
        for year in range(start.year, stop.year + 1)
    )


def _periods_between(start: date, reference_start: date, months: int) -> int:
    """How many whole periods before the reference period the first one that reaches back to the start lies."""
    count = 0
    while months_later(reference_start, -count * months) > start:
        count += 1
    return count
