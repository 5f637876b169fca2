"""Compiles a product: one YAML file becomes one immutable plan, or a list of findings."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from zhongtai.gateway.scenario.examples import prove, read_examples
from zhongtai.gateway.scenario.findings import Findings, Place, rather
from zhongtai.gateway.scenario.header import HeaderReader
from zhongtai.gateway.scenario.order import Order, check_budget
from zhongtai.gateway.scenario.plan import REFUSED, TIMED_OUT, Output, Plan
from zhongtai.gateway.scenario.shape import NAME, OUTCOME, Shape
from zhongtai.gateway.scenario.source import Listing, Node, Scalar, Table, read
from zhongtai.gateway.scenario.steps import StepsReader


def compile_product(text: str, file: str, library: Mapping[str, Plan] | None = None) -> Plan:
    """Compiles a file. `library` holds the products it may nest, as "name@version". Raises `ScenarioRefusedError`."""
    findings = Findings(file)
    root = read(text, findings)
    findings.settle()
    assert root is not None
    header = HeaderReader(root, findings)
    shape = header.shape
    inputs, parameters, outcomes = header.inputs(), header.parameters(), header.outcomes()
    budget = header.budget()
    reader = StepsReader(findings, header.names(inputs, parameters), outcomes, budget, library or {})
    steps = reader.read(root.get("steps"))
    outputs = _outputs(root, reader, shape)
    done = _done(root, shape, outcomes)
    # What follows needs a whole product: guessing about half of one only adds noise.
    findings.settle()
    Order(findings, reader.places).check(steps)
    check_budget(findings, reader.places, _place(root, "budget"), budget, steps)
    plan = Plan(
        product=shape.word(root.get("product"), "the name of the product"),
        version=shape.whole(root.get("version"), "the version", 1, 1_000_000),
        title=shape.text(root.get("title"), "the title"),
        summary=shape.text(root.get("summary"), "the summary"),
        partners=header.partners(),
        at_once=header.at_once(),
        inputs=inputs,
        parameters=parameters,
        budget=budget,
        steps=steps,
        done=done,
        outputs=outputs,
        outcomes=outcomes,
        examples=(),
        source=text,
    )
    _check_outcomes(plan, root, findings)
    findings.settle()
    return _proven(plan, root, findings)


def _proven(plan: Plan, root: Table, findings: Findings) -> Plan:
    """The plan with its examples, each of them walked."""
    examples = read_examples(root.get("examples"), plan, findings)
    plan = replace(plan, examples=examples)
    prove(plan, _place(root, "examples"), findings)
    findings.settle()
    return plan


def _outputs(root: Table, reader: StepsReader, shape: Shape) -> tuple[Output, ...]:
    table = shape.table(root.get("output"), "the output")
    found: list[Output] = []
    for entry in table or ():
        if not NAME.fullmatch(entry.key):
            shape.findings.add(
                entry.place, "ZT006", f"`{entry.key}` is no name.", "Write it as words_in_small_letters."
            )
        formula = reader.reader.formula(entry.node, entry.place)
        if formula is not None:
            found.append(Output(entry.key, formula.kind, formula))
    return tuple(found)


def _done(root: Table, shape: Shape, outcomes: Mapping[str, object]) -> str:
    done = shape.word(root.get("done"), "the good end", OUTCOME)
    if done and done not in outcomes:
        shape.findings.add(_place(root, "done"), "ZT016", f"There is no outcome `{done}`.", rather(done, outcomes))
    return done


def _check_outcomes(plan: Plan, root: Table, findings: Findings) -> None:
    given = {plan.done, *(answer.outcome for answer in plan.answers())}
    table = root.get("outcomes")
    for entry in table if isinstance(table, Table) else ():
        if entry.key not in given:
            findings.add(entry.place, "ZT064", f"No step gives the outcome `{entry.key}`.", "Take it out, or give it.")
        if entry.key in (REFUSED, TIMED_OUT):
            findings.add(entry.place, "ZT006", f"`{entry.key}` is an outcome of the engine.", "Choose another name.")
        if entry.key != plan.done and any(answer.outcome == plan.done for answer in plan.answers()):
            at = _place(root, "done")
            findings.add(
                at,
                "ZT016",
                f"The good end {plan.done} is also given by a way out.",
                "Give the way out its own outcome.",
            )


def _place(root: Table, key: str) -> Place:
    entry = root.entry(key)
    return entry.place if entry is not None else root.place


def nested_products(text: str) -> tuple[str, ...]:
    """The products a file nests, "name@version"; what cannot be read nests nothing, and is refused when it is
    compiled.
    """
    root = read(text, Findings(""))
    return tuple(dict.fromkeys(_nested(root.get("steps")))) if root is not None else ()


def _nested(node: Node | None) -> Iterable[str]:
    if isinstance(node, Listing):
        for item in node.items:
            yield from _nested(item)
    elif isinstance(node, Table):
        for entry in node:
            if entry.key == "product" and isinstance(entry.node, Scalar):
                yield str(entry.node.value)
            yield from _nested(entry.node)
