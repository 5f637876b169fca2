"""The RPCs of the dates of books, and the closes of other services as they are heard."""

from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.operations.book_day import store
from zhongtai.operations.book_day.domain import BookDayAdvanced, BookDayStatus, LateEntries, NextDate
from zhongtai.operations.v1 import book_day_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, on, rpc

_CREDIT = "credit"


@rpc
def advance_book_day(request: v1.AdvanceBookDayRequest, unit: Unit) -> v1.AdvanceBookDayResponse:
    """Takes a date to its next state."""
    to = BookDayStatus(v1.BookDayStatus.Name(request.to).removeprefix("BOOK_DAY_STATUS_"))
    before = store.on(unit, request.book, date_of(request.business_date))
    store.heard.must_reach(unit, request.heard, before.business_date)
    day = before.advance(to, store.last(unit, before.book), unit.business_date, unit.now)
    if day != before:
        dates = store.dates(unit, day.book).followed(day)
        store.save_dates(unit, dates)
        if before.status is BookDayStatus.OPEN:
            store.book_days.add(unit, day)
        else:
            store.book_days.save(unit, day)
        unit.record(BookDayAdvanced(day.book, day.business_date, day.status, dates.open_date))
    return v1.AdvanceBookDayResponse(book_day=message_of(day, v1.BookDay))


@rpc
def set_book_policy(request: v1.SetBookPolicyRequest, unit: Unit) -> v1.SetBookPolicyResponse:
    """Says what becomes of late entries and which date opens next."""
    late = LateEntries(v1.LateEntries.Name(request.late_entries).removeprefix("LATE_ENTRIES_"))
    following = NextDate(v1.NextDate.Name(request.next_date).removeprefix("NEXT_DATE_"))
    dates, fact = store.dates(unit, request.book).set_policy(late, following)
    if fact:
        store.save_dates(unit, dates)
        unit.record(fact)
    return v1.SetBookPolicyResponse(dates=message_of(dates, v1.BookDates))


@rpc
def get_book_day(request: v1.GetBookDayRequest, view: View) -> v1.GetBookDayResponse:
    """A date, and what the book says."""
    asked = date_of(request.business_date) if request.HasField("business_date") else view.business_date
    return v1.GetBookDayResponse(
        book_day=message_of(store.on(view, request.book, asked), v1.BookDay),
        dates=message_of(store.dates(view, request.book), v1.BookDates),
    )


@rpc
def list_book_days(request: v1.ListBookDaysRequest, view: View) -> v1.ListBookDaysResponse:
    """The dates that were cut off."""
    found, page = store.book_days.page(view, request.page)
    return v1.ListBookDaysResponse(book_days=[message_of(day, v1.BookDay) for day in found], page=page)


@on
def credit_day_closed(event: credit_v1.EndOfDayClosed, unit: Unit) -> None:
    """Keeps that credit has closed a date: what it had to book came before, for its events arrive in order."""
    store.heard.hear(unit, _CREDIT, date_of(event.business_date))
