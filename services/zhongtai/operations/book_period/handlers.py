"""The RPCs of periods; a period, its entries and what its book says of dates change in one unit of work."""

from dataclasses import replace
from datetime import date

from zhongtai.operations.book_day import store as book_day_store
from zhongtai.operations.book_period import domain, store
from zhongtai.operations.book_period.domain import BookPeriod, PeriodKind
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft
from zhongtai.operations.v1 import book_period_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def close_period(request: v1.ClosePeriodRequest, unit: Unit) -> v1.ClosePeriodResponse:
    """Carries a period forward and closes it."""
    through = date_of(request.through)
    kind = _kind(request.kind, through)
    kind.must_end(through)
    period = store.periods.find(unit, request.book, through.isoformat())
    if period is None:
        period = _closed(unit, request.book, through, kind)
    return v1.ClosePeriodResponse(period=message_of(period, v1.BookPeriod))


@rpc
def preview_period(request: v1.PreviewPeriodRequest, view: View) -> v1.PreviewPeriodResponse:
    """What closing a period would post."""
    through = date_of(request.through)
    drafts = _carried(view, request.book, through, _kind(request.kind, through))
    return v1.PreviewPeriodResponse(drafts=[message_of(draft, ledger_v1.EntryDraft) for draft in drafts])


@rpc
def list_periods(request: v1.ListPeriodsRequest, view: View) -> v1.ListPeriodsResponse:
    """The periods that were closed."""
    found, page = store.periods.page(view, request.page)
    return v1.ListPeriodsResponse(periods=[message_of(period, v1.BookPeriod) for period in found], page=page)


def _closed(unit: Unit, book: str, through: date, kind: PeriodKind) -> BookPeriod:
    dates = book_day_store.dates(unit, book)
    domain.must_follow(book, through, dates.period_closed_through)
    domain.must_be_closed(book, through, book_day_store.last(unit, book))
    drafts = [replace(draft, entry_id=unit.new_id("ent")) for draft in _carried(unit, book, through, kind)]
    # The ledger takes what carries the period forward on its last day, whatever the book says of late entries.
    book_day_store.save_dates(unit, replace(dates, closing_period=through))
    entries = ledger_store.post(unit, drafts) if drafts else ()
    book_day_store.save_dates(unit, replace(dates, period_closed_through=through))
    period = BookPeriod(book, through, kind, tuple(entry.entry_id for entry in entries), unit.now, unit.caller.subject)
    store.periods.add(unit, period)
    unit.record(period.posted())
    return period


def _carried(view: View, book: str, through: date, kind: PeriodKind) -> tuple[Draft, ...]:
    closings = ledger_store.closings_of_codes(view, through, book)
    steps = [step for step in store.STEPS if step.on is kind]
    return domain.carried(steps, chart_store.in_force(view), closings, book, through)


def _kind(value: int, through: date) -> PeriodKind:
    if not value:
        return PeriodKind.ending(through)
    return PeriodKind(v1.PeriodKind.Name(value).removeprefix("PERIOD_KIND_"))
