"""Days as columns: cycles, schedules, business days and day counts over arrays of days.

A day is an int64, days since 1970-01-01. What does not happen is on the day `NEVER`, behind every other. The rules are
those of `schedules.py` and `conventions.py`, which say them one date at a time.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import BusinessDayConvention, Calendar, DayCountConvention, EndOfMonthConvention
from zhongtai.kernel.actus.conventions import CALCULATED_FIRST, FOLLOWING, MODIFIED
from zhongtai.kernel.actus.schedules import Cycle, Period

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A Wednesday of the year 13453, so that no convention moves it.
NEVER = 4_194_308
_SATURDAY = 5
_YEARS = 13_600
_MONTHS_BEFORE_1970 = 1969 * 12
# Any day is so much of its year in units of which both 1/365 and 1/366 are a whole number.
_UNITS_OF_YEAR = 365 * 366


def at(anchor: Days, cycle: Cycle, number: Days | np.int64, convention: EndOfMonthConvention) -> Days:
    """The days so many cycles after the anchors (`Cycle.at`); the number broadcasts against the anchors."""
    if not cycle.period.months:
        stepped: Days = anchor + number * cycle.period.days
        return stepped
    starts = _month_starts()
    month = _months(anchor)
    into, is_last = anchor - starts[month], anchor == starts[month + 1] - 1
    target = month + number * cycle.period.months
    first, last = starts.take(target, mode="clip"), starts.take(target + 1, mode="clip") - 1
    moved: Days = np.minimum(first + into, last)
    if convention is EndOfMonthConvention.EOM and is_last.any():
        moved = np.where(is_last, last, moved)
    return moved + number * cycle.period.days if cycle.period.days else moved


def cycles_until(anchor: Days, cycle: Cycle, limit: Days, convention: EndOfMonthConvention) -> Days:
    """How many days of the cycle, the anchor the first, lie at the limit or before it."""
    if not cycle.period.months:
        number: Days = np.maximum((limit - anchor) // cycle.period.days + 1, 0)
        return number
    number = np.maximum((_months(limit) - _months(anchor)) // cycle.period.months, 0)
    return number + (at(anchor, cycle, number, convention) <= limit)


def schedule(anchor: Days, cycle: Cycle | None, end: Days, convention: EndOfMonthConvention, *, with_end: bool) -> Days:
    """S(s, c, T) of section 3.1 for every contract: shape (times, contracts), each column ascending, NEVER in gaps."""
    last = np.where(anchor <= end, end, NEVER)[np.newaxis]
    if cycle is None:
        before = np.where(anchor < end, anchor, NEVER)[np.newaxis]
    else:
        many = cycles_until(anchor, cycle, end - 1, convention)
        if cycle.long_stub:
            many = many - ((at(anchor, cycle, many, convention) != end) & (many > 1))
        numbers = np.arange(many.max(initial=0))[:, np.newaxis]
        before = at(anchor, cycle, numbers, convention)
        if (many != len(numbers)).any():
            before = np.where(numbers < many, before, NEVER)
    return np.concatenate([before, last]) if with_end else before


def whole_cycles(anchor: Days, cycle: Cycle | None, last: Days | None, convention: EndOfMonthConvention) -> Days:
    """The times of a cycle up to `last` (included) where no stub ends it; without either, the anchor."""
    if cycle is None or last is None:
        return (anchor if last is None else np.where(anchor <= last, anchor, NEVER))[np.newaxis]
    many = cycles_until(anchor, cycle, last, convention)
    numbers = np.arange(many.max(initial=0))[:, np.newaxis]
    return np.where(numbers < many, at(anchor, cycle, numbers, convention), NEVER)


def later(days: Days, period: Period) -> Days:
    """The days so much later, but for what never is."""
    return np.where(days < NEVER, at(days, Cycle(period), np.int64(1), EndOfMonthConvention.SD), NEVER)


def shifted(days: Days, convention: BusinessDayConvention, calendar: Calendar) -> Days:
    """The days events of those schedule days are moved to (section 3.4)."""
    if convention is BusinessDayConvention.NOS or calendar is Calendar.NC:
        return days
    weekday = _weekday(days)
    forward = (7 - weekday) * (weekday >= _SATURDAY)
    backward = -np.maximum(weekday - (_SATURDAY - 1), 0)
    step, other = (forward, backward) if convention in FOLLOWING else (backward, forward)
    moved = days + step
    if convention in MODIFIED:
        moved = np.where(_months(moved) == _months(days), moved, days + other)
    return moved


def calculated(days: Days, convention: BusinessDayConvention, calendar: Calendar) -> Days:
    """The days accruals of those schedule days run to."""
    return days if convention in CALCULATED_FIRST else shifted(days, convention, calendar)


class DayCount:
    """Y(s, t) of section 3.6 as a difference of two serial numbers over the numbers a year has.

    Every convention is additive but for 30E/360 ISDA, where a last day of February counts less if a period ends there
    and it is the maturity.
    """

    def __init__(self, convention: DayCountConvention, calendar: Calendar) -> None:
        """Binds a convention."""
        self.convention, self.calendar = convention, calendar
        self.basis = _BASIS[convention]

    def serial(self, days: Days) -> Days:
        """The serial numbers of days, as the start of a period or its end."""
        if self.convention in (DayCountConvention.A360, DayCountConvention.A365):
            return days
        low = int(days.min(initial=NEVER))
        high = int(np.max(days, initial=low, where=days < NEVER))
        if high - low < days.size:
            table = self._numbered(np.arange(low, high + 1))
            return table.take(np.minimum(days, high) - low)
        return self._numbered(days)

    def serial_end(self, days: Days, maturity: Days) -> Days:
        """The serial numbers of days as the end of a period of contracts with that maturity."""
        serial = self.serial(days)
        if self.convention is not DayCountConvention.THIRTY_E_360_ISDA:
            return serial
        starts, month = _month_starts(), _months(maturity)
        is_february = month % 12 == 1
        short = np.where(is_february & (maturity == starts[month + 1] - 1), 30 - (maturity - starts[month] + 1), 0)
        return serial - np.where(days == maturity, short, 0)

    def _numbered(self, days: Days) -> Days:
        match self.convention:
            case DayCountConvention.BUS_252:
                return days if self.calendar is Calendar.NC else _business_days_before(days)
            case DayCountConvention.AA:
                return _parts_of_year(days)
        starts, month = _month_starts(), _months(days)
        day = days - starts[month] + 1
        if self.convention is DayCountConvention.THIRTY_E_360_ISDA:
            day = np.where(days == starts[month + 1] - 1, 30, day)
        length = 28 if self.convention is DayCountConvention.TWENTY_EIGHT_E_336 else 30
        numbered: Days = length * month + np.minimum(day, length)
        return numbered


_BASIS = {
    DayCountConvention.AA: _UNITS_OF_YEAR,
    DayCountConvention.A360: 360,
    DayCountConvention.A365: 365,
    DayCountConvention.THIRTY_E_360: 360,
    DayCountConvention.THIRTY_E_360_ISDA: 360,
    DayCountConvention.TWENTY_EIGHT_E_336: 336,
    DayCountConvention.BUS_252: 252,
}


@cache
def _month_starts() -> Days:
    """The first day of each month from January of the year 1 on."""
    months = np.arange(-_MONTHS_BEFORE_1970, (_YEARS - 1970) * 12).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


def _months(days: Days) -> Days:
    """The months days lie in, counted from January of the year 1."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + _MONTHS_BEFORE_1970


def _weekday(days: Days) -> Days:
    """0 on Monday; 1970-01-01 was a Thursday."""
    return (days + 3) % 7


def _business_days_before(days: Days) -> Days:
    """How many Mondays to Fridays lie before a day, from the Monday of the first week of 1970 on."""
    weeks, weekday = np.divmod(days + 3, 7)
    return 5 * weeks + np.minimum(weekday, 5)


def _parts_of_year(days: Days) -> Days:
    """Years gone by in units of `_UNITS_OF_YEAR`: a day of a leap year is 1/366, of another 1/365."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]")
    first = years.astype("datetime64[D]").astype(np.int64)
    length = (years + 1).astype("datetime64[D]").astype(np.int64) - first
    return years.astype(np.int64) * _UNITS_OF_YEAR + (days - first) * (_UNITS_OF_YEAR // length)
