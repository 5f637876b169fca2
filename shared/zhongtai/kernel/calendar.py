"""The bank calendar: which days are business days, as versioned data that fails loudly outside its range.

In China a holiday is paid for with worked weekends, fixed each year by a notice of the State Council. No rule
predicts them, so a calendar knows the years of its data and refuses every other date. An override table adds
years and changes days.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from importlib import resources
from typing import Any, Self

from zhongtai.kernel.refusals import Invalid

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class DateOutsideCalendar(Invalid):
    """The calendar {calendar} knows {first} to {last}, not {day}: choose a date within,
    or add the year to its override table.

    日历{calendar}仅覆盖{first}至{last}，不含{day}：请选择范围内的日期，或在调整表中增加该年度。
    """

    calendar: str
    day: date
    first: date
    last: date


class CalendarMustBeWhole(Invalid):
    """The calendar {calendar} is broken at {where}: years follow each other,
    a holiday lies in its own year, and so does a worked weekend, which is no holiday.

    日历{calendar}在{where}处有误：年度须连续，节假日与调休上班日须属于该年度且不得重复。
    """

    calendar: str
    where: str


class BusinessDayConvention(StrEnum):
    """Where a date goes that is no business day (ISDA 2006 section 4.12)."""

    UNADJUSTED = "UNADJUSTED"
    FOLLOWING = "FOLLOWING"
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"
    PRECEDING = "PRECEDING"
    MODIFIED_PRECEDING = "MODIFIED_PRECEDING"


@dataclass(frozen=True, slots=True)
class BankCalendar:
    """The business days of some years: weekdays that are no holiday, and the weekends that are worked.

    Every question about a day before `first_year` or after `last_year` raises `DateOutsideCalendar`.
    """

    name: str
    version: str
    first_year: int
    last_year: int
    holidays: frozenset[date]
    worked_weekends: frozenset[date]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """Reads a table shaped as `china_interbank.json`, or raises `CalendarMustBeWhole`."""
        years = sorted(int(year) for year in table["years"])
        empty = cls(table["name"], table["version"], years[0], years[0] - 1, frozenset(), frozenset())
        return empty.with_overrides(table)

    def with_overrides(self, table: Mapping[str, Any]) -> Self:
        """The calendar with the years of the table added or replaced and its single days changed.

        `table` holds `version` and, optionally, `years` (year → `holidays` as [first, last] pairs and
        `worked_weekends` as dates) and `days` (date → true for a business day). All dates are ISO 8601.
        Raises `CalendarMustBeWhole`.
        """
        calendar = replace(self, version=table["version"])
        for year in sorted(table.get("years", {}), key=int):
            calendar = calendar._with_year(int(year), table["years"][year])
        for text, is_open in table.get("days", {}).items():
            calendar = calendar._with_day(date.fromisoformat(text), is_open)
        return calendar

    def is_business_day(self, day: date) -> bool:
        """Whether banks work on the day, or `DateOutsideCalendar`."""
        if not self.first_year <= day.year <= self.last_year:
            raise DateOutsideCalendar(
                calendar=f"{self.name} {self.version}",
                day=day,
                first=date(self.first_year, 1, 1),
                last=date(self.last_year, 12, 31),
            )
        return day in self.worked_weekends if day.weekday() >= _SATURDAY else day not in self.holidays

    def adjust(self, day: date, convention: BusinessDayConvention) -> date:
        """The business day a date goes to; UNADJUSTED answers the date itself, even an unknown one."""
        match convention:
            case BusinessDayConvention.UNADJUSTED:
                return day
            case BusinessDayConvention.FOLLOWING:
                return self._nearest(day, _ONE_DAY)
            case BusinessDayConvention.PRECEDING:
                return self._nearest(day, -_ONE_DAY)
            case BusinessDayConvention.MODIFIED_FOLLOWING:
                return self._nearest_in_month(day, _ONE_DAY)
            case BusinessDayConvention.MODIFIED_PRECEDING:
                return self._nearest_in_month(day, -_ONE_DAY)

    def add_business_days(self, day: date, count: int) -> date:
        """The `count`-th business day after the date, or before it when negative.

        With 0 it is the date itself, or else the next business day.
        """
        if count == 0:
            return self._nearest(day, _ONE_DAY)
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        for _ in range(abs(count)):
            day = self._nearest(day + step, step)
        return day

    def next_business_day(self, day: date) -> date:
        """The first business day after the date."""
        return self.add_business_days(day, 1)

    def _nearest(self, day: date, step: timedelta) -> date:
        while not self.is_business_day(day):
            day += step
        return day

    def _nearest_in_month(self, day: date, step: timedelta) -> date:
        """Crossing into another month, even one the calendar does not know, turns the search round."""
        found = day
        while found.month == day.month:
            if self.is_business_day(found):
                return found
            found += step
        return self._nearest(day, -step)

    def _with_year(self, year: int, table: Mapping[str, Any]) -> Self:
        if not self.first_year - 1 <= year <= self.last_year + 1:
            raise CalendarMustBeWhole(calendar=self.name, where=str(year))
        holidays = {day for first, last in table["holidays"] for day in self._days(first, last)}
        worked = {date.fromisoformat(text) for text in table["worked_weekends"]}
        for day in sorted(holidays | worked):
            if day.year != year or (day in worked and (day.weekday() < _SATURDAY or day in holidays)):
                raise CalendarMustBeWhole(calendar=self.name, where=day.isoformat())
        return replace(
            self,
            first_year=min(self.first_year, year),
            last_year=max(self.last_year, year),
            holidays=frozenset({day for day in self.holidays if day.year != year} | holidays),
            worked_weekends=frozenset({day for day in self.worked_weekends if day.year != year} | worked),
        )

    def _days(self, first: str, last: str) -> list[date]:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        if start > end:
            raise CalendarMustBeWhole(calendar=self.name, where=first)
        return [start + _ONE_DAY * place for place in range((end - start).days + 1)]

    def _with_day(self, day: date, is_open: bool) -> Self:
        self.is_business_day(day)  # a single day is changed only within the years that are known
        if day.weekday() >= _SATURDAY:
            worked = self.worked_weekends | {day} if is_open else self.worked_weekends - {day}
            return replace(self, worked_weekends=worked)
        return replace(self, holidays=self.holidays - {day} if is_open else self.holidays | {day})


CHINA_INTERBANK = BankCalendar.of(
    json.loads((resources.files("zhongtai.kernel") / "china_interbank.json").read_text("utf-8"))
)
