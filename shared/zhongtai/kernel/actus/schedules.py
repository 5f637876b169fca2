"""Schedules: the times a cycle makes between an anchor and an end (sections 3.1 to 3.3 of the specification)."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, takewhile
from typing import Self

from zhongtai.kernel.actus.codes import EndOfMonthConvention
from zhongtai.kernel.refusals import Invalid

_PERIOD = re.compile(r"P(\d+)([DWMQHY])(?:L([01]))?")
_DAYS = {"D": 1, "W": 7}
_MONTHS = {"M": 1, "Q": 3, "H": 6, "Y": 12}


class PeriodNotUnderstood(Invalid):
    """{text} is no period: write P, a number, one of D W M Q H Y, and for a cycle L0 (long stub) or L1 (short stub).

    {text}不是有效的周期：请写P、数字、D W M Q H Y之一；循环另加L0（长尾期）或L1（短尾期）。
    """

    text: str


class CycleStandsStill(Invalid):
    """The cycle {text} does not advance: its number must be above zero.

    周期{text}不前进：其数字必须大于零。
    """

    text: str


class DateBeyondCalendar(Invalid):
    """{times} times the period from {start} on leads beyond the year 9999: mend the amount or the cycle behind it.

    自{start}起{times}个周期超出公元9999年：请更正相关金额或周期。
    """

    start: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Period:
    """So many days or so many months; never both."""

    days: int = 0
    months: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        """Reads `P3M`, `P2W`; a stub behind it is passed over. Raises `PeriodNotUnderstood`."""
        found = _PERIOD.fullmatch(text.strip())
        if found is None:
            raise PeriodNotUnderstood(text=text[:40])
        number, unit = int(found[1]), found[2]
        return cls(days=number * _DAYS.get(unit, 0), months=number * _MONTHS.get(unit, 0))

    def __str__(self) -> str:
        return f"P{self.months}M" if self.months else f"P{self.days}D"

    def after(self, start: datetime, times: int = 1) -> datetime:
        """The time so many periods after `start`; a day that the month lacks becomes its last. `DateBeyondCalendar`."""
        year, month = divmod(start.year * 12 + start.month - 1 + self.months * times, 12)
        try:
            day = min(start.day, monthrange(year, month + 1)[1])
            return start.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days * times)
        except (OverflowError, ValueError) as error:
            raise DateBeyondCalendar(start=start, times=times) from error


NO_PERIOD = Period()


@dataclass(frozen=True, slots=True)
class Cycle:
    """A period that repeats, and what becomes of a last part shorter than it: joined to the one before, or kept."""

    period: Period
    long_stub: bool = True

    @classmethod
    def of(cls, text: str) -> Self:
        """Reads `P1ML0` (long last stub) or `P1ML1` (short). Raises `PeriodNotUnderstood`, `CycleStandsStill`."""
        period = Period.of(text)
        if not period.days and not period.months:
            raise CycleStandsStill(text=text[:40])
        return cls(period=period, long_stub=not text.strip().endswith("L1"))

    def __str__(self) -> str:
        return f"{self.period}L{0 if self.long_stub else 1}"

    def at(self, anchor: datetime, times: int, convention: EndOfMonthConvention) -> datetime:
        """The time so many cycles after the anchor; counted from the anchor, so that a short month is no trap."""
        time = self.period.after(anchor, times)
        if convention is EndOfMonthConvention.EOM and self.period.months and _is_last_day(anchor):
            return time.replace(day=monthrange(time.year, time.month)[1])
        return time


def schedule(
    anchor: datetime | None,
    cycle: Cycle | None,
    end: datetime | None,
    convention: EndOfMonthConvention = EndOfMonthConvention.SD,
    *,
    with_end: bool = True,
) -> tuple[datetime, ...]:
    """S(s, c, T) of section 3.1: ascending times from the anchor to the end, before any shift for business days.

    Without an end only the anchor, without a cycle anchor and end, without an anchor the end. `with_end` is B of the
    section: whether the end is told too. An anchor after the end makes no times.
    """
    if end is None:
        return () if anchor is None else (anchor,)
    if anchor is not None and anchor > end:
        return ()
    last = (end,) if with_end else ()
    if anchor is None:
        return last
    if cycle is None:
        return (anchor, *last) if anchor < end else last
    endless = (cycle.at(anchor, times, convention) for times in count())
    before = tuple(takewhile(lambda time: time < end, endless))
    is_irregular = cycle.at(anchor, len(before), convention) != end
    if is_irregular and cycle.long_stub and len(before) > 1:
        before = before[:-1]
    return before + last


def whole_cycles(
    anchor: datetime, cycle: Cycle | None, last: datetime | None, convention: EndOfMonthConvention
) -> tuple[datetime, ...]:
    """The times of a cycle from its anchor to `last` (included) where no stub ends it; without either, the anchor."""
    if cycle is None or last is None:
        return (anchor,) if last is None or anchor <= last else ()
    endless = (cycle.at(anchor, times, convention) for times in count())
    return tuple(takewhile(lambda time: time <= last, endless))


def array_schedule(
    anchors: Sequence[datetime],
    cycles: Sequence[Cycle],
    end: datetime,
    convention: EndOfMonthConvention = EndOfMonthConvention.SD,
) -> tuple[tuple[datetime, ...], ...]:
    """The array schedule of section 3.2 without its end: one row of times for each anchor.

    A row runs from its anchor to before the next one, the last to before the end. Where there are not as many cycles
    as anchors the first one is for all; without cycles a row is its anchor.
    """
    rows: list[tuple[datetime, ...]] = []
    for index, anchor in enumerate(anchors):
        limit = min(end, *anchors[index + 1 : index + 2], end)
        if not cycles:
            rows.append((anchor,) if anchor < end else ())
            continue
        cycle = cycles[index] if len(cycles) == len(anchors) else cycles[0]
        rows.append(schedule(anchor, cycle, limit, convention, with_end=False))
    return tuple(rows)


def _is_last_day(time: datetime) -> bool:
    return time.day == monthrange(time.year, time.month)[1]
