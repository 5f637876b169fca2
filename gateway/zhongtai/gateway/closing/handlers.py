"""The RPCs of closes: how one stands, beginning it by the jobs it is made of, and what it would come to."""

from zhongtai.gateway.closing import previewing, store
from zhongtai.gateway.job import store as job_store
from zhongtai.gateway.v1 import closing_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def get_closing(request: v1.GetClosingRequest, view: View) -> v1.GetClosingResponse:
    """How a close stands."""
    on = date_of(request.business_date) if request.HasField("business_date") else None
    found = store.closing(view, request.book, on)
    return v1.GetClosingResponse(closing=message_of(found, v1.Closing))


@rpc
def begin_closing(request: v1.BeginClosingRequest, unit: Unit) -> v1.BeginClosingResponse:
    """Begins a close, or has it go on."""
    known = store.night(unit, request.book)
    begun = known.begin(date_of(request.business_date), unit.business_date, unit.now)
    for run in begun.again:
        job_store.runs.save(unit, run)
    for run in begun.fresh:
        job_store.begin(unit, known.graph.jobs[run.job_id], run)
    found = store.closing(unit, request.book, begun.business_date)
    return v1.BeginClosingResponse(closing=message_of(found, v1.Closing))


@rpc
async def preview_closing(request: v1.PreviewClosingRequest, given: Orchestration) -> v1.PreviewClosingResponse:
    """What a close would come to."""
    on = date_of(request.business_date)
    found = await given.read(lambda view: store.closing(view, request.book, on))
    return v1.PreviewClosingResponse(steps=await previewing.preview(given, found))
