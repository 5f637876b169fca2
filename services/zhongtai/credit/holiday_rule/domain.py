"""A holiday rule (节假日规则): where a due date goes that is no business day, by the calendar the platform ships.

An account keeps the calendar as it was when it was opened: what was agreed does not move when a calendar is mended.
"""

from dataclasses import dataclass, replace
from datetime import MAXYEAR, date
from enum import StrEnum

from zhongtai.kernel.calendar import CHINA_INTERBANK, BankCalendar, BusinessDayConvention
from zhongtai.kernel.servicing.terms import Holidays

CALENDARS = {CHINA_INTERBANK.name: CHINA_INTERBANK}


class BeyondCalendar(StrEnum):
    """What counts as a business day beyond the years a calendar knows: nothing does, or every weekday."""

    REFUSED = "REFUSED"
    WEEKDAYS = "WEEKDAYS"


class BusinessDayRule(StrEnum):
    """Where a due date goes that is no business day."""

    FOLLOWING = "FOLLOWING"
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"
    PRECEDING = "PRECEDING"
    MODIFIED_PRECEDING = "MODIFIED_PRECEDING"


class InterestDays(StrEnum):
    """To which day interest runs: the one a due date went to, or the one agreed."""

    SHIFTED = "SHIFTED"
    AGREED = "AGREED"


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """Where due dates go that fall on no business day; interest runs to that day where nothing else is stated."""

    business_day: BusinessDayRule
    calendar: str
    beyond: BeyondCalendar
    interest: InterestDays | None = None

    def holidays(self, since: date) -> Holidays:
        """The rule with the part of its calendar that a loan since a day needs."""
        known = CALENDARS[self.calendar]
        first_year = min(max(since.year, known.first_year), known.last_year)
        calendar = BankCalendar(
            name=known.name,
            version=known.version,
            first_year=first_year,
            last_year=known.last_year,
            holidays=frozenset(day for day in known.holidays if day.year >= first_year),
            worked_weekends=frozenset(day for day in known.worked_weekends if day.year >= first_year),
        )
        if self.beyond is BeyondCalendar.WEEKDAYS:
            calendar = replace(calendar, first_year=min(since.year, first_year), last_year=MAXYEAR)
        return Holidays(BusinessDayConvention[self.business_day.name], calendar, self.interest is InterestDays.AGREED)
