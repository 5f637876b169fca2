"""Walks a plan: what happens next, and how it ends. Everything it does to the world goes through a `World`.

A run walks with a world that journals and calls services; an example walks with one that answers what the file
declares. The walk is deterministic: given the same answers it takes the same steps, which is how a run is taken
up again after a crash.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from google.protobuf.message import Message
from google.type import date_pb2

from zhongtai.gateway.scenario.expressions import ExpressionFailedError, Formula
from zhongtai.gateway.scenario.plan import (
    REFUSED,
    AllStep,
    Answer,
    CallStep,
    EachStep,
    EmitStep,
    HumanStep,
    Plan,
    ProductStep,
    Reason,
    RequireStep,
    Step,
    WaitStep,
)
from zhongtai.kernel.refusals import Refusal

MOST_REASONS = 50


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a product may know of its run. It stays the same however often the run is taken up."""

    run_id: str
    caller: str
    business_date: date_pb2.Date
    started_at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """How a walk ended. `at` names the end: "done", a way out such as "eligible.else", or the step that was refused.

    `done` is true for the good end; `answered` where the product itself gives the answer.
    """

    at: str
    outcome: str
    done: bool
    answered: bool
    reasons: tuple[Reason, ...] = ()
    output: Mapping[str, Any] | None = None


def identified(request: Message, request_id: str) -> Message:
    """The request with its id, where it takes one: a request that changes nothing has none."""
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        request.request_id = request_id  # type: ignore[attr-defined]
    return request


class World(Protocol):
    """What a walk acts on. Names are full: "offer", "repay.quote" in a nested product, "lines.0.check" in a loop."""

    @property
    def forward(self) -> bool:
        """True once there is no way back."""

    async def call(self, name: str, step: CallStep, request: Message) -> Message:
        """The reply. Raises the refusal where the service refuses, never once `forward`."""

    async def human(self, name: str, step: HumanStep, request: Message) -> Message | None:
        """The decision, a `WorkOrderDecided`; None where nobody decided in time."""

    async def wait(self, name: str, step: WaitStep, value: str) -> Message | None:
        """The event whose field has the value; None where it did not come in time."""

    async def emit(self, name: str, step: EmitStep, event: Message) -> None:
        """Tells an event."""

    async def together(self, works: Sequence[Awaitable[None]]) -> None:
        """Does works at the same time; waits for all of them, then raises what the first of them raised."""


class _EndedError(Exception):
    """Leaves the blocks and nested products that a walk is in."""

    def __init__(self, end: End) -> None:
        self.end = end


async def walk(plan: Plan, inputs: Mapping[str, Any], facts: RunFacts, world: World) -> End:
    """Walks a plan to its end. Raises what the world raises beside refusals, and once forward
    `ExpressionFailedError`.
    """
    values = {
        "run.id": facts.run_id,
        "run.caller": facts.caller,
        "run.business_date": facts.business_date,
        "run.started_at": facts.started_at,
    }
    return await _Walker(plan, world, "", values, inputs).end()


class _Walker:
    """One plan on its way: the outermost, or a nested product."""

    def __init__(
        self, plan: Plan, world: World, prefix: str, run: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> None:
        self.plan = plan
        self.world = world
        self.prefix = prefix
        self.run = run
        self.values: dict[str, Any] = {**run}
        self.values |= {f"parameters.{field.name}": field.default for field in plan.parameters}
        self.values |= {f"input.{field.name}": inputs.get(field.name, field.default) for field in plan.inputs}

    async def end(self) -> End:
        try:
            for step in self.plan.steps:
                await self._step(step, self.values, self.prefix)
            output = {found.name: found.formula(self.values) for found in self.plan.outputs}
        except _EndedError as ended:
            return ended.end
        except ExpressionFailedError as error:
            if self.world.forward:
                raise
            return _faulty("output", error)
        return End("done", self.plan.done, done=True, answered=True, output=output)

    async def _step(self, step: Step, values: dict[str, Any], prefix: str) -> None:
        name = prefix + step.id
        try:
            if step.when is None or step.when(values):
                await self._do(step, name, values, prefix)
        except ExpressionFailedError as error:
            if self.world.forward:
                raise
            raise _EndedError(_faulty(name, error)) from error

    async def _do(self, step: Step, name: str, values: dict[str, Any], prefix: str) -> None:
        match step:
            case CallStep():
                values[step.id] = await self._call(step, name, values)
            case RequireStep():
                if not step.condition(values):
                    raise _EndedError(_answered(step.otherwise, values))
            case HumanStep():
                values[step.id] = _came(await self.world.human(name, step, step.open(values)), step.timeout, values)
            case WaitStep():
                values[step.id] = _came(await self.world.wait(name, step, step.match(values)), step.timeout, values)
            case EmitStep():
                await self.world.emit(name, step, self._event(step, values))
            case AllStep():
                await self.world.together([self._step(inner, values, prefix) for inner in step.steps])
            case EachStep():
                await self._each(step, name, values)
            case ProductStep():
                await self._product(step, name, values)

    async def _call(self, step: CallStep, name: str, values: Mapping[str, Any]) -> Message:
        try:
            return await self.world.call(name, step, step.request(values))
        except Refusal as refusal:
            answer = step.refused.get(refusal.reason)
            if answer is not None:
                raise _EndedError(_answered(answer, values)) from refusal
            reason = Reason(refusal.reason, refusal.sentence("en"), refusal.sentence("zh-CN"))
            raise _EndedError(End(name, REFUSED, done=False, answered=False, reasons=(reason,))) from refusal

    def _event(self, step: EmitStep, values: Mapping[str, Any]) -> Message:
        event: Any = step.event(values)
        event.run_id, event.product, event.version = values["run.id"], self.plan.product, self.plan.version
        return event  # type: ignore[no-any-return]

    async def _each(self, step: EachStep, name: str, values: dict[str, Any]) -> None:
        items = step.over(values) or ()
        if len(items) > step.at_most:
            raise ExpressionFailedError(f"{step.over.text}: {len(items)} items, more than {step.at_most}")
        collected: list[Any] = []
        for at, item in enumerate(items):
            inner = {**values, step.item: item}
            for found in step.steps:
                await self._step(found, inner, f"{name}.{at}.")
            if step.collect is not None:
                collected.append(step.collect(inner))
        values[step.id] = collected

    async def _product(self, step: ProductStep, name: str, values: dict[str, Any]) -> None:
        inputs = {key: formula(values) for key, formula in step.inputs.items()}
        end = await _Walker(step.plan, self.world, f"{name}.", self.run, inputs).end()
        if end.done:
            assert end.output is not None
            values |= {f"{step.id}.{key}": value for key, value in end.output.items()}
        elif end.outcome in step.ended:
            raise _EndedError(_answered(step.ended[end.outcome], values))
        else:
            raise _EndedError(end)


def _came(event: Message | None, timeout: Answer | None, values: Mapping[str, Any]) -> Message | None:
    if event is None and timeout is not None:
        raise _EndedError(_answered(timeout, values))
    return event


def _answered(answer: Answer, values: Mapping[str, Any]) -> End:
    return End(answer.end, answer.outcome, done=False, answered=True, reasons=_reasons(answer.reasons, values))


def _reasons(source: Formula | tuple[Reason, ...], values: Mapping[str, Any]) -> tuple[Reason, ...]:
    if isinstance(source, tuple):
        return source
    return tuple(Reason(found.code, found.text, found.text_zh) for found in source(values)[:MOST_REASONS])


def _faulty(name: str, error: ExpressionFailedError) -> End:
    """An expression without a value is the product's fault, and ends the run while there is a way back."""
    reason = Reason("EXPRESSION_FAILED", f"The product could not go on: {error}.", f"产品无法继续：{error}。")
    return End(name, REFUSED, done=False, answered=False, reasons=(reason,))
