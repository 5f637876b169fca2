"""The close of the day: its graph, progress and times, what it would come to, and its proofs down to the entry."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from google.protobuf.message import Message
from markupsafe import Markup
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import closing_drawing, formats
from zhongtai.gateway.console.findings import Section, entries_of, sections_of
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.gateway.job import calls
from zhongtai.gateway.job.domain import JobStep
from zhongtai.gateway.v1 import closing_pb2, job_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import book_day_pb2, ledger_pb2
from zhongtai.runtime.approvals import ApprovalAwaited
from zhongtai.runtime.convert import date_message, date_of, value_of

ROWS = 10
Ran = job_pb2.JobRun | closing_pb2.Closing
VERBS: dict[str, Callable[[dict[str, str]], Message]] = {
    "begin": lambda form: closing_pb2.BeginClosingRequest(
        request_id=form.get("request_id", ""),
        book=form.get("book", ""),
        business_date=date_message(_day(form.get("date", ""))),
    ),
    "override": lambda form: job_pb2.OverrideJobRequest(
        request_id=form.get("request_id", ""),
        job_id=form.get("job", ""),
        occasion=_day(form.get("date", "")).isoformat(),
        reason=form.get("reason", "").strip(),
    ),
}


async def graph(visit: Visit) -> Response:
    """The close of a date of a book, the newest where none is named."""
    return await _show(visit, _asked(visit.query))


async def act(visit: Visit) -> Response:
    """Begins or resumes a close, or asks to go on behind a failed proof, which somebody else must approve."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    if verb not in VERBS:
        raise NothingHere(name=verb[:40])
    told = await visit.act(VERBS[verb](fields))
    if told.refusal is not None and told.refusal.reason != ApprovalAwaited.reason:
        return await _show(visit, _asked(fields), told.refusal)
    return visit.go("closing", date=fields.get("date", ""), book=fields.get("book", ""), done=verb)


@dataclass(frozen=True)
class Previewed:
    """What a step would come to, the step itself, and what its figures are called."""

    step: closing_pb2.ClosingStep
    told: closing_pb2.ClosingPreview
    figures: list[tuple[str, str]]


async def preview(visit: Visit) -> Response:
    """What the close of a date would come to; nothing is written."""
    asked = _asked(visit.query)
    request = closing_pb2.PreviewClosingRequest(book=asked.book, business_date=asked.business_date)
    told, found = await visit.told(request), await visit.told(asked)
    steps = {step.job.job_id: step for step in found.reply.closing.steps} if found else {}
    each = [_previewed(visit, steps[one.job_id], one) for one in told.reply.steps] if told and steps else []
    return visit.show(
        "closing_preview.html",
        told=told,
        previewed=[one for one in each if one.told.previewed],
        others=[one for one in each if not one.told.previewed],
        asked=asked,
    )


def _previewed(visit: Visit, step: closing_pb2.ClosingStep, told: closing_pb2.ClosingPreview) -> Previewed:
    figures = [
        (
            _name_of(visit, figure.name),
            formats.money(figure.amount) if figure.HasField("amount") else f"{figure.count:,}",
        )
        for figure in told.figures
    ]
    return Previewed(step, told, figures)


def _name_of(visit: Visit, path: str) -> str:
    """What a figure is called: by the last name of its path, without the word that only says it is one."""
    *outer, last = [name for name in path.split(".") if name != "value"] or [path]
    return visit.words.known(f"figure.{last}", last.replace("_", " ")) + (f" · {outer[-1]}" if len(outer) > 1 else "")


@dataclass(frozen=True)
class Finding:
    """What a proof finds now, with the rights of whoever looks, and the entries it leads to."""

    step: closing_pb2.ClosingStep
    sections: list[Section]
    entries: list[ledger_pb2.Entry]
    refusal: Refusal | None


async def proofs(visit: Visit) -> Response:
    """The proofs of a date, each green or red; what each finds now, or the one that is named, down to the entries."""
    chosen = visit.query.get("job", "")
    told = await visit.told(_asked(visit.query))
    steps = [step for step in told.reply.closing.steps if step.proof] if told else []
    named = [step for step in steps if step.job.job_id == chosen]
    findings = [await _finding(visit, step, date_of(told.reply.closing.business_date)) for step in named or steps]
    return visit.show("closing_proofs.html", told=told, steps=steps, findings=findings, state=closing_drawing.state)


async def _finding(visit: Visit, step: closing_pb2.ClosingStep, on: date) -> Finding:
    look = await visit.told(_look(step, on))
    if not look:
        return Finding(step, [], [], look.refusal)
    return Finding(step, sections_of(visit.words, look.reply), await entries_of(visit, look.reply), None)


async def _show(visit: Visit, asked: closing_pb2.GetClosingRequest, refusal: Refusal | None = None) -> Response:
    told = await visit.told(asked)
    recent = await visit.told(book_day_pb2.ListBookDaysRequest(page=PageRequest(size=ROWS, newest_first=True)))
    steps = told.reply.closing.steps if told else []
    words = visit.words
    # `draw` escapes every text it puts in.
    drawing = closing_drawing.draw(
        steps,
        words("nav.closing"),
        words("closing.part.behind"),
        lambda step: words.either(step.job.title, step.job.title_zh),
        lambda step: _detail(visit, step),
    )
    return visit.show(
        "closing.html",
        told=told,
        recent=recent,
        refusal=refusal,
        drawing=Markup(drawing),
        state=closing_drawing.state,
        parts=[(name, found) for name, found in _parts(steps) if found],
        whole=_whole,
        took=_took,
        seconds=_seconds,
        longest=max((_seconds(step.run) for step in steps), default=0),
        failed=[step for step in steps if closing_drawing.state(step) == "FAILED"],
        done=visit.query.get("done", "") if visit.query.get("done", "") in VERBS else "",
        request_id=visit.console.ids.new("req"),
    )


def _asked(named: Mapping[str, str]) -> closing_pb2.GetClosingRequest:
    """The close that a page or a form names: of a book and a date, or the newest."""
    day = named.get("date", "")
    return closing_pb2.GetClosingRequest(
        book=named.get("book", "")[:64], business_date=date_message(_day(day)) if day else None
    )


def _parts(
    steps: Iterable[closing_pb2.ClosingStep],
) -> Iterable[tuple[str, list[closing_pb2.ClosingStep]]]:
    """The steps that guard the closed date, and those behind it, each part with its name."""
    found = list(steps)
    yield "guards", [step for step in found if step.guards]
    yield "behind", [step for step in found if not step.guards]


def _look(step: closing_pb2.ClosingStep, on: date) -> Message:
    """The request that shows what a proof finds: that of its list of breaks, or the proof itself where it stands."""
    proof = next(value_of(each, JobStep) for each in step.job.steps if each.holds_field)
    return calls.looked_at(proof.breaks, on) if proof.breaks else calls.asked(proof, on, step.run.position)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NothingHere(name=text[:40]) from None


def _whole(closing: closing_pb2.Closing) -> str:
    """How a close stands, `UNDER_WAY`."""
    return closing_pb2.ClosingState.Name(closing.state).removeprefix("CLOSING_STATE_")


def _seconds(run: Ran) -> float:
    """How long an occasion or a close took in seconds; 0 where it has not ended."""
    if not run.HasField("ended_at"):
        return 0.0
    return (run.ended_at.ToDatetime(UTC) - run.started_at.ToDatetime(UTC)).total_seconds()


def _took(run: Ran) -> str:
    """How long it took, to be read; a line where it has not ended."""
    return formats.duration(timedelta(seconds=_seconds(run))) if run.HasField("ended_at") else formats.NOTHING


def _detail(visit: Visit, step: closing_pb2.ClosingStep) -> str:
    stands = visit.words(f"closing.step.{closing_drawing.state(step)}")
    return f"{stands} · {_took(step.run)}" if step.run.HasField("ended_at") else stands
