"""The answers of `RunService`, and the events that runs wait for."""

import asyncio
import json
from hashlib import sha256

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from zhongtai.gateway.run import store
from zhongtai.gateway.run.domain import Arrival, PartnerNotAdmitted, Run, RunStatus
from zhongtai.gateway.run.running import executor_of
from zhongtai.gateway.run.told import started, told
from zhongtai.gateway.scenario.inputs import InputUnfitError, decode_inputs
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.shipped import heard, shipped
from zhongtai.gateway.v1 import run_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.errors import RequestIdReused
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, on, rpc
from zhongtai.runtime.violations import RequestInvalid, Violation

# How long before the caller's deadline a run that goes on is answered as it stands, in seconds.
ANSWER_BEFORE_S = 0.25


@rpc
async def start_run(request: v1.StartRunRequest, context: Orchestration) -> v1.StartRunResponse:
    """Starts a run, or finds the one that the same request started, and waits for its end."""
    executor = await executor_of(context.host)
    plan = executor.products.open_version(request.product, request.version)
    caller = context.call.caller
    if plan.partners and caller.client_id not in plan.partners:
        raise PartnerNotAdmitted(client_id=caller.client_id, product=plan.product)
    given = MessageToDict(request.input)
    _check(plan, given)
    fingerprint = sha256(request.SerializeToString(deterministic=True)).hexdigest()
    run_id = context.new_id("run")

    def write(unit: Unit) -> Run:
        found = store.by_request(unit, caller.client_id, request.request_id)
        if found is not None:
            return found
        run = Run(
            run_id=run_id,
            product=plan.product,
            version=plan.version,
            status=RunStatus.RUNNING,
            outcome="",
            reasons=(),
            given=json.dumps(given, ensure_ascii=False),
            result="",
            business_date=unit.business_date,
            client_id=caller.client_id,
            started_by=caller.acting,
            request_id=request.request_id,
            fingerprint=fingerprint,
            started_at=unit.now,
            personal=tuple(sorted(plan.personal)),
        )
        store.runs.add(unit, run)
        unit.record(run.begun())
        return run

    run = await executor.start(run_id, plan, lambda: context.change(write, request.request_id))
    if run.fingerprint != fingerprint:
        raise RequestIdReused(request_id=request.request_id)
    deadline = context.call.deadline or asyncio.get_running_loop().time() + plan.budget.deadline_s
    return started(await executor.settled(run.run_id, deadline - ANSWER_BEFORE_S))


@rpc
def get_run(request: v1.GetRunRequest, view: View) -> v1.GetRunResponse:
    """One run with its journal."""
    run = store.runs.load(view, request.run_id)
    return v1.GetRunResponse(run=told(run, store.steps_of(view, run.run_id)))


@rpc
def list_runs(request: v1.ListRunsRequest, view: View) -> v1.ListRunsResponse:
    """A page of runs."""
    found, page = store.page(view, request.page, request.product, _status(request), request.outcome)
    return v1.ListRunsResponse(runs=[told(run) for run in found], page=page)


@on
def work_order_decided(event: work_order_pb2.WorkOrderDecided, unit: Unit) -> None:
    """A person decided: the run that waits for it goes on."""
    arrive(event, frozenset({"work_order_id"}), unit)


def arrive(event: Message, fields: frozenset[str], unit: Unit) -> None:
    """Hands an event to the runs that wait for it; it is kept for a run that is about to."""
    subject, payload = event.DESCRIPTOR.full_name, event.SerializeToString()
    for field in sorted(fields):
        value = str(getattr(event, field))
        waits = store.waits_for(unit, subject, field, value)
        for wait in waits:
            store.waits.save(unit, wait.arrives(payload))
        if not waits:
            store.arrivals.add(unit, Arrival(subject, field, value, unit.request_id, payload, unit.now))


def _status(request: v1.ListRunsRequest) -> RunStatus | None:
    name = v1.RunStatus.Name(request.status).removeprefix("RUN_STATUS_")
    return None if name == "UNSPECIFIED" else RunStatus(name)


def _check(plan: Plan, given: dict[str, object]) -> None:
    try:
        decode_inputs(plan, given)
    except InputUnfitError as error:
        raise RequestInvalid(
            violations=tuple(
                Violation(f"input.{field}", "INPUT_MUST_FIT_PRODUCT", reason) for field, reason in error.violations
            )
        ) from error


def _hear() -> None:
    """Adds a handler for every event that a shipped product waits for: adding a product edits no code."""
    known = contracts.events()
    for subject, fields in heard(shipped()).items():
        event = known.get(subject)
        if event is None or event is work_order_pb2.WorkOrderDecided:
            continue
        handler = _arrival_of(fields)
        handler.__annotations__ = {"event": event, "unit": Unit, "return": None}
        handler.__name__ = f"arrival_of_{event.DESCRIPTOR.name}"
        globals()[handler.__name__] = on(handler)


def _arrival_of(fields: frozenset[str]):  # type: ignore[no-untyped-def]
    def arrival(event: Message, unit: Unit) -> None:
        arrive(event, fields, unit)

    return arrival


_hear()
