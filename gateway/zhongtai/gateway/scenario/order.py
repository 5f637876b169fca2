"""The order of a product: reversible steps, then at most one pivot, then steps that must succeed.

Before the pivot a run can turn back; behind it there is only forward. So what may end a run stands before, what
cannot be undone stands after, and whatever is told as an event counts as done for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.scenario.findings import Findings, Place
from zhongtai.gateway.scenario.kinds import short_name
from zhongtai.gateway.scenario.plan import (
    AllStep,
    Budget,
    CallStep,
    EachStep,
    EmitStep,
    HumanStep,
    ProductStep,
    RequireStep,
    Step,
    WaitStep,
)
from zhongtai.gateway.scenario.undo import undo_of, unfilled

READ, REVERSIBLE = options_pb2.EFFECT_READ, options_pb2.EFFECT_REVERSIBLE
PIVOT, RETRIABLE = options_pb2.EFFECT_PIVOT, options_pb2.EFFECT_RETRIABLE


@dataclass
class Order:
    """Goes through the steps as a run does. `forward` names the step behind which there is no way back."""

    findings: Findings
    places: Mapping[str, Place]
    forward: str = ""
    pivot: str = ""

    def check(self, steps: tuple[Step, ...], prefix: str = "", at: Place | None = None) -> None:
        """Checks steps in order; `at` is the place of the nested product they belong to."""
        for step in steps:
            name = prefix + step.id
            self._step(step, name, at or self.places[name], at)

    def _step(self, step: Step, name: str, place: Place, nested: Place | None) -> None:
        match step:
            case CallStep():
                self._call(step, name, place)
            case RequireStep() if self.forward:
                self._no_way_out(name, place)
            case HumanStep() if self.forward:
                self._no_way_out(name, place)
            case WaitStep():
                self._wait(step, name, place)
            case EmitStep():
                self.forward = self.forward or name
            case AllStep():
                self._block(step, name, place)
                self.check(step.steps, name.removesuffix(step.id), nested)
            case EachStep():
                self._each(step, name, place)
                self.check(step.steps, f"{name}.", nested)
            case ProductStep():
                self.check(step.plan.steps, f"{name}.", place)

    def _call(self, step: CallStep, name: str, place: Place) -> None:
        effect = step.method.operation.effect
        rpc = short_name(step.method.full_name)
        if effect == REVERSIBLE:
            self._reversible(step, name, place, rpc)
        elif effect == PIVOT and self.pivot:
            self.findings.add(
                place, "ZT041", f"`{name}` is a second pivot after `{self.pivot}`.", "Make it a product of its own."
            )
        elif effect == PIVOT and self.forward:
            reason = f"`{name}` is a pivot after `{self.forward}`, which cannot be undone when it is refused."
            self.findings.add(place, "ZT040", reason, f"Move it before `{self.forward}`.")
        elif effect not in (READ, PIVOT, RETRIABLE):
            self.findings.add(place, "ZT040", f"{rpc} does not say its effect.", "State it in the contract.")
        if step.refused and self.forward:
            self._no_way_out(name, place)
        if effect == PIVOT:
            self.pivot = self.forward = self.pivot or name
        elif effect == RETRIABLE:
            self.forward = self.forward or name

    def _reversible(self, step: CallStep, name: str, place: Place, rpc: str) -> None:
        if self.forward:
            reason = f"`{name}` is reversible and stands after `{self.forward}`, behind which nothing is undone."
            self.findings.add(place, "ZT040", reason, f"Move it before `{self.forward}`.")
        undo = undo_of(step.method)
        if undo is None:
            self.findings.add(
                place, "ZT042", f"{rpc} is reversible and names no undo that exists.", "Name it in the contract."
            )
            return
        for field in unfilled(step.method, undo):
            reason = f"{short_name(undo.full_name)} needs `{field.name}`, which {rpc} neither takes nor answers."
            self.findings.add(place, "ZT043", reason, f"Answer `{field.name}` at the top level of the reply.")

    def _wait(self, step: WaitStep, name: str, place: Place) -> None:
        if self.forward and step.timeout is not None:
            self._no_way_out(name, place)
        if not self.forward and step.timeout is None:
            self.findings.add(
                place,
                "ZT045",
                f"`{name}` may wait in vain and the run would know no answer.",
                "Add `outcome:` to its timeout.",
            )

    def _no_way_out(self, name: str, place: Place) -> None:
        reason = f"`{name}` may end the run, but after `{self.forward}` there is no way out."
        self.findings.add(place, "ZT044", reason, f"Move it before `{self.forward}`.")

    def _block(self, step: AllStep | EachStep, name: str, place: Place) -> None:
        """A block is of one side: what runs at the same time, or again, cannot be half undone."""
        inner = list(_calls_and_emits(step.steps))
        effects = {found.method.operation.effect if isinstance(found, CallStep) else RETRIABLE for found in inner}
        if PIVOT in effects:
            self.findings.add(
                place, "ZT046", f"There is a pivot in `{name}`: it happens once, alone.", "Move it out of the block."
            )
        ways_out = any(isinstance(found, RequireStep | HumanStep) for found in step.steps)
        if RETRIABLE in effects and (REVERSIBLE in effects or ways_out):
            reason = f"`{name}` mixes steps that can be undone with steps that cannot."
            self.findings.add(place, "ZT046", reason, "Make two blocks, the reversible one first.")

    def _each(self, step: EachStep, name: str, place: Place) -> None:
        self._block(step, name, place)
        if self.forward:
            reason = (
                f"`{name}` may find more than {step.at_most} items, and after `{self.forward}` there is no way out."
            )
            self.findings.add(place, "ZT046", reason, f"Move it before `{self.forward}`.")


def _calls_and_emits(steps: tuple[Step, ...]) -> list[CallStep | EmitStep]:
    found: list[CallStep | EmitStep] = []
    for step in steps:
        if isinstance(step, CallStep | EmitStep):
            found.append(step)
        elif isinstance(step, AllStep | EachStep):
            found += _calls_and_emits(step.steps)
        elif isinstance(step, ProductStep):
            found += _calls_and_emits(step.plan.steps)
    return found


def check_budget(
    findings: Findings, places: Mapping[str, Place], place: Place, budget: Budget, steps: tuple[Step, ...]
) -> None:
    """Holds the calls and their timeouts to the budget."""
    calls = _calls(steps)
    if calls > budget.calls:
        findings.add(
            place,
            "ZT051",
            f"The steps make up to {calls} calls; the budget has {budget.calls}.",
            f"Write `calls: {calls}`.",
        )
    for name, step in _own_calls(steps, ""):
        if step.timeout_s > budget.deadline_s:
            findings.add(
                places[name],
                "ZT050",
                f"The timeout of `{name}` is longer than the deadline.",
                f"At most {budget.deadline_s:g}s.",
            )


def _calls(steps: tuple[Step, ...]) -> int:
    total = 0
    for step in steps:
        match step:
            case CallStep() | HumanStep():
                total += 1
            case AllStep():
                total += _calls(step.steps)
            case EachStep():
                total += step.at_most * _calls(step.steps)
            case ProductStep():
                total += _calls(step.plan.steps)
    return total


def _own_calls(steps: tuple[Step, ...], prefix: str) -> list[tuple[str, CallStep]]:
    found: list[tuple[str, CallStep]] = []
    for step in steps:
        if isinstance(step, CallStep):
            found.append((prefix + step.id, step))
        elif isinstance(step, AllStep):
            found += _own_calls(step.steps, prefix)
        elif isinstance(step, EachStep):
            found += _own_calls(step.steps, f"{prefix}{step.id}.")
    return found
