"""The business date of a book (营业日切换): open, cut off, accrued, posted, proved, closed.

Always true: a date goes forward only, one state after the other, and a later date is cut off when the one before is
closed. Postings never stop: what has no date of its own belongs to the next date from cut-off on (日切). What asks for
a date that was cut off is late; the book's policy says what becomes of it, and a closed period takes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.kernel.refusals import Invalid, Unmet

_DAY = timedelta(days=1)
# Who acts in the close: consequences of other services' closes come as events, its own steps are called by the jobs.
_EVENTS, _CLOSE = "event:", "jobs"


class BookDayMustHaveBegun(Invalid):
    """{business_date} has not begun, the bank is on {today}: cut a date off on that day or later.

    {business_date}尚未开始，当前营业日为{today}：请在当日或之后日切。
    """

    business_date: date
    today: date


class BookDayBeforeMustBeClosed(Unmet):
    """{before} of the book {book} is not closed yet: close it first.

    账簿{book}的{before}尚未关闭：请先完成该日日终。
    """

    book: str
    before: date


class BookDayMustAdvanceInOrder(Unmet):
    """{business_date} of the book {book} is {status}: it cannot become {wanted} before what comes in between.

    账簿{book}的{business_date}当前状态为{status}：须按顺序推进，不能直接变为{wanted}。
    """

    book: str
    business_date: date
    status: str
    wanted: str


class LateEntryMustBeAllowed(Unmet):
    """{booking_date} was cut off and the book {book} takes no late entries: book on {open_date}.

    {booking_date}已日切，账簿{book}不接受补记：请记入{open_date}。
    """

    book: str
    booking_date: date
    open_date: date


class LateEntryMustSayWhy(Invalid):
    """{booking_date} was cut off: say in the narrative why the entry is late.

    {booking_date}已日切：请在摘要中说明补记原因。
    """

    booking_date: date


class PeriodMustBeOpen(Unmet):
    """The period through {closed_through} of the book {book} is closed: book on a later date than {booking_date}.

    账簿{book}截至{closed_through}的会计期间已结账：请使用晚于{booking_date}的日期。
    """

    book: str
    booking_date: date
    closed_through: date


class BookDayStatus(StrEnum):
    """How far a date is, in this order."""

    OPEN = "OPEN"
    CUT_OFF = "CUT_OFF"
    ACCRUED = "ACCRUED"
    POSTED = "POSTED"
    PROVED = "PROVED"
    CLOSED = "CLOSED"

    @property
    def place(self) -> int:
        """Its place in the order, from 0."""
        return _ORDER.index(self)


_ORDER = tuple(BookDayStatus)


class LateEntries(StrEnum):
    """What becomes of an entry on a date that was cut off."""

    REFUSE = "REFUSE"
    NEXT_DAY = "NEXT_DAY"
    BACK_DATED = "BACK_DATED"


class NextDate(StrEnum):
    """Which date opens after cut-off."""

    EVERY_DAY = "EVERY_DAY"
    BANK_DAY = "BANK_DAY"

    def after(self, day: date) -> date:
        """The date that opens when a date is cut off; raises `DateOutsideCalendar` for a bank day nobody knows."""
        return day + _DAY if self is NextDate.EVERY_DAY else CHINA_INTERBANK.next_business_day(day)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a book starts with."""

    late_entries: LateEntries
    next_date: NextDate


@dataclass(frozen=True, slots=True)
class BookDayAdvanced:
    """A date of a book went to its next state."""

    book: str
    business_date: date
    status: BookDayStatus
    open_date: date | None


@dataclass(frozen=True, slots=True)
class BookPolicySet:
    """What a book says about late entries and its next date has changed."""

    book: str
    late_entries: LateEntries
    next_date: NextDate


@dataclass(frozen=True, slots=True)
class BookDates:
    """What decides the booking date of an entry: one row for a book.

    `closing_period` is set within one unit of work only: the one in which the period that ends then is carried forward.
    """

    book: str
    late_entries: LateEntries
    next_date: NextDate
    cut_off_through: date | None = None
    open_date: date | None = None
    posted_through: date | None = None
    period_closed_through: date | None = None
    closing_period: date | None = None

    def present(self, business_date: date) -> date:
        """The date that takes what names none: the bank's, or the one that opened after cut-off where that is later."""
        return max(business_date, self.open_date or business_date)

    def booking_date(self, asked: date | None, business_date: date, subject: str, reason: str) -> date:
        """The date an entry belongs to that `subject` asks for; `reason` is its narrative.

        Raises `PeriodMustBeOpen`, `LateEntryMustBeAllowed`, `LateEntryMustSayWhy`; what an event books is moved
        to the present date instead, since nobody could act on a refusal.
        """
        if asked is None:
            return self.present(business_date)
        if self.cut_off_through is None or asked > self.cut_off_through or asked == self.closing_period:
            return asked
        is_event = subject.startswith(_EVENTS)
        if self.period_closed_through is not None and asked <= self.period_closed_through:
            if is_event or self.late_entries is LateEntries.NEXT_DAY:
                return self.present(business_date)
            raise PeriodMustBeOpen(book=self.book, booking_date=asked, closed_through=self.period_closed_through)
        is_own = is_event or subject == _CLOSE
        if is_own and (self.posted_through is None or asked > self.posted_through):
            return asked
        return self._late(asked, business_date, reason, is_event=is_event)

    def _late(self, asked: date, business_date: date, reason: str, *, is_event: bool) -> date:
        if self.late_entries is LateEntries.NEXT_DAY or (is_event and self.late_entries is LateEntries.REFUSE):
            return self.present(business_date)
        if self.late_entries is LateEntries.REFUSE:
            raise LateEntryMustBeAllowed(book=self.book, booking_date=asked, open_date=self.present(business_date))
        if not reason.strip():
            raise LateEntryMustSayWhy(booking_date=asked)
        return asked

    def set_policy(self, late_entries: LateEntries, next_date: NextDate) -> "tuple[BookDates, BookPolicySet | None]":
        """The book under another policy; no fact where it says so already."""
        after = replace(self, late_entries=late_entries, next_date=next_date)
        return after, BookPolicySet(self.book, late_entries, next_date) if after != self else None

    def followed(self, day: "BookDay") -> "BookDates":
        """The book after one of its dates went on."""
        if day.status is BookDayStatus.CUT_OFF:
            return replace(self, cut_off_through=day.business_date, open_date=self.next_date.after(day.business_date))
        if day.status is BookDayStatus.POSTED:
            return replace(self, posted_through=day.business_date)
        return self


@dataclass(frozen=True, slots=True)
class BookDay:
    """A date of a book, and when it came to each of its states."""

    book: str
    business_date: date
    status: BookDayStatus = BookDayStatus.OPEN
    cut_off_at: datetime | None = None
    accrued_at: datetime | None = None
    posted_at: datetime | None = None
    proved_at: datetime | None = None
    closed_at: datetime | None = None

    def advance(self, to: BookDayStatus, before: "BookDay | None", today: date, now: datetime) -> "BookDay":
        """The date in its next state; itself where it is as far already. `before` is the last date that was cut off."""
        if to.place <= self.status.place:
            return self
        if to.place > self.status.place + 1:
            raise BookDayMustAdvanceInOrder(
                book=self.book, business_date=self.business_date, status=self.status, wanted=to
            )
        if to is BookDayStatus.CUT_OFF:
            self._may_be_cut_off(before, today)
        moment: dict[str, Any] = {f"{to.lower()}_at": now}
        return replace(self, status=to, **moment)

    def _may_be_cut_off(self, before: "BookDay | None", today: date) -> None:
        if self.business_date > today:
            raise BookDayMustHaveBegun(business_date=self.business_date, today=today)
        if before is not None and before.business_date > self.business_date:
            raise BookDayMustAdvanceInOrder(
                book=self.book,
                business_date=self.business_date,
                status=f"before {before.business_date}",
                wanted=BookDayStatus.CUT_OFF,
            )
        if before is not None and before.status is not BookDayStatus.CLOSED:
            raise BookDayBeforeMustBeClosed(book=self.book, before=before.business_date)
