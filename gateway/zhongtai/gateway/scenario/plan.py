"""A plan: a product that compiled. Immutable, whole, and the only thing a run ever walks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf.message import Message

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.scenario.expressions import Formula
from zhongtai.gateway.scenario.kinds import Kind
from zhongtai.gateway.scenario.template import Template
from zhongtai.runtime.contracts import Method, data_class

# How a run ends where the product has no answer of its own.
REFUSED = "REFUSED"
TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run ended as it did: a machine reason and a sentence in both languages."""

    code: str
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an input, or one parameter. `default` is a value where `optional`."""

    name: str
    kind: Kind
    optional: bool = False
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may take: seconds until it counts as slow, seconds of work before the pivot, calls."""

    latency_s: float
    deadline_s: float
    calls: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A way out: the outcome it gives and where the reasons come from. `end` names it, `review.timeout`."""

    end: str
    outcome: str
    reasons: Formula | tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class CallStep:
    """An RPC. `refused` are the product's answers to what the RPC may refuse with."""

    id: str
    when: Formula | None
    method: Method
    request: Template
    timeout_s: float
    refused: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class RequireStep:
    """A condition, and the answer where it does not hold."""

    id: str
    when: Formula | None
    condition: Formula
    otherwise: Answer


@dataclass(frozen=True, slots=True)
class HumanStep:
    """A work order and its decision. `open` is the request that opens it; `cancel` takes it back."""

    id: str
    when: Formula | None
    role: str
    open: Template
    timeout_s: float
    timeout: Answer


@dataclass(frozen=True, slots=True)
class WaitStep:
    """An event whose `field` has the value of `match`. Without `timeout` the run goes on when it does not come."""

    id: str
    when: Formula | None
    event: type[Message]
    field: str
    match: Formula
    timeout_s: float
    timeout: Answer | None


@dataclass(frozen=True, slots=True)
class EmitStep:
    """An event of the gateway's own."""

    id: str
    when: Formula | None
    event: Template


@dataclass(frozen=True, slots=True)
class AllStep:
    """Steps that run at the same time."""

    id: str
    when: Formula | None
    steps: "tuple[Step, ...]"


@dataclass(frozen=True, slots=True)
class EachStep:
    """Steps for each item of a list, one item after the other; `collect` makes the list that the step's name
    stands for.
    """

    id: str
    when: Formula | None
    over: Formula
    item: str
    at_most: int
    steps: "tuple[Step, ...]"
    collect: Formula | None


@dataclass(frozen=True, slots=True)
class ProductStep:
    """Another product, in this run: its steps are journalled, undone and ordered with the others."""

    id: str
    when: Formula | None
    plan: "Plan"
    inputs: Mapping[str, Formula]
    ended: Mapping[str, Answer]


Step = CallStep | RequireStep | HumanStep | WaitStep | EmitStep | AllStep | EachStep | ProductStep


@dataclass(frozen=True, slots=True)
class Output:
    """One field of what comes of a run."""

    name: str
    kind: Kind
    formula: Formula


@dataclass(frozen=True, slots=True)
class Example:
    """One example, as JSON values: what goes in, what each step is answered, how it must end."""

    name: str
    line: int
    input: Mapping[str, Any]
    replies: Mapping[str, Any]
    refusals: Mapping[str, str]
    outcome: str
    undone: tuple[str, ...] | None
    output: Mapping[str, Any] | None


@dataclass(frozen=True)
class Plan:
    """A compiled product."""

    product: str
    version: int
    title: Text
    summary: Text
    partners: tuple[str, ...]
    at_once: int
    inputs: tuple[Field, ...]
    parameters: tuple[Field, ...]
    budget: Budget
    steps: tuple[Step, ...]
    done: str
    outputs: tuple[Output, ...]
    outcomes: Mapping[str, Text]
    examples: tuple[Example, ...]
    source: str

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What the gateway must be allowed for a run of it: the scopes of its calls and undos, no more."""
        called = [step.method for _, step in self.walkthrough() if isinstance(step, CallStep)]
        undos = [method.undo for method in called if method.undo is not None]
        return frozenset(method.operation.scope for method in (*called, *undos)) | {"operations.work_order.write"}

    @cached_property
    def personal(self) -> frozenset[str]:
        """The inputs that some contract calls personal (C2), because they are passed on as such."""
        return frozenset(
            source.chain.name.removeprefix("input.")
            for step in self.steps
            if isinstance(step, CallStep)
            for field, source in step.request.fields
            if isinstance(source, Formula) and source.chain is not None and source.chain.name.startswith("input.")
            if data_class(field) >= options_pb2.DATA_CLASS_C2
        )

    def walkthrough(self) -> Iterator[tuple[str, Step]]:
        """Every step with its full name, those in blocks and nested products included."""
        yield from _within("", self.steps)

    def answers(self) -> Iterator[Answer]:
        """Every way out that the file itself declares."""
        for _, step in _within("", self.steps, nested=False):
            yield from answers_of(step)


def _within(prefix: str, steps: tuple[Step, ...], *, nested: bool = True) -> Iterator[tuple[str, Step]]:
    for step in steps:
        yield prefix + step.id, step
        if isinstance(step, AllStep | EachStep):
            inner = prefix if isinstance(step, AllStep) else f"{prefix}{step.id}."
            yield from _within(inner, step.steps, nested=nested)
        elif isinstance(step, ProductStep) and nested:
            yield from _within(f"{prefix}{step.id}.", step.plan.steps)


def answers_of(step: Step) -> tuple[Answer, ...]:
    """The ways out of one step."""
    if isinstance(step, CallStep):
        return tuple(step.refused.values())
    if isinstance(step, RequireStep):
        return (step.otherwise,)
    if isinstance(step, HumanStep):
        return (step.timeout,)
    if isinstance(step, WaitStep):
        return (step.timeout,) if step.timeout else ()
    return tuple(step.ended.values()) if isinstance(step, ProductStep) else ()
