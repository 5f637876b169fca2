"""The steps of a product: each kind is read and checked here, one step after the other, as a run would take them."""

from zhongtai.gateway.scenario.expressions import Formula, assignable
from zhongtai.gateway.scenario.findings import rather
from zhongtai.gateway.scenario.kinds import descriptor_of, short_name
from zhongtai.gateway.scenario.people import read_human, read_wait
from zhongtai.gateway.scenario.plan import (
    AllStep,
    Answer,
    CallStep,
    EachStep,
    EmitStep,
    Plan,
    ProductStep,
    RequireStep,
    Step,
)
from zhongtai.gateway.scenario.reading import Reading
from zhongtai.gateway.scenario.source import Entry, Node, Scalar, Table
from zhongtai.gateway.scenario.template import TemplateReader
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method

KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "call": (("id", "call"), ("when", "with", "timeout", "refused")),
    "require": (("require", "else"), ("id", "when")),
    "human": (("id", "human", "timeout"), ("when",)),
    "wait": (("id", "wait", "match", "timeout"), ("when",)),
    "emit": (("emit",), ("id", "when", "with")),
    "all": (("all",), ("id", "when")),
    "each": (("id", "each", "as", "at_most", "steps"), ("when", "collect")),
    "product": (("id", "product"), ("when", "with", "ended")),
}
ENGINE_FILLS = frozenset({"run_id", "product", "version"})
CALL_TIMEOUT_S = 5.0
MOST_ITEMS = 1000


class StepsReader(Reading):
    """Reads steps in order."""

    def read(self, node: Node | None) -> tuple[Step, ...]:
        """All steps of a list."""
        nodes = self.shape.listing(node, "the list of steps")
        self.hide_later(nodes)
        steps: list[Step] = []
        for position, found in enumerate(nodes, 1):
            name, step = self.step(found, position)
            self.publish(name, step)
            if step is not None:
                steps.append(step)
        return tuple(steps)

    def step(self, node: Node, position: int) -> tuple[str, Step | None]:
        """One step and its name; no step, with findings, where it does not compile."""
        table = self.shape.table(node, "a step")
        if table is None:
            return "", None
        kinds = [entry for entry in table if entry.key in KEYS]
        if len(kinds) != 1:
            said = "has two kinds" if kinds else "has no kind"
            self.findings.add(table.place, "ZT003", f"This step {said}.", f"Give it one of: {', '.join(KEYS)}.")
            return "", None
        kind = kinds[0]
        whole = self.shape.keys(table, f"a `{kind.key}` step", *KEYS[kind.key])
        name = self.take(table, kind, position)
        when = self.reader.condition(table.get("when"), table.place) if table.get("when") else None
        outside = self.names
        self.names = self.guarded_by(when)
        step = self._read(kind, table, name, when) if whole else None
        self.names = outside
        return name, step

    def _read(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        match kind.key:
            case "call":
                return self._call(kind, table, name, when)
            case "require":
                return self._require(kind, table, name, when)
            case "human":
                return read_human(self, table, name, when)
            case "wait":
                return read_wait(self, table, name, when)
            case "emit":
                return self._emit(kind, table, name, when)
            case "all":
                return self._all(kind, name, when)
            case "each":
                return self._each(kind, table, name, when)
        return self._product(kind, table, name, when)

    def _method(self, entry: Entry) -> Method | None:
        """The RPC a `call` names, `credit.LimitService.HoldLimit`."""
        said = str(entry.node.value) if isinstance(entry.node, Scalar) else ""
        known = {short_name(found.full_name): found for found in contracts.all_methods() if found.service != "gateway"}
        if said not in known:
            self.findings.add(entry.node.place, "ZT010", f"There is no RPC `{said}`.", rather(said, known))
            return None
        return known[said]

    def _call(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        method = self._method(kind)
        if method is None:
            return None
        request = self.reader.message(table.get("with"), method.descriptor.input_type, kind.place)
        timeout = self.shape.seconds(table.get("timeout"), "a timeout", min(CALL_TIMEOUT_S, self.budget.deadline_s))
        refused: dict[str, Answer] = {}
        reasons = set(method.operation.refusals)
        for entry in self.shape.table(table.get("refused"), "`refused`") or ():
            if entry.key not in reasons:
                reason = f"{short_name(method.full_name)} does not refuse with `{entry.key}`."
                self.findings.add(entry.place, "ZT019", reason, rather(entry.key, reasons))
            answer = self.answer(entry.node, f"{name}.{entry.key}", entry.place)
            if answer is not None:
                refused[entry.key] = answer
        return CallStep(name, when, method, request, timeout, refused) if request is not None else None

    def _require(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        condition = self.reader.condition(kind.node, kind.place)
        otherwise = self.answer(table.get("else"), f"{name}.else", table.place)
        return RequireStep(name, when, condition, otherwise) if condition and otherwise else None

    def _emit(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        said = str(kind.node.value) if isinstance(kind.node, Scalar) else ""
        own = {
            short_name(full): descriptor_of(message)
            for full, message in contracts.events().items()
            if full.startswith("zhongtai.gateway.") and set(descriptor_of(message).fields_by_name) >= ENGINE_FILLS
        }
        # The events of runs are the engine's own to tell.
        own = {short: found for short, found in own.items() if not found.name.startswith("Run")}
        if said not in own:
            self.findings.add(kind.node.place, "ZT011", f"A product cannot tell `{said}`.", rather(said, own))
            return None
        reader = TemplateReader(self.findings, self.names, told=True)
        event = reader.message(table.get("with"), own[said], kind.place, engine=ENGINE_FILLS)
        return EmitStep(name, when, event) if event is not None else None

    def _all(self, kind: Entry, name: str, when: Formula | None) -> Step | None:
        nodes = self.shape.listing(kind.node, "`all`")
        # The steps begin together: none of them sees what another one brings, so nothing is published in between.
        self.hide_later(nodes)
        found = [self.step(node, position)[1] for position, node in enumerate(nodes, 1)]
        return AllStep(name, when, tuple(step for step in found if step is not None))

    def _each(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        over = self.reader.formula(kind.node, kind.place)
        item = self.shape.word(table.get("as"), "the name of an item")
        at_most = self.shape.whole(table.get("at_most"), "`at_most`", 1, MOST_ITEMS, 1)
        if over is None or not item:
            return None
        if over.kind.name != "list" or over.kind.element is None:
            self.findings.add(kind.node.place, "ZT021", f"`{over.text}` is {over.kind}.", "`each` wants a list.")
            return None
        inner = StepsReader(
            self.findings,
            self.names.plus({item: over.kind.element}),
            self.outcomes,
            self.budget,
            self.library,
            self.places,
            f"{self.inside}{name}.",
        )
        steps = inner.read(table.get("steps"))
        collect = inner.reader.formula(table.get("collect"), table.place) if table.get("collect") else None
        return EachStep(name, when, over, item, at_most, steps, collect)

    def _product(self, kind: Entry, table: Table, name: str, when: Formula | None) -> Step | None:
        said = str(kind.node.value) if isinstance(kind.node, Scalar) else ""
        plan = self.library.get(said)
        if plan is None:
            self.findings.add(
                kind.node.place,
                "ZT018",
                f"There is no product `{said}`.",
                "Pin a version. " + rather(said, self.library),
            )
            return None
        inputs = self._inputs(table, plan)
        ended: dict[str, Answer] = {}
        for entry in self.shape.table(table.get("ended"), "`ended`") or ():
            answer = self.answer(entry.node, f"{name}.{entry.key}", entry.place)
            if entry.key not in plan.outcomes or entry.key == plan.done:
                others = set(plan.outcomes) - {plan.done}
                self.findings.add(entry.place, "ZT016", f"{said} does not end so.", rather(entry.key, others))
            elif answer is not None:
                ended[entry.key] = answer
        for outcome in sorted(set(plan.outcomes) - {plan.done} - set(ended)):
            self.findings.add(
                kind.place, "ZT003", f"{said} may end `{outcome}`.", f"Add `ended: {{{outcome}: {{outcome: …}}}}`."
            )
        return ProductStep(name, when, plan, inputs, ended)

    def _inputs(self, table: Table, plan: Plan) -> dict[str, Formula]:
        given = self.shape.table(table.get("with"), "`with`")
        fields = {found.name: found for found in plan.inputs}
        inputs: dict[str, Formula] = {}
        for entry in given or ():
            if entry.key not in fields:
                self.findings.add(
                    entry.place, "ZT012", f"{plan.product} has no input `{entry.key}`.", rather(entry.key, fields)
                )
                continue
            formula = self.reader.formula(entry.node, entry.place)
            kind = fields[entry.key].kind
            if formula is not None and not assignable(kind, formula):
                self.findings.add(
                    entry.node.place, "ZT021", f"`{formula.text}` is {formula.kind}.", f"It wants {kind}."
                )
            elif formula is not None:
                inputs[entry.key] = formula
        for found in plan.inputs:
            if not found.optional and (given is None or given.entry(found.name) is None):
                self.findings.add(
                    table.place, "ZT031", f"{plan.product} needs `{found.name}` ({found.kind}).", "Add it."
                )
        return inputs
