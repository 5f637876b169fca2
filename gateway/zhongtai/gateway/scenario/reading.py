"""What reading a step needs: what may be named now, the outcomes to end in, and where each step stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zhongtai.gateway.scenario.expressions import Formula
from zhongtai.gateway.scenario.findings import Findings, Place, rather
from zhongtai.gateway.scenario.kinds import Kind, descriptor_of, kind_of_message
from zhongtai.gateway.scenario.names import Names
from zhongtai.gateway.scenario.plan import (
    AllStep,
    Answer,
    Budget,
    CallStep,
    EachStep,
    HumanStep,
    Plan,
    ProductStep,
    Reason,
    Step,
    Text,
    WaitStep,
)
from zhongtai.gateway.scenario.shape import NAME, OUTCOME, Shape
from zhongtai.gateway.scenario.source import Entry, Node, Scalar, Table
from zhongtai.gateway.scenario.template import TemplateReader
from zhongtai.gateway.scenario.tokens import conjuncts
from zhongtai.operations.v1 import work_order_pb2

RESERVED = ("undo", "late", "input", "parameters", "run", "money", "decimal", "date", "zhongtai", "google")
# The reason of a name whose step did not compile: what is wrong with it was said there.
SILENT = ("", "")


@dataclass
class Reading:
    """The state of reading a list of steps."""

    findings: Findings
    names: Names
    outcomes: Mapping[str, Text]
    budget: Budget
    library: Mapping[str, Plan]
    # Where each step stands, by its full name: what the checks of order point at.
    places: dict[str, Place] = field(default_factory=dict)
    inside: str = ""
    # The conditional steps so far: what must hold for their values to be there, and what they bring.
    conditional: dict[str, tuple[frozenset[str], dict[str, Kind]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shape = Shape(self.findings)

    @property
    def reader(self) -> TemplateReader:
        """Reads expressions over what may be named now."""
        return TemplateReader(self.findings, self.names)

    def answer(self, node: Node | None, end: str, place: Place) -> Answer | None:
        """A way out: `{outcome: DECLINED, reasons: offer.reasons}`."""
        table = self.shape.table(node, "an answer")
        if table is None or not self.shape.keys(table, "an answer", ("outcome",), ("reasons", "after")):
            return None
        outcome = self.shape.word(table.get("outcome"), "an outcome", OUTCOME)
        if not outcome:
            return None
        if outcome not in self.outcomes:
            at = table.get("outcome")
            self.findings.add(
                at.place if at else place, "ZT016", f"There is no outcome `{outcome}`.", rather(outcome, self.outcomes)
            )
            return None
        reasons = self._reasons(table.get("reasons"), outcome)
        return Answer(end, outcome, reasons) if reasons is not None else None

    def _reasons(self, node: Node | None, outcome: str) -> Formula | tuple[Reason, ...] | None:
        text = self.outcomes[outcome]
        if node is None:
            return (Reason(outcome, text.en, text.zh),)
        found = self.reader.formula(node, node.place)
        element = found.kind.element if found is not None else None
        fields = element.fields if element is not None else {}
        if found is not None and not {"code", "text", "text_zh"} <= set(fields):
            self.findings.add(
                node.place, "ZT021", f"`{found.text}` is {found.kind}.", "Reasons are a list of {code, text, text_zh}."
            )
            return None
        return found

    def take(self, table: Table, kind: Entry, position: int) -> str:
        """The step's name, which is its own; one that is not named is named by its kind and place."""
        entry = table.entry("id")
        name = self.shape.word(entry.node, "the id of a step") if entry else ""
        place = entry.place if entry else kind.place
        name = name or f"{kind.key}_{position}"
        if name in RESERVED:
            self.findings.add(place, "ZT006", f"`{name}` is a word of the language.", "Choose another name.")
        if self.inside + name in self.places:
            self.shape.twice(place, "step", name)
        self.places[self.inside + name] = place
        return name

    def hide_later(self, nodes: tuple[Node, ...]) -> None:
        """Hides the names of the steps to come, so that using one says what is wrong."""
        later: dict[str, tuple[str, str]] = {}
        for node in nodes:
            found = node.get("id") if isinstance(node, Table) else None
            name = str(found.value) if isinstance(found, Scalar) else ""
            if NAME.fullmatch(name):
                later[name] = ("ZT013", f"`{name}` is a later step: it has no value yet.")
        self.names = Names(self.names.known, {**self.names.hidden, **later})

    def guarded_by(self, when: Formula | None) -> Names:
        """The names where a condition holds: the values of conditional steps whose guard is part of it are there."""
        holds = conjuncts(when.text) if when is not None else frozenset()
        there = {
            name: kind for guard, brings in self.conditional.values() if guard <= holds for name, kind in brings.items()
        }
        return self.names.plus(there) if there else self.names

    def publish(self, name: str, step: Step | None, conditions: tuple[str, ...] = ()) -> None:
        """Lets later steps name what this one brings; `conditions` are those of the blocks it stands in."""
        if step is None:
            self.names = self.names.without({name: SILENT})
            return
        conditions += (step.when.text,) if step.when is not None else ()
        if isinstance(step, AllStep):
            for inner in step.steps:
                self.publish(inner.id, inner, conditions)
            return
        guard = frozenset(part for condition in conditions for part in conjuncts(condition))
        brings = _brings(step)
        if guard and brings:
            self.conditional[name] = (guard, brings)
            condition = " && ".join(conditions)
            why = f"`{name}` has a value only when {condition}: add `when: {condition}`."
            self.names = self.names.without({name: ("ZT030", why)})
        elif isinstance(step, WaitStep) and step.timeout is None:
            self.names = self.names.without({name: ("ZT030", f"`{name}` may not have come: its value is not used.")})
        elif brings:
            self.names = self.names.plus(brings)


def _brings(step: Step) -> dict[str, Kind]:
    """What a step that was done can be asked for."""
    match step:
        case CallStep():
            return {step.id: kind_of_message(step.method.descriptor.output_type)}
        case HumanStep():
            return {step.id: kind_of_message(descriptor_of(work_order_pb2.WorkOrderDecided))}
        case WaitStep():
            return {step.id: kind_of_message(descriptor_of(step.event))}
        case EachStep() if step.collect is not None:
            return {step.id: Kind("list", step.collect.kind)}
        case ProductStep():
            return {f"{step.id}.{output.name}": output.kind for output in step.plan.outputs}
    return {}
