"""The business day (营业日): the date the bank is on.

Always true: it never goes back, and where it follows the bank's own calendar it is not moved from here.
"""

from dataclasses import dataclass, replace
from datetime import date

from zhongtai.kernel.refusals import Invalid, Unmet

BANK = "bank"


class BusinessDateMustNotGoBack(Unmet):
    """The bank is on {business_date} already: move the date forward, or leave it.

    当前营业日为{business_date}：只能向后推进。
    """

    business_date: date


class BusinessDateMustFollowTheBank(Unmet):
    """Here the business date follows the bank's calendar: it is moved in development and test only.

    此环境的营业日由银行日历决定：仅开发和测试环境可推进。
    """


class DateMustExist(Invalid):
    """There is no day {date}: give a year, a month and a day of the calendar.

    {date}不是有效日期：请填写完整的年月日。
    """

    date: str


@dataclass(frozen=True, slots=True)
class BusinessDateAdvanced:
    """The business date went forward."""

    day_id: str
    from_date: date
    to_date: date


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """The date that is kept, once it was moved; until then, and where it may not be moved, the calendar decides."""

    day_id: str
    movable: bool
    business_date: date | None = None

    def advance(self, present: date, to: date) -> "tuple[BusinessDay, BusinessDateAdvanced | None]":
        """Moves the date from where it is at present; no fact where it is there already."""
        if not self.movable:
            raise BusinessDateMustFollowTheBank
        if to < present:
            raise BusinessDateMustNotGoBack(business_date=present)
        moved = replace(self, business_date=to)
        return moved, BusinessDateAdvanced(self.day_id, present, to) if to > present else None


def day_of(year: int, month: int, of_month: int) -> date:
    """The day of the calendar; refuses one that it does not have."""
    try:
        return date(year, month, of_month)
    except ValueError:
        raise DateMustExist(date=f"{year}-{month}-{of_month}") from None
