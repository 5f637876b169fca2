"""The RPCs of the positions of dates, and the closes of other services as they are heard."""

from zhongtai.asset_liability.position_day import domain, store
from zhongtai.asset_liability.position_day.domain import Line, PositionDay
from zhongtai.asset_liability.v1 import position_day_pb2 as v1
from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.operations.v1 import book_day_pb2 as operations_v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def take_positions(request: v1.TakePositionsRequest, unit: Unit) -> v1.TakePositionsResponse:
    """Takes the next piece of a date."""
    business_date = date_of(request.business_date)
    domain.must_be_over(business_date, unit.business_date)
    store.heard.must_reach(unit, request.heard, business_date)
    found = store.days.find(unit, business_date.isoformat()) or PositionDay(business_date)
    lines = store.lines(unit, business_date)
    if found.taken_at is None:
        reached, groups = store.piece(unit, business_date, found.reached)
        before, lines = lines, domain.added(business_date, lines, groups)
        found = found.took(reached, unit.now)
        store.put(unit, found, before, lines)
    return v1.TakePositionsResponse(more=found.taken_at is None, position_day=_message(found, lines, with_lines=False))


@rpc
def preview_positions(request: v1.PreviewPositionsRequest, view: View) -> v1.PreviewPositionsResponse:
    """What the next piece would come to."""
    business_date = date_of(request.business_date)
    domain.must_be_over(business_date, view.business_date)
    reached, groups = store.piece(view, business_date, request.position)
    totals = domain.totals([line.told() for line in domain.added(business_date, [], groups)])
    return v1.PreviewPositionsResponse(
        totals=[message_of(total, v1.PositionTotal) for total in totals], next_position=reached
    )


@rpc
def get_position_day(request: v1.GetPositionDayRequest, view: View) -> v1.GetPositionDayResponse:
    """The positions of a date."""
    found = store.days.load(view, date_of(request.business_date).isoformat())
    lines = store.lines(view, found.business_date)
    return v1.GetPositionDayResponse(position_day=_message(found, lines))


@rpc
def list_position_days(request: v1.ListPositionDaysRequest, view: View) -> v1.ListPositionDaysResponse:
    """The dates that were taken."""
    found, page = store.days.page(view, request.page)
    return v1.ListPositionDaysResponse(position_days=[message_of(each, v1.PositionDay) for each in found], page=page)


@on
def credit_day_closed(event: credit_v1.EndOfDayClosed, unit: Unit) -> None:
    """Credit has closed a date: what it changed of loans and limits came before."""
    store.heard.hear(unit, "credit", date_of(event.business_date))


@on
def book_day_advanced(event: operations_v1.BookDayAdvanced, unit: Unit) -> None:
    """A book has closed a date: its entries came before."""
    if event.status == operations_v1.BOOK_DAY_STATUS_CLOSED:
        store.heard.hear(unit, f"operations.{event.book}", date_of(event.business_date))


def _message(found: PositionDay, lines: list[Line], *, with_lines: bool = True) -> v1.PositionDay:
    told = [line.told() for line in lines]
    return message_of(
        found,
        v1.PositionDay,
        lines=[message_of(line, v1.PositionDayLine) for line in told] if with_lines else [],
        totals=[message_of(total, v1.PositionTotal) for total in domain.totals(told)],
    )
