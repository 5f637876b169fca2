"""The periods of a book (会计期间): months and years, closed one after the other, and what a year carries forward.

A year is carried forward (年终结转) after the Chinese bank chart: income and expense (损益类) to the profit of the year
(4103 本年利润), and that to its distribution (4104 利润分配). The steps are data; each empties the accounts it takes
into one other, in each currency by itself. Months carry nothing forward (表结法).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.operations.account.domain import Side
from zhongtai.operations.book_day.domain import BookDay, BookDayStatus
from zhongtai.operations.chart.domain import AccountCategory, Chart
from zhongtai.operations.ledger.domain import Draft, Leg

_DAY = timedelta(days=1)
# The closing balance of a code in a currency, in minor units, debits above zero.
Closings = Mapping[tuple[str, str], int]


class PeriodMustEndWhole(Invalid):
    """{through} does not end a {period}: give the last day of a month, of December for a year and of no other for it.

    {through}不是{period}的最后一日：请填写月末日期，年度须为12月31日，12月须按年度结账。
    """

    through: date
    period: str


class PeriodMustFollowTheLast(Unmet):
    """The book {book} is closed through {last}: close the month behind it next.

    账簿{book}已结账至{last}：请先结其后的月份。
    """

    book: str
    last: date


class PeriodDatesMustBeClosed(Unmet):
    """The dates of the book {book} through {through} are not all closed: close them first.

    账簿{book}截至{through}的日终尚未全部完成：请先完成日终。
    """

    book: str
    through: date


class PeriodKind(StrEnum):
    """Which period."""

    MONTH = "MONTH"
    YEAR = "YEAR"

    @classmethod
    def ending(cls, through: date) -> "PeriodKind":
        """The period that ends on a day: a year with December, else a month."""
        return cls.YEAR if (through.month, through.day) == (12, 31) else cls.MONTH

    def must_end(self, through: date) -> None:
        """Refuses a day that does not end such a period."""
        if (through + _DAY).day != 1 or self is not PeriodKind.ending(through):
            raise PeriodMustEndWhole(through=through, period=self.value)


@dataclass(frozen=True, slots=True)
class CarryForward:
    """A step that empties the accounts of some categories or codes into one other, when such a period is closed."""

    on: PeriodKind
    to: str
    narrative: str
    categories: tuple[AccountCategory, ...] = ()
    codes: tuple[str, ...] = ()

    def takes(self, chart: Chart, account_code: str) -> bool:
        """Whether a code is emptied."""
        return account_code in self.codes or chart.account(account_code).category in self.categories


@dataclass(frozen=True, slots=True)
class PeriodClosed:
    """A period of a book was closed."""

    book: str
    through: date
    kind: PeriodKind
    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookPeriod:
    """A period that was closed."""

    book: str
    through: date
    kind: PeriodKind
    entry_ids: tuple[str, ...]
    closed_at: datetime
    closed_by: str

    def posted(self) -> PeriodClosed:
        """The fact that it was closed."""
        return PeriodClosed(self.book, self.through, self.kind, self.entry_ids)


def must_follow(book: str, through: date, last: date | None) -> None:
    """Refuses a period that does not begin behind the last that was closed; the first of a book may be any."""
    if last is not None and through.replace(day=1) != last + _DAY:
        raise PeriodMustFollowTheLast(book=book, last=last)


def must_be_closed(book: str, through: date, last: BookDay | None) -> None:
    """Refuses a period whose last day is not closed; `last` is the last date of the book that was cut off."""
    if last is None or (last.business_date, last.status is BookDayStatus.CLOSED) < (through, True):
        raise PeriodDatesMustBeClosed(book=book, through=through)


def carried(
    steps: Iterable[CarryForward], chart: Chart, closings: Closings, book: str, through: date
) -> tuple[Draft, ...]:
    """The entries, still without ids, that steps post on a date: one for each step and currency that has something."""
    left, drafts = dict(closings), []
    for step in steps:
        for currency in sorted({currency for _, currency in left}):
            taken = {
                code: closing
                for (code, of), closing in sorted(left.items())
                if of == currency and closing and step.takes(chart, code)
            }
            if taken:
                left |= {(code, currency): 0 for code in taken}
                left[step.to, currency] = left.get((step.to, currency), 0) + sum(taken.values())
                legs = _legs(taken, step.to, currency)
                drafts.append(Draft("", f"{book} {through}", step.narrative, legs, booking_date=through, book=book))
    return tuple(drafts)


def _legs(taken: Mapping[str, int], to: str, currency: str) -> tuple[Leg, ...]:
    """Each balance on its other side, and what they come to on the account that takes them."""
    moved = [(code, -closing) for code, closing in taken.items()] + [(to, sum(taken.values()))]
    return tuple(
        Leg(code, "", Side.DEBIT if signed > 0 else Side.CREDIT, Money(currency, abs(signed)))
        for code, signed in moved
        if signed
    )
