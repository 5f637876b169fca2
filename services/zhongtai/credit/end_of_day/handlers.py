"""The RPCs of the end of day: begin a date, go on until it is closed, look at it, or ask what it would come to."""

from datetime import date

from zhongtai.credit.classification.domain import CATEGORIES
from zhongtai.credit.end_of_day import closing, domain, previewing, store
from zhongtai.credit.end_of_day.domain import EndOfDay, PartitionFigures, Phase
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, rpc

# All steps take about equally long: a few milliseconds, too long for the loop that everybody shares.
_STEP = "end of day"


@rpc
def begin_end_of_day(request: v1.BeginEndOfDayRequest, unit: Unit) -> v1.BeginEndOfDayResponse:
    """Begins the close of a date."""
    day = _begun(unit, date_of(request.business_date))
    return v1.BeginEndOfDayResponse(end_of_day=message_of(day, v1.EndOfDay))


@rpc
async def continue_end_of_day(request: v1.ContinueEndOfDayRequest, given: Orchestration) -> v1.ContinueEndOfDayResponse:
    """Does the next piece of a close."""
    on = date_of(request.business_date).isoformat()
    step = await given.read(lambda view: closing.next_step(view, store.ends_of_day.load(view, on)), _STEP)

    def work(unit: Unit) -> v1.ContinueEndOfDayResponse:
        return v1.ContinueEndOfDayResponse(end_of_day=message_of(closing.written(unit, step), v1.EndOfDay))

    reply, _ = await change_once(given, request, work)
    return reply


@rpc
async def close_through(request: v1.CloseThroughRequest, given: Orchestration) -> v1.CloseThroughResponse:
    """Does the next piece of all that is open through a date."""
    through = date_of(request.through)
    step = await given.read(lambda view: _step_through(view, through), _STEP)

    def work(unit: Unit) -> v1.CloseThroughResponse:
        last = store.last(unit)
        due = domain.due_through(through, last)
        if due is None:
            return v1.CloseThroughResponse(end_of_day=message_of(last, v1.EndOfDay))
        if step is None:
            return v1.CloseThroughResponse(more=True, end_of_day=message_of(_begun(unit, due), v1.EndOfDay))
        day = closing.written(unit, step)
        more = due < through or day.phase is not Phase.CLOSED
        return v1.CloseThroughResponse(more=more, end_of_day=message_of(day, v1.EndOfDay))

    reply, _ = await change_once(given, request, work)
    return reply


def _begun(unit: Unit, on: date) -> EndOfDay:
    day = store.ends_of_day.find(unit, on.isoformat())
    if day is None:
        versions = loan_day_store.in_force(unit, on)
        day = domain.begin(on, today=unit.business_date, last=store.last(unit), versions=versions)
        store.ends_of_day.add(unit, day)
    return day


def _step_through(view: View, through: date) -> closing.Step | None:
    """The next piece of the close under way; None where there is none, or all is closed through the date."""
    last = store.last(view)
    is_due = last is not None and domain.due_through(through, last) == last.business_date
    return closing.next_step(view, last) if is_due and last is not None else None


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
