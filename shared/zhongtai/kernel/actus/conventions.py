"""Conventions: which days are days of business, where an event moves, what part of a year lies between two times.

Sections 3.4 to 3.6 of the specification. 23:59:59 is the midnight it ends on (section 2.7).
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from zhongtai.kernel.actus.codes import BusinessDayConvention, Calendar, DayCountConvention
from zhongtai.kernel.rates import DayCount

_ONE_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)
_SATURDAY = 5
FOLLOWING = {
    BusinessDayConvention.SCF,
    BusinessDayConvention.SCMF,
    BusinessDayConvention.CSF,
    BusinessDayConvention.CSMF,
}
MODIFIED = {
    BusinessDayConvention.SCMF,
    BusinessDayConvention.CSMF,
    BusinessDayConvention.SCMP,
    BusinessDayConvention.CSMP,
}
CALCULATED_FIRST = {
    BusinessDayConvention.CSF,
    BusinessDayConvention.CSMF,
    BusinessDayConvention.CSP,
    BusinessDayConvention.CSMP,
}
# The four conventions a loan of ours knows too; the kernel has one arithmetic for them.
_ISDA = {
    DayCountConvention.AA: DayCount.ACT_ACT,
    DayCountConvention.A360: DayCount.ACT_360,
    DayCountConvention.A365: DayCount.ACT_365,
    DayCountConvention.THIRTY_E_360: DayCount.THIRTY_E_360,
}


def day_of(moment: datetime) -> date:
    """The day a time counts as: 23:59:59 is the next day's midnight."""
    return moment.date() + _ONE_DAY if moment.time() == _LAST_SECOND else moment.date()


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Whether the calendar works on that day."""
    return calendar is Calendar.NC or day.weekday() < _SATURDAY


def shifted(moment: datetime, convention: BusinessDayConvention, calendar: Calendar) -> datetime:
    """The time an event of that schedule time is moved to; the time of day stays (section 3.4)."""
    if convention is BusinessDayConvention.NOS:
        return moment
    step = _ONE_DAY if convention in FOLLOWING else -_ONE_DAY
    moved = _nearest(moment, step, calendar)
    if convention in MODIFIED and moved.month != moment.month:
        return _nearest(moment, -step, calendar)
    return moved


def calculated(moment: datetime, convention: BusinessDayConvention, calendar: Calendar) -> datetime:
    """The time accruals of that schedule time run to: itself where calculation comes before the shift."""
    return moment if convention in CALCULATED_FIRST else shifted(moment, convention, calendar)


def year_fraction(
    start: datetime,
    end: datetime,
    convention: DayCountConvention,
    *,
    maturity: datetime | None = None,
    calendar: Calendar = Calendar.NC,
) -> Fraction:
    """Y(s, t) of section 3.6, exact; `DatesMustBeInOrder` if the end is before the start.

    `maturity` matters to 30E/360 ISDA alone (a last day of February is a thirtieth unless it is the maturity),
    `calendar` to BUS/252 alone.
    """
    first, last = day_of(start), day_of(end)
    if convention in _ISDA:
        return _ISDA[convention].year_fraction(first, last)
    if first > last:
        return DayCount.ACT_365.year_fraction(first, last)
    if convention is DayCountConvention.BUS_252:
        return Fraction(_business_days(first, last, calendar), 252)
    if convention is DayCountConvention.TWENTY_EIGHT_E_336:
        return _by_months(first, last, 28, lambda day: min(day.day, 28))
    final = None if maturity is None else day_of(maturity)

    def counted(day: date) -> int:
        is_last = day.day == monthrange(day.year, day.month)[1]
        return 30 if is_last and not (day == last == final and day.month == 2) else day.day

    return _by_months(first, last, 30, counted)


def _by_months(start: date, end: date, month: int, counted: Callable[[date], int]) -> Fraction:
    months = 12 * (end.year - start.year) + end.month - start.month
    return Fraction(month * months + counted(end) - counted(start), 12 * month)


def _business_days(start: date, end: date, calendar: Calendar) -> int:
    days = (start + timedelta(days=number) for number in range((end - start).days))
    return sum(is_business_day(day, calendar) for day in days)


def _nearest(moment: datetime, step: timedelta, calendar: Calendar) -> datetime:
    while not is_business_day(moment.date(), calendar):
        moment += step
    return moment
