"""What stands above the steps of a product: its name, input, parameters, budget, partners and outcomes."""

from typing import Any

from zhongtai.gateway.scenario.findings import Findings, rather
from zhongtai.gateway.scenario.kinds import (
    DATE,
    NAMED,
    SIMPLE,
    STRING,
    TIMESTAMP,
    Kind,
    ValueUnfitError,
    decode,
    messages,
    parse_kind,
    zero,
)
from zhongtai.gateway.scenario.names import Names
from zhongtai.gateway.scenario.plan import Budget, Field, Text
from zhongtai.gateway.scenario.shape import NAME, OUTCOME, Shape
from zhongtai.gateway.scenario.source import Listing, Node, Scalar, Table

NEEDED = ("product", "version", "title", "input", "budget", "steps", "done", "outcomes", "examples")
ALSO = ("summary", "partners", "caps", "parameters", "output")
RUN = {
    "run.id": STRING,
    "run.business_date": DATE,
    "run.started_at": TIMESTAMP,
    "run.caller": STRING,
}
LONGEST_DEADLINE_S = 300
MOST_CALLS = 1000
MOST_AT_ONCE = 10_000


class HeaderReader:
    """Reads the keys above the steps."""

    def __init__(self, root: Table, findings: Findings) -> None:
        self.root = root
        self.findings = findings
        self.shape = Shape(findings)
        self.complete = self.shape.keys(root, "a product", NEEDED, ALSO)

    def inputs(self) -> tuple[Field, ...]:
        """The declared input."""
        return self._fields(self.root.get("input"), "the input", bounded=False)

    def parameters(self) -> tuple[Field, ...]:
        """The declared parameters, each with a default within its bounds."""
        found = self._fields(self.root.get("parameters"), "a parameter", bounded=True)
        table = self.root.get("parameters")
        for field in found:
            entry = table.entry(field.name) if isinstance(table, Table) else None
            assert entry is not None
            if not field.optional:
                self.findings.add(
                    entry.place, "ZT003", f"The parameter `{field.name}` needs `default:`.", "Add `default:`."
                )
            elif isinstance(field.default, int) and not _within(field):
                reason = f"The default {field.default} of `{field.name}` is outside its bounds."
                self.findings.add(entry.place, "ZT052", reason, f"From {field.minimum} to {field.maximum}.")
        return found

    def names(self, inputs: tuple[Field, ...], parameters: tuple[Field, ...]) -> Names:
        """What every expression may name."""
        known = {f"input.{field.name}": field.kind for field in inputs}
        known |= {f"parameters.{field.name}": field.kind for field in parameters}
        return Names({**RUN, **known})

    def budget(self) -> Budget:
        """What a run may take."""
        table = self.shape.table(self.root.get("budget"), "the budget")
        if table is None or not self.shape.keys(table, "the budget", ("latency", "deadline", "calls")):
            return Budget(0, 0, 0)
        budget = Budget(
            self.shape.seconds(table.get("latency"), "the latency"),
            self.shape.seconds(table.get("deadline"), "the deadline"),
            self.shape.whole(table.get("calls"), "the number of calls", 1, MOST_CALLS),
        )
        if budget.deadline_s > LONGEST_DEADLINE_S:
            self.findings.add(
                table.place,
                "ZT050",
                f"A deadline is at most {LONGEST_DEADLINE_S}s.",
                "Waiting for people is not part of it.",
            )
        elif budget.latency_s > budget.deadline_s:
            self.findings.add(table.place, "ZT050", "The latency is longer than the deadline.", "Swap them.")
        return budget

    def partners(self) -> tuple[str, ...]:
        """The clients that may start it; none named means every client with the scope."""
        found = self.shape.listing(self.root.get("partners"), "the list of partners")
        return tuple(str(node.value) for node in found if isinstance(node, Scalar))

    def at_once(self) -> int:
        """How many runs of it may work at once."""
        table = self.shape.table(self.root.get("caps"), "the caps")
        if table is None:
            return MOST_AT_ONCE
        self.shape.keys(table, "the caps", ("at_once",))
        return self.shape.whole(table.get("at_once"), "the cap", 1, MOST_AT_ONCE, MOST_AT_ONCE)

    def outcomes(self) -> dict[str, Text]:
        """Every outcome and its sentence."""
        table = self.shape.table(self.root.get("outcomes"), "the list of outcomes")
        found: dict[str, Text] = {}
        for entry in table or ():
            if not OUTCOME.fullmatch(entry.key):
                self.findings.add(
                    entry.place, "ZT006", f"`{entry.key}` is no outcome.", "Write it as WORDS_IN_CAPITALS."
                )
            found[entry.key] = self.shape.text(entry.node, "the sentence of an outcome")
        return found

    def _fields(self, node: Node | None, what: str, *, bounded: bool) -> tuple[Field, ...]:
        table = self.shape.table(node, what)
        found: list[Field] = []
        for entry in table or ():
            if not NAME.fullmatch(entry.key):
                self.findings.add(
                    entry.place, "ZT006", f"`{entry.key}` is no name.", "Write it as words_in_small_letters."
                )
            field = self._field(entry.key, entry.node, what, bounded=bounded)
            if field is not None:
                found.append(field)
        return tuple(found)

    def _field(self, name: str, node: Node, what: str, *, bounded: bool) -> Field | None:
        """One field: `amount: money`, or `{type: int, default: 24, minimum: 1, maximum: 72}`."""
        if isinstance(node, Scalar):
            kind = self._kind(node)
            return Field(name, kind) if kind else None
        if not isinstance(node, Table):
            self.findings.add(
                node.place, "ZT004", f"`{name}` needs a type.", "Such as `string` or {type: int, default: 1}."
            )
            return None
        also = ("default", "minimum", "maximum") if bounded else ("default", "optional", "minimum", "maximum")
        if not self.shape.keys(node, what, ("type",), also):
            return None
        kind = self._kind(node.get("type"))
        if kind is None:
            return None
        default = node.get("default")
        optional = default is not None or self.shape.flag(node.get("optional"), "`optional`")
        low, high = (node.get(key) for key in ("minimum", "maximum"))
        bounds = [
            None if bound is None else self.shape.whole(bound, "a bound", -(2**62), 2**62) for bound in (low, high)
        ]
        return Field(name, kind, optional, self._default(kind, default), *bounds)

    def _default(self, kind: Kind, node: Node | None) -> Any:
        if node is None:
            return zero(kind)
        try:
            return decode(kind, plain(node))
        except ValueUnfitError as error:
            self.findings.add(node.place, "ZT052", f"The default {error.reason}.")
            return zero(kind)

    def _kind(self, node: Node | None) -> Kind | None:
        text = str(node.value) if isinstance(node, Scalar) else ""
        kind = parse_kind(text)
        if kind is None and node is not None:
            known = [*SIMPLE[:3], *NAMED, "list<…>", "map<string, …>"]
            known += list(messages()) if "." in text else []
            self.findings.add(node.place, "ZT017", f"There is no type `{text}`.", rather(text, known))
        return kind


def plain(node: Node) -> Any:
    """The JSON value of a node."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.node) for entry in node}


def _within(field: Field) -> bool:
    low = field.minimum is None or field.default >= field.minimum
    return low and (field.maximum is None or field.default <= field.maximum)
