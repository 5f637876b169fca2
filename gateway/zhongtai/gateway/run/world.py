"""The world a run walks on: services are asked, what they answer is journalled, and what is journalled is not
asked again.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from google.protobuf.message import Message

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.run import store
from zhongtai.gateway.run.asking import Asking, OutOfTimeError, Question
from zhongtai.gateway.run.domain import AgainRefused, Step, StepKind, StepStatus, Wait, WaitStatus
from zhongtai.gateway.run.live import OPEN_WORK_ORDER, Live, Undoable
from zhongtai.gateway.scenario.plan import CallStep, EmitStep, HumanStep, WaitStep
from zhongtai.gateway.scenario.undo import undo_of, undo_request
from zhongtai.gateway.scenario.walk import identified
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime.clock import Clock
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.unit import Unit

OPEN_TIMEOUT_S = 5.0
UNDO_TIMEOUT_S = 10.0


class SuspendedError(Exception):
    """The run waits in a step: its walk is left and taken again when what it waits for came."""

    def __init__(self, wait: Wait) -> None:
        self.wait = wait
        super().__init__(wait.step)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a step waits for: the event whose field has a value, for so many seconds."""

    kind: StepKind
    event: type[Message]
    field: str
    value: str
    timeout_s: float


class JournalledWorld:
    """The world of one run."""

    def __init__(self, live: Live, asking: Asking, clock: Clock) -> None:
        self._live = live
        self._asking = asking
        self._clock = clock

    @property
    def forward(self) -> bool:
        """True once there is no way back."""
        return self._live.forward

    async def call(self, name: str, step: CallStep, request: Message) -> Message:
        """The reply of the service, or of the journal."""
        return await self._call(name, step.method, request, step.timeout_s)

    async def human(self, name: str, step: HumanStep, request: Message) -> Message | None:
        """Opens a work order and waits for its decision; None where nobody decided in time."""
        opened = f"{name}.open"
        reply = await self._call(opened, OPEN_WORK_ORDER, request, OPEN_TIMEOUT_S)
        order_id: str = reply.work_order_id  # type: ignore[attr-defined]
        decision = work_order_pb2.WorkOrderDecided
        decided = await self._event(name, Awaited(StepKind.HUMAN, decision, "work_order_id", order_id, step.timeout_s))
        if decided is not None:
            # What is decided stays decided; only an order nobody decided is taken back.
            self._live.undoable = [found for found in self._live.undoable if found.name != opened]
        return decided

    async def wait(self, name: str, step: WaitStep, value: str) -> Message | None:
        """Waits for an event; None where it did not come in time."""
        return await self._event(name, Awaited(StepKind.WAIT, step.event, step.field, value, step.timeout_s))

    async def emit(self, name: str, step: EmitStep, event: Message) -> None:
        """Tells an event, with its entry in the journal: once."""
        live = self._live
        live.forward = True
        if name in live.steps:
            return
        told = self._step(name, StepKind.EMIT, StepStatus.DONE, event, live.request_id(name))
        live.steps[name] = told = replace(told, ended_at=told.started_at)

        def write(unit: Unit) -> None:
            store.steps.add(unit, told)
            store.tell(unit, event)

        await live.durable()
        live.write(write)

    async def together(self, works: Sequence[Awaitable[None]]) -> None:
        """Does works at the same time; an end goes before a wait."""
        raised = [found for found in await asyncio.gather(*works, return_exceptions=True) if found is not None]
        ends = [found for found in raised if not isinstance(found, SuspendedError)]
        for found in (*ends, *raised):
            raise found

    async def undo(self) -> None:
        """Takes back what was done, the last first. It does not return before that is done."""
        for done in reversed(self._live.undoable):
            name = f"undo.{done.name}"
            known = self._live.steps.get(name)
            if known is not None and known.status is StepStatus.DONE:
                continue
            method = undo_of(done.method)
            assert method is not None, "a plan with a call that cannot be taken back does not compile"
            request = undo_request(done.method, done.request, done.reply, self._live.request_id(name))
            await self._asking.ask(
                self._live, Question(name, StepKind.UNDO, method, request, UNDO_TIMEOUT_S, must_succeed=True)
            )

    async def _call(self, name: str, method: Method, request: Message, timeout_s: float) -> Message:
        live = self._live
        effect = method.operation.effect
        identified(request, live.request_id(name))
        known = live.steps.get(name)
        if known is not None and known.status is StepStatus.DONE:
            return self._keep(name, method, request, method.response_type.FromString(known.answered))
        if known is not None and known.status is StepStatus.REFUSED and known.refusal is not None:
            raise AgainRefused.by(known.refusal)
        self._hold_to_deadline(reads=method.reads)
        if not method.reads:
            await live.durable()
        live.forward = live.forward or effect == options_pb2.EFFECT_RETRIABLE
        give_up_at = live.began + live.plan.budget.deadline_s if method.reads and not live.forward else None
        question = Question(name, StepKind.CALL, method, request, timeout_s, live.forward, give_up_at)
        reply, durable = await self._asking.ask(live, question)
        if method.reads:
            live.unsettled.append(durable)
        return self._keep(name, method, request, reply)

    def _keep(self, name: str, method: Method, request: Message, reply: Message) -> Message:
        effect = method.operation.effect
        if effect == options_pb2.EFFECT_REVERSIBLE:
            self._live.undoable.append(Undoable(name, method, request, reply))
        self._live.forward = self._live.forward or effect in (options_pb2.EFFECT_PIVOT, options_pb2.EFFECT_RETRIABLE)
        return reply

    def _hold_to_deadline(self, *, reads: bool) -> None:
        """Turns a run back that is out of time, where everything it did is known.

        An earlier life of a recovered run may have called an effect that its journal does not show. It called
        none behind a read that is not in the journal, because an effect waits for the reads before it: a
        recovered run is held to its deadline at reads alone.
        """
        live = self._live
        out_of_time = asyncio.get_running_loop().time() > live.began + live.plan.budget.deadline_s
        if out_of_time and not live.forward and (reads or not live.recovered):
            raise OutOfTimeError

    async def _event(self, name: str, awaited: Awaited) -> Message | None:
        live, event = self._live, awaited.event
        known = live.steps.get(name)
        if known is not None and known.status is StepStatus.DONE:
            return event.FromString(known.answered)
        if known is not None and known.status is StepStatus.LAPSED:
            return None
        wait = live.waits.get(name) or await self._open_wait(name, awaited)
        if wait.status is WaitStatus.OPEN:
            raise SuspendedError(wait)
        came = wait.status is WaitStatus.ARRIVED
        status = StepStatus.DONE if came else StepStatus.LAPSED
        live.note(replace(live.steps[name], status=status, ended_at=self._clock.now(), answered=wait.payload))
        live.write(lambda unit: store.waits.remove(unit, live.run.run_id, name))
        return event.FromString(wait.payload) if came else None

    async def _open_wait(self, name: str, awaited: Awaited) -> Wait:
        """Begins to wait, durably; the event may have come before."""
        live, now = self._live, self._clock.now()
        subject, field, value = awaited.event.DESCRIPTOR.full_name, awaited.field, awaited.value
        until = now + timedelta(seconds=awaited.timeout_s)
        wait = Wait(live.run.run_id, name, subject, field, value, opened_at=now, until=until)
        step = self._step(name, awaited.kind, StepStatus.WAITING, awaited.event(), "")
        found: list[Wait] = []

        def write(unit: Unit) -> None:
            early = store.early(unit, subject, field, value)
            found.append(wait.arrives(early.payload) if early is not None else wait)
            store.waits.add(unit, found[-1])

        live.note(step)
        await live.written(write)
        live.waits[name] = found[-1]
        return found[-1]

    def _step(self, name: str, kind: StepKind, status: StepStatus, message: Message, request_id: str) -> Step:
        return Step(
            run_id=self._live.run.run_id,
            name=name,
            position=self._live.position(name),
            kind=kind,
            subject=message.DESCRIPTOR.full_name,
            status=status,
            attempts=1,
            request_id=request_id,
            started_at=self._clock.now(),
            ended_at=None,
            sent=message.SerializeToString(),
            answered=b"",
        )
