"""A run at work in this process: what the journal says of it, and what it has done since."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from google.protobuf.message import Message
from google.type import date_pb2

from zhongtai.gateway.run import store
from zhongtai.gateway.run.domain import Run, Step, StepKind, StepStatus, Wait
from zhongtai.gateway.run.journal import Journal, Work
from zhongtai.gateway.scenario.inputs import decode_inputs
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.walk import RunFacts
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method

LONGEST_REQUEST_ID = 128
OPEN_WORK_ORDER = contracts.method_of(work_order_pb2.OpenWorkOrderRequest)


@dataclass(frozen=True, slots=True)
class Undoable:
    """A call that can be taken back: what was asked and answered."""

    name: str
    method: Method
    request: Message
    reply: Message


@dataclass(eq=False)
class Live:
    """One run at work."""

    run: Run
    plan: Plan
    journal: Journal
    # True where an earlier life of this run may have called what its journal does not show.
    recovered: bool
    began: float
    steps: dict[str, Step] = field(default_factory=dict)
    waits: dict[str, Wait] = field(default_factory=dict)
    undoable: list[Undoable] = field(default_factory=list)
    forward: bool = False
    alarmed: bool = False
    # What must be durable before the next effect: it may not come out the same when it is read again.
    unsettled: "list[asyncio.Future[None]]" = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def call(self) -> Call:
        """Who the gateway is for this run: with the rights that its product needs and no more, for whoever started
        it.
        """
        caller = Caller("gateway", "gateway", self.plan.scopes, on_behalf_of=self.run.started_by)
        return Call(caller, business_date=self.run.business_date)

    @property
    def facts(self) -> RunFacts:
        """What its product may know of it."""
        day = self.run.business_date
        return RunFacts(
            self.run.run_id,
            self.run.started_by,
            date_pb2.Date(year=day.year, month=day.month, day=day.day),
            self.run.started_at,
        )

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What it was started with."""
        return decode_inputs(self.plan, json.loads(self.run.given))

    def remember(self, kept: store.Kept) -> None:
        """Stands as the journal says."""
        self.run = kept.run
        self.steps = {step.name: step for step in kept.steps}
        self.waits = {wait.step: wait for wait in kept.waits}

    def write(self, work: Work) -> "asyncio.Future[None]":
        """Queues something for the journal."""
        return self.journal.write(self.run.run_id, self.call, work)

    async def written(self, work: Work) -> None:
        """Writes something to the journal and returns when it, and all before it, is durable."""
        durable = self.write(work)
        self.journal.hurry()
        await durable

    def note(self, step: Step) -> "asyncio.Future[None]":
        """Queues a step for the journal: a new one, or one that stands otherwise now."""
        known = step.name in self.steps
        self.steps[step.name] = step
        if known:
            return self.write(lambda unit: store.steps.save(unit, step))
        return self.journal.write(self.run.run_id, self.call, step)

    def position(self, name: str) -> int:
        """The place of a step in the journal."""
        return self.steps[name].position if name in self.steps else len(self.steps) + 1

    def request_id(self, name: str) -> str:
        """The request id of a step: the same in every life of the run."""
        whole = f"{self.run.run_id}:{name}"
        if len(whole) <= LONGEST_REQUEST_ID:
            return whole
        return f"{self.run.run_id}:{sha256(name.encode()).hexdigest()[:48]}"

    async def durable(self) -> None:
        """Waits until everything that the next effect rests on is durable."""
        unsettled, self.unsettled = self.unsettled, []
        if any(not future.done() for future in unsettled):
            self.journal.hurry()
        for future in unsettled:
            await future

    def find_undoable(self) -> None:
        """Finds in the journal what a run that had turned back must take back."""
        decided = {
            name for name, step in self.steps.items() if step.kind is StepKind.HUMAN and step.status is StepStatus.DONE
        }
        for step in self.steps.values():
            opened_and_decided = (
                step.name.removesuffix(".open") in decided and step.subject == OPEN_WORK_ORDER.full_name
            )
            if step.kind is StepKind.CALL and step.status is StepStatus.DONE and not opened_and_decided:
                method = contracts.method(step.subject)
                if method.operation.undo:
                    request, reply = (
                        method.request_type.FromString(step.sent),
                        method.response_type.FromString(step.answered),
                    )
                    self.undoable.append(Undoable(step.name, method, request, reply))
