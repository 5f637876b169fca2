"""The RPCs of the end of day: begin a date, go on until it is closed, look at it, or ask what it would come to."""

from zhongtai.credit.classification.domain import CATEGORIES
from zhongtai.credit.end_of_day import closing, domain, previewing, store
from zhongtai.credit.end_of_day.domain import PartitionFigures
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def begin_end_of_day(request: v1.BeginEndOfDayRequest, unit: Unit) -> v1.BeginEndOfDayResponse:
    """Begins the close of a date."""
    on = date_of(request.business_date)
    day = store.ends_of_day.find(unit, on.isoformat())
    if day is None:
        versions = loan_day_store.in_force(unit, on)
        day = domain.begin(on, today=unit.business_date, last=store.last(unit), versions=versions)
        store.ends_of_day.add(unit, day)
        closing.begin(unit, day)
    return v1.BeginEndOfDayResponse(end_of_day=message_of(day, v1.EndOfDay))


@rpc
def continue_end_of_day(request: v1.ContinueEndOfDayRequest, unit: Unit) -> v1.ContinueEndOfDayResponse:
    """Does the next piece of a close."""
    day = store.ends_of_day.load(unit, date_of(request.business_date).isoformat())
    further = closing.step(unit, day)
    store.ends_of_day.save(unit, further)
    return v1.ContinueEndOfDayResponse(end_of_day=message_of(further, v1.EndOfDay))


@rpc
def close_through(request: v1.CloseThroughRequest, unit: Unit) -> v1.CloseThroughResponse:
    """Does the next piece of all that is open through a date."""
    through = date_of(request.through)
    last = store.last(unit)
    due = domain.due_through(through, last)
    if due is None:
        return v1.CloseThroughResponse(end_of_day=message_of(last, v1.EndOfDay))
    begun = v1.BeginEndOfDayRequest(request_id=unit.request_id, business_date=date_message(due))
    if last is None or last.business_date != due:
        return v1.CloseThroughResponse(more=True, end_of_day=begin_end_of_day(begun, unit).end_of_day)
    further = v1.ContinueEndOfDayRequest(request_id=unit.request_id, business_date=begun.business_date)
    day = continue_end_of_day(further, unit).end_of_day
    more = due < through or day.phase != v1.END_OF_DAY_PHASE_CLOSED
    return v1.CloseThroughResponse(more=more, end_of_day=day)


@rpc
def preview_end_of_day(request: v1.PreviewEndOfDayRequest, view: View) -> v1.PreviewEndOfDayResponse:
    """What a piece of a close would come to."""
    on = date_of(request.business_date)
    phase, cursor = domain.position(request.position)
    day = store.ends_of_day.find(view, on.isoformat()) or domain.begin(
        on,
        today=view.business_date,
        last=store.last(view),
        versions=loan_day_store.in_force(view, on),
    )
    found = previewing.preview(view, closing.Close.of(view, day), phase, cursor)
    return v1.PreviewEndOfDayResponse(
        figures=[_figures(figures) for figures in found.figures],
        moves=[_move(move) for move in found.moves],
        next_position=found.next_position,
    )


@rpc
def get_end_of_day(request: v1.GetEndOfDayRequest, view: View) -> v1.GetEndOfDayResponse:
    """How far the close of a date is."""
    day = store.ends_of_day.load(view, date_of(request.business_date).isoformat())
    return v1.GetEndOfDayResponse(end_of_day=message_of(day, v1.EndOfDay))


@rpc
def list_ends_of_day(request: v1.ListEndsOfDayRequest, view: View) -> v1.ListEndsOfDayResponse:
    """The closes that were begun."""
    found, page = store.ends_of_day.page(view, request.page)
    return v1.ListEndsOfDayResponse(ends_of_day=[message_of(day, v1.EndOfDay) for day in found], page=page)


@rpc
def list_end_of_day_partitions(
    request: v1.ListEndOfDayPartitionsRequest, view: View
) -> v1.ListEndOfDayPartitionsResponse:
    """The partitions of a close."""
    on = date_of(request.business_date).isoformat()
    found, page = store.figures.page(view, request.page, store.PARTITION_FIGURES.c.business_date == on)
    partitions = [v1.EndOfDayPartition(partition=each.partition, figures=_figures(each)) for each in found]
    return v1.ListEndOfDayPartitionsResponse(partitions=partitions, page=page)


def _figures(figures: PartitionFigures) -> v1.EndOfDayFigures:
    return message_of(figures.posted(), v1.EndOfDayFigures, reclassified=figures.reclassified)


def _move(move: previewing.Move) -> v1.EndOfDayMove:
    return v1.EndOfDayMove(
        category_before=f"RISK_CATEGORY_{CATEGORIES[move.category_before]}",
        stage_before=move.stage_before,
        category=f"RISK_CATEGORY_{CATEGORIES[move.category]}",
        stage=move.stage,
        loans=move.loans,
    )
