"""Runs: the list with its filters, and one run as a timeline of everything it did."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from google.protobuf.timestamp_pb2 import Timestamp
from starlette.responses import Response

from zhongtai.common.v1 import options_pb2
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import formats
from zhongtai.gateway.console.catalogue import plans
from zhongtai.gateway.console.site import Visit
from zhongtai.gateway.v1 import run_pb2
from zhongtai.reporting.v1 import fact_pb2
from zhongtai.runtime import contracts

ROWS = 25
MOST_FACTS = 1000
# Events of a run may be told a little after its end, and clocks of two machines differ.
AROUND = timedelta(seconds=5)
STATUSES = tuple(name.removeprefix("RUN_STATUS_") for name in run_pb2.RunStatus.keys()[1:])
UNDO = "UNDO"


@dataclass(frozen=True, slots=True)
class Moment:
    """One step on the timeline. `left` and `width` are thousandths of the run's time; `facts` are what it caused."""

    step: run_pb2.RunStep
    kind: str
    status: str
    effect: str
    took: str
    after: str
    left: int
    width: int
    facts: Sequence[fact_pb2.Fact]


async def listed(visit: Visit) -> Response:
    """The list; a run's id in the search box leads to it."""
    sought = visit.query.get("run_id", "").strip()
    if sought:
        return visit.go(f"runs/{quote(sought, safe='')}")
    status = visit.query.get("status", "")
    request = run_pb2.ListRunsRequest(
        product=visit.query.get("product", ""),
        status=f"RUN_STATUS_{status if status in STATUSES else 'UNSPECIFIED'}",
        outcome=visit.query.get("outcome", ""),
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    told = await visit.told(request)
    products = await asyncio.to_thread(plans)
    outcomes = sorted({outcome for plan in products.values() for outcome in plan.outcomes})
    return visit.show(
        "runs.html",
        told=told,
        rows=[_row(run) for run in told.reply.runs] if told else [],
        statuses=STATUSES,
        products=sorted(products),
        outcomes=outcomes,
        filters={name: visit.query.get(name, "") for name in ("product", "status", "outcome")},
    )


async def one(visit: Visit) -> Response:
    """One run with its journal, and the events its steps caused."""
    request = run_pb2.GetRunRequest(run_id=visit.request.path_params["run_id"])
    run = (await visit.ask(request, run_pb2.GetRunResponse)).run
    caused = await visit.told(_facts_around(run))
    by_cause: dict[str, list[fact_pb2.Fact]] = {}
    for fact in caused.reply.facts if caused else ():
        by_cause.setdefault(fact.cause, []).append(fact)
    own = [fact for fact in caused.reply.facts if fact.key == run.run_id] if caused else []
    moments = timeline(run, by_cause)
    plan = (await asyncio.to_thread(plans)).get(run.product)
    return visit.show(
        "run.html",
        run=run,
        row=_row(run),
        moments=moments,
        own=own,
        caused=caused,
        cut=bool(caused and caused.reply.page.next_token),
        plan=plan,
        undone=sum(moment.kind == UNDO for moment in moments),
        tries=sum(max(0, step.attempts - 1) for step in run.steps),
    )


def timeline(run: run_pb2.Run, caused: Mapping[str, Sequence[fact_pb2.Fact]]) -> list[Moment]:
    """The journal of a run, each step placed in the time from its start to its end."""
    begun = _time(run.started_at)
    last = max((_ended(step) for step in run.steps), default=begun)
    # The bars show work: where a person took days to decide, the steps around would be hairlines on one scale.
    whole = max(last - begun, timedelta(microseconds=1))
    return [_moment(step, begun, whole, caused.get(step.request_id, ())) for step in run.steps]


def _moment(step: run_pb2.RunStep, begun: datetime, whole: timedelta, facts: Sequence[fact_pb2.Fact]) -> Moment:
    start = _time(step.started_at)
    # The two instants of a told event are read in the other order: no step took less than nothing.
    end = max(start, _ended(step))
    kind = run_pb2.StepKind.Name(step.kind).removeprefix("STEP_KIND_")
    left = min(994, max(0, round((start - begun) / whole * 1000)))
    return Moment(
        step=step,
        kind=kind,
        status=run_pb2.StepStatus.Name(step.status).removeprefix("STEP_STATUS_"),
        effect=_effect(kind, step.subject),
        took=formats.duration(end - start) if step.HasField("ended_at") else formats.NOTHING,
        after=formats.duration(max(timedelta(), start - begun)),
        left=left,
        width=max(6, min(1000 - left, round((end - start) / whole * 1000))),
        facts=facts,
    )


def _effect(kind: str, subject: str) -> str:
    """What colours a step: the effect of the RPC it called, else its kind."""
    if kind != "CALL":
        return kind
    return options_pb2.Effect.Name(contracts.method(subject).operation.effect).removeprefix("EFFECT_")


def _row(run: run_pb2.Run) -> dict[str, object]:
    """What a list tells of a run."""
    ended = run.HasField("ended_at")
    return {
        "run": run,
        "status": run_pb2.RunStatus.Name(run.status).removeprefix("RUN_STATUS_"),
        "took": formats.duration(_time(run.ended_at) - _time(run.started_at)) if ended else formats.NOTHING,
    }


def _facts_around(run: run_pb2.Run) -> fact_pb2.ListFactsRequest:
    """The events from the time of the run: which of them it caused, their cause tells."""
    request = fact_pb2.ListFactsRequest(page=PageRequest(size=MOST_FACTS))
    last = max((_ended(step) for step in run.steps), default=_time(run.started_at))
    request.occurred_from.FromDatetime(_time(run.started_at) - AROUND)
    request.occurred_before.FromDatetime(max(last, _time(run.ended_at)) + AROUND)
    return request


def _ended(step: run_pb2.RunStep) -> datetime:
    return _time(step.ended_at if step.HasField("ended_at") else step.started_at)


def _time(instant: Timestamp) -> datetime:
    return instant.ToDatetime(UTC)
