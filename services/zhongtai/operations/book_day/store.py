"""How the dates of books rest: a row for each date that was cut off, one for each book, one for each close heard."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.operations.book_day.domain import BookDates, BookDay, Policy
from zhongtai.runtime.heard import HeardCloses
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.resident import ResidentRecords
from zhongtai.runtime.store import Records, day, instant, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
BOOK_DAY = Table(
    "book_day",
    metadata,
    text("book", primary_key=True),
    day("business_date", primary_key=True),
    text("status"),
    instant("cut_off_at", nullable=True),
    instant("accrued_at", nullable=True),
    instant("posted_at", nullable=True),
    instant("proved_at", nullable=True),
    instant("closed_at", nullable=True),
)
BOOK_DATES = Table(
    "book_dates",
    metadata,
    text("book", primary_key=True),
    text("late_entries"),
    text("next_date"),
    day("cut_off_through", nullable=True),
    day("open_date", nullable=True),
    day("posted_through", nullable=True),
    day("period_closed_through", nullable=True),
    day("closing_period", nullable=True),
)

book_days = Records(BOOK_DAY, BookDay)
_dates = ResidentRecords(BOOK_DATES, BookDates)
heard = HeardCloses("book_heard_close", metadata)

_LAST = book_days.query(BOOK_DAY.c.book == bindparam("of_book"), order_by=BOOK_DAY.c.business_date.desc(), limit=1)
_POLICY = reader(Policy)(shipped(__package__, "policy.json"))


def dates(view: View, book: str) -> BookDates:
    """What a book says about the dates of its entries; under the shipped policy where nothing was said yet."""
    found = _dates.find(view, book)
    if found is None:
        found = BookDates(book, _POLICY.late_entries, _POLICY.next_date)
        if isinstance(view, Unit):
            view.remember(_dates, (book,), found)
    return found


def save_dates(unit: Unit, value: BookDates) -> None:
    """Keeps what a book says."""
    _dates.save(unit, value)


def last(view: View, book: str) -> BookDay | None:
    """The last date of a book that was cut off."""
    return next(iter(_LAST(view, of_book=book)), None)


def on(view: View, book: str, business_date: date) -> BookDay:
    """A date of a book; open where nothing was done with it yet."""
    return book_days.find(view, book, business_date.isoformat()) or BookDay(book, business_date)
