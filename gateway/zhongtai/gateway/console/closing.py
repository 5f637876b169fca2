"""The close of the day: its graph, progress and times, what it would come to, and its proofs down to the entry."""

from collections.abc import Callable
from datetime import UTC, date
from http import HTTPStatus

from google.protobuf.message import Message
from markupsafe import Markup
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import closing_drawing, formats
from zhongtai.gateway.console.findings import entries_of, sections_of
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.gateway.job import calls
from zhongtai.gateway.job.domain import JobStep
from zhongtai.gateway.v1 import closing_pb2, job_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import book_day_pb2
from zhongtai.runtime.approvals import ApprovalAwaited
from zhongtai.runtime.convert import date_message, date_of, value_of
from zhongtai.runtime.errors import Defect, http_status

ROWS = 10
BOOK = "general"
VERBS: dict[str, Callable[[dict[str, str]], Message]] = {
    "begin": lambda form: closing_pb2.BeginClosingRequest(
        request_id=form.get("request_id", ""), business_date=date_message(_day(form.get("date", "")))
    ),
    "override": lambda form: job_pb2.OverrideJobRequest(
        request_id=form.get("request_id", ""),
        job_id=form.get("job", ""),
        occasion=_day(form.get("date", "")).isoformat(),
        reason=form.get("reason", "").strip(),
    ),
}


async def graph(visit: Visit) -> Response:
    """The close of a date, the newest where none is named."""
    return await _show(visit, visit.query.get("date", ""))


async def act(visit: Visit) -> Response:
    """Begins or resumes a close, or asks to go on behind a failed proof, which somebody else must approve."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    if verb not in VERBS:
        raise NothingHere(name=verb[:40])
    try:
        await visit.console.given.calls.call(VERBS[verb](fields), visit.call())
    except Defect:
        raise
    except Refusal as refusal:
        if refusal.reason != ApprovalAwaited.reason:
            return await _show(visit, fields.get("date", ""), refusal)
    return visit.go("closing", date=fields.get("date", ""), done=verb)


async def preview(visit: Visit) -> Response:
    """What the close of a date would come to; nothing is written."""
    on = _day(visit.query.get("date", ""))
    told = await visit.told(closing_pb2.PreviewClosingRequest(business_date=date_message(on)))
    return visit.show("closing_preview.html", told=told, on=on.isoformat())


async def proofs(visit: Visit) -> Response:
    """The proofs of a date, each green or red; of the one asked for, what it finds now, down to the entries."""
    day, chosen = visit.query.get("date", ""), visit.query.get("job", "")
    told = await visit.told(_asked(day))
    steps = [step for step in told.reply.closing.steps if step.proof] if told else []
    found = next((step for step in steps if step.job.job_id == chosen), None)
    sections, entries, refusal = [], [], None
    if found is not None:
        look = await visit.told(_look(found, date_of(told.reply.closing.business_date)))
        refusal = look.refusal
        sections = sections_of(look.reply) if look else []
        entries = await entries_of(visit, look.reply) if look else []
    return visit.show(
        "closing_proofs.html",
        told=told,
        steps=steps,
        chosen=found,
        sections=sections,
        entries=entries,
        refused=refusal,
        state=closing_drawing.state,
    )


async def _show(visit: Visit, day: str, refusal: Refusal | None = None) -> Response:
    told = await visit.told(_asked(day))
    recent = await visit.told(book_day_pb2.ListBookDaysRequest(page=PageRequest(size=ROWS, newest_first=True)))
    steps = told.reply.closing.steps if told else []
    words = visit.words
    # `draw` escapes every text it puts in.
    drawing = closing_drawing.draw(
        steps,
        words("nav.closing"),
        lambda step: words.either(step.job.title, step.job.title_zh),
        lambda step: _detail(visit, step),
    )
    return visit.show(
        "closing.html",
        http_status(refusal) if refusal else HTTPStatus.OK,
        told=told,
        recent=recent,
        refusal=refusal,
        drawing=Markup(drawing),
        state=closing_drawing.state,
        whole=_whole,
        seconds=_seconds,
        failed=[step for step in steps if closing_drawing.state(step) == "FAILED"],
        done=visit.query.get("done", "") if visit.query.get("done", "") in VERBS else "",
        request_id=visit.console.ids.new("req"),
    )


def _asked(day: str) -> closing_pb2.GetClosingRequest:
    return closing_pb2.GetClosingRequest(business_date=date_message(_day(day)) if day else None)


def _look(step: closing_pb2.ClosingStep, on: date) -> Message:
    """The request that shows what a proof finds: that of its list of breaks, or the proof itself."""
    proof = next(value_of(each, JobStep) for each in step.job.steps if each.holds_field)
    return calls.looked_at(proof.breaks, on) if proof.breaks else calls.asked(proof, on, "")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NothingHere(name=text[:40]) from None


def _whole(closing: closing_pb2.Closing) -> str:
    """How a close stands, `UNDER_WAY`."""
    return closing_pb2.ClosingState.Name(closing.state).removeprefix("CLOSING_STATE_")


def _seconds(run: job_pb2.JobRun) -> str:
    """How long an occasion took; a line where it has not ended."""
    if not run.HasField("ended_at"):
        return formats.NOTHING
    return formats.duration(run.ended_at.ToDatetime(UTC) - run.started_at.ToDatetime(UTC))


def _detail(visit: Visit, step: closing_pb2.ClosingStep) -> str:
    stands = visit.words(f"closing.step.{closing_drawing.state(step)}")
    return f"{stands} · {_seconds(step.run)}" if step.run.HasField("ended_at") else stands
