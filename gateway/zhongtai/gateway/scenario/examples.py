"""Examples: a product's tests, run when the file is compiled. Every end must be reached by one.

An example walks the plan with a world that answers what the file declares, so what it proves is the very walk
of a run. Every request and event it makes is held against its contract.
"""

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from google.type import date_pb2

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.scenario.findings import Findings, Place, rather
from zhongtai.gateway.scenario.header import plain
from zhongtai.gateway.scenario.inputs import InputUnfitError, decode_inputs
from zhongtai.gateway.scenario.kinds import ValueUnfitError, decode, descriptor_of, encode, kind_of_message
from zhongtai.gateway.scenario.plan import CallStep, EmitStep, Example, HumanStep, Plan, Step, WaitStep
from zhongtai.gateway.scenario.shape import OUTCOME, Shape
from zhongtai.gateway.scenario.source import Node, Table
from zhongtai.gateway.scenario.walk import End, RunFacts, identified, walk
from zhongtai.kernel.refusals import Unmet
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime.violations import RequestInvalid, check

FACTS = RunFacts(
    run_id="run_00000000000000000000example",
    caller="example",
    business_date=date_pb2.Date(year=2026, month=1, day=5),
    started_at=datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
)
TIMEOUT = "timeout"
# What any RPC may refuse with, beside what its contract lists.
ANY_RPC = ("REQUEST_INVALID",)


class ExampleRefusal(Unmet):
    """The example says that the service refuses with {said}.

    示例声明服务以{said}拒绝。
    """

    said: str


class _ExampleUnfitError(Exception):
    """An example does not fit the product."""

    def __init__(self, number: str, reason: str, instead: str = "") -> None:
        self.number, self.reason, self.instead = number, reason, instead
        super().__init__(reason)


@dataclass
class ExampleWorld:
    """Answers what an example declares: a reply by the step's name, without the numbers of a loop where it is for
    all rounds.
    """

    example: Example
    forward: bool = False
    done: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    async def call(self, name: str, step: CallStep, request: Message) -> Message:
        """The declared reply, or the declared refusal."""
        _valid(name, identified(request, "example"))
        reason = self._declared(self.example.refusals, name)
        if reason is not None:
            refusal = ExampleRefusal(said=reason)
            vars(refusal)["reason"] = reason
            raise refusal
        effect = step.method.operation.effect
        if effect == options_pb2.EFFECT_REVERSIBLE:
            self.done.append(name)
        self.forward = self.forward or effect in (options_pb2.EFFECT_PIVOT, options_pb2.EFFECT_RETRIABLE)
        return self._reply(name, step.method.response_type)

    async def human(self, name: str, step: HumanStep, request: Message) -> Message | None:
        """The declared decision; None where the example says `timeout`."""
        _valid(name, identified(request, "example"))
        return self._came(name, work_order_pb2.WorkOrderDecided)

    async def wait(self, name: str, step: WaitStep, value: str) -> Message | None:
        """The declared event; None where the example says `timeout`."""
        return self._came(name, step.event)

    async def emit(self, name: str, step: EmitStep, event: Message) -> None:
        """Tells nobody."""
        self.forward = True

    async def together(self, works: Sequence[Awaitable[None]]) -> None:
        """One after the other: an example has no time."""
        for work in works:
            await work

    def _came(self, name: str, kind: type[Message]) -> Message | None:
        if self._declared(self.example.replies, name) is None:
            raise _ExampleUnfitError(
                "ZT063", f"It does not say what comes of `{name}`.", f"Add `{name}:` to its replies."
            )
        if self._declared(self.example.replies, name) == TIMEOUT:
            return None
        return self._reply(name, kind)

    def _reply(self, name: str, kind: type[Message]) -> Message:
        given = self._declared(self.example.replies, name)
        try:
            reply: Message = decode(kind_of_message(descriptor_of(kind)), {} if given is None else given)
        except ValueUnfitError as error:
            raise _ExampleUnfitError("ZT062", f"The reply of `{name}` does not fit: {error}.") from error
        return reply

    def _declared(self, table: Mapping[str, Any], name: str) -> Any:
        shared = ".".join(part for part in name.split(".") if not part.isdigit())
        for key in (name, shared):
            if key in table:
                self.used.add(key)
                return table[key]
        return None


def _valid(name: str, request: Message) -> None:
    try:
        check(request)
    except RequestInvalid as refusal:
        found = refusal.violations[0]
        raise _ExampleUnfitError(
            "ZT062",
            f"`{name}` would send an invalid request: {found.field}: {found.description}.",
            "Mend the values it is made of.",
        ) from refusal


def read_examples(node: Node | None, plan: Plan, findings: Findings) -> tuple[Example, ...]:
    """The examples of a file, and a finding for each that names what is not there."""
    shape = Shape(findings)
    found: list[Example] = []
    for item in shape.listing(node, "the list of examples"):
        table = shape.table(item, "an example")
        if table is None or not shape.keys(table, "an example", ("name", "input", "expect"), ("replies", "refusals")):
            continue
        name = shape.sentence(table.get("name"), "the name of an example")
        if name in {example.name for example in found}:
            shape.twice(table.place, "example", name)
        example = _example(shape, table, name, plan)
        if example is not None:
            found.append(example)
    return tuple(found)


def _example(shape: Shape, table: Table, name: str, plan: Plan) -> Example | None:
    expect = shape.table(table.get("expect"), "`expect`")
    if expect is None or not shape.keys(expect, "`expect`", ("outcome",), ("undone", "output")):
        return None
    outcome = shape.word(expect.get("outcome"), "an outcome", OUTCOME)
    steps = dict(plan.walkthrough())
    replies = _by_step(shape, table.get("replies"), steps, "reply")
    refusals = _by_step(shape, table.get("refusals"), steps, "refusal")
    for key, (reason, place) in refusals.items():
        step = _step(steps, key)
        listed = (*step.method.operation.refusals, *ANY_RPC) if isinstance(step, CallStep) else ()
        if reason not in listed:
            shape.findings.add(
                place, "ZT019", f"`{key}` is never refused with `{reason}`.", rather(str(reason), listed)
            )
    undone = expect.get("undone")
    return Example(
        name=name,
        line=table.place.line,
        input=plain(node) if isinstance(node := table.get("input"), Table) else {},
        replies={key: value for key, (value, _) in replies.items()},
        refusals={key: str(value) for key, (value, _) in refusals.items()},
        outcome=outcome,
        undone=tuple(str(plain(item)) for item in shape.listing(undone, "`undone`")) if undone else None,
        output=plain(output) if isinstance(output := expect.get("output"), Table) else None,
    )


def _by_step(shape: Shape, node: Node | None, steps: Mapping[str, Step], what: str) -> dict[str, tuple[Any, Place]]:
    found: dict[str, tuple[Any, Place]] = {}
    for entry in shape.table(node, f"the list of each {what}") or ():
        step = _step(steps, entry.key)
        answers = CallStep if what == "refusal" else CallStep | HumanStep | WaitStep
        if not isinstance(step, answers):
            known = [name for name, known_step in steps.items() if isinstance(known_step, answers)]
            shape.findings.add(entry.place, "ZT063", f"No step `{entry.key}` takes a {what}.", rather(entry.key, known))
            continue
        found[entry.key] = (plain(entry.node), entry.node.place)
    return found


def _step(steps: Mapping[str, Step], key: str) -> Step | None:
    return steps.get(".".join(part for part in key.split(".") if not part.isdigit()))


def prove(plan: Plan, place: Place, findings: Findings) -> None:
    """Walks every example, and notes those that end otherwise than they say and the ends that none reaches."""
    reached: set[str] = set()
    for example in plan.examples:
        at = Place(example.line, place.column)
        try:
            end, world = walk_example(plan, example)
        except (InputUnfitError, _ExampleUnfitError) as error:
            number, instead = getattr(error, "number", "ZT062"), getattr(error, "instead", "")
            findings.add(at, number, f"The example `{example.name}`: {error}", instead)
            continue
        reached.add(end.at)
        _compare(plan, example, findings, end=end, world=world, at=at)
    for answer in plan.answers():
        if answer.end not in reached:
            reason = f"No example reaches the end `{answer.end}` ({answer.outcome})."
            findings.add(place, "ZT060", reason, "Add an example that does.")
    if "done" not in reached:
        findings.add(place, "ZT060", f"No example reaches the good end ({plan.done}).", "Add an example that does.")


def walk_example(plan: Plan, example: Example) -> tuple[End, ExampleWorld]:
    """Walks one example. Raises `InputUnfitError` and `_ExampleUnfitError`."""
    world = ExampleWorld(example)
    end = _drive(walk(plan, decode_inputs(plan, example.input), FACTS, world))
    return end, world


def _drive(walking: Coroutine[Any, Any, End]) -> End:
    """Runs a coroutine that never waits, without a loop: a file may be compiled where one is running."""
    try:
        walking.send(None)
    except StopIteration as stopped:
        end: End = stopped.value
        return end
    raise AssertionError("an example waits for nothing")


def _compare(plan: Plan, example: Example, findings: Findings, *, end: End, world: ExampleWorld, at: Place) -> None:
    """Notes where an example ended otherwise than it says."""
    said = f"The example `{example.name}`"
    if end.outcome != example.outcome:
        why = f" ({end.reasons[0].code}: {end.reasons[0].text})" if end.reasons else ""
        findings.add(at, "ZT061", f"{said} ends {end.outcome} at `{end.at}`{why}.", f"It says {example.outcome}.")
        return
    undone = () if end.done else tuple(reversed(world.done))
    if example.undone is not None and example.undone != undone:
        findings.add(
            at, "ZT061", f"{said} undoes {', '.join(undone) or 'nothing'}.", f"It says {', '.join(example.undone)}."
        )
    kinds = {output.name: output.kind for output in plan.outputs}
    for name, expected in (example.output or {}).items():
        if name not in kinds:
            findings.add(at, "ZT063", f"{said} expects an output `{name}`.", rather(name, kinds))
            continue
        value = None if end.output is None or end.output[name] is None else encode(kinds[name], end.output[name])
        if value != _same(kinds[name], expected):
            findings.add(at, "ZT061", f"{said} ends with {name} = {value}.", f"It says {expected}.")
    for name in sorted({*example.replies, *example.refusals} - world.used):
        findings.add(at, "ZT063", f"{said} answers `{name}`, which it never comes to.", f"Take `{name}` out.")


def _same(kind: Any, expected: Any) -> Any:
    """The expected value in the spelling of outputs, so that "CNY 1.00" is what it says."""
    try:
        return encode(kind, decode(kind, expected))
    except ValueUnfitError:
        return expected
