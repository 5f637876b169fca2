"""The products that ship with the platform: every file of `zhongtai/scenarios`, compiled in the order they nest
each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from zhongtai.gateway.scenario.compiler import compile_product, nested_products
from zhongtai.gateway.scenario.findings import Finding, Findings, ScenarioRefusedError
from zhongtai.gateway.scenario.kinds import full_name
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.source import Listing, Node, Scalar, Table, read


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """One file: its name and its text."""

    name: str
    text: str


@cache
def shipped() -> tuple[ScenarioFile, ...]:
    """The files, in the order of their names."""
    found = (entry for entry in files("zhongtai.scenarios").iterdir() if entry.name.endswith(".yaml"))
    return tuple(
        sorted((ScenarioFile(entry.name, entry.read_text("utf-8")) for entry in found), key=lambda file: file.name)
    )


def compile_all(scenario_files: Iterable[ScenarioFile], library: Mapping[str, Plan] | None = None) -> dict[str, Plan]:
    """The plans of files, as "name@version", each after the products it nests. Raises `ScenarioRefusedError`."""
    plans: dict[str, Plan] = dict(library or {})
    waiting = list(scenario_files)
    found: list[Finding] = []
    while waiting:
        names = {_name(file.text) for file in waiting}
        ready = [file for file in waiting if not names & set(nested_products(file.text))]
        # Products that nest each other in a circle never become ready: compiling them says which name is not there.
        for file in ready or waiting:
            try:
                plan = compile_product(file.text, file.name, plans)
                plans[f"{plan.product}@{plan.version}"] = plan
            except ScenarioRefusedError as refused:
                found += refused.findings
        waiting = [file for file in waiting if file not in ready] if ready else []
    if found:
        raise ScenarioRefusedError(found)
    return plans


def heard(scenario_files: Iterable[ScenarioFile]) -> dict[str, frozenset[str]]:
    """The events that `wait` steps of files wait for, by full name, and the fields they are matched by."""
    fields: dict[str, set[str]] = {}
    for file in scenario_files:
        for step in _tables(read(file.text, Findings(file.name))):
            event, match = step.get("wait"), step.get("match")
            if isinstance(event, Scalar) and isinstance(match, Table):
                fields.setdefault(full_name(str(event.value)), set()).update(entry.key for entry in match)
    return {event: frozenset(names) for event, names in fields.items()}


def _name(text: str) -> str:
    root = read(text, Findings(""))
    values = [root.get(key) if root is not None else None for key in ("product", "version")]
    return "@".join(str(value.value) if isinstance(value, Scalar) else "" for value in values)


def _tables(node: Node | None) -> Iterable[Table]:
    if isinstance(node, Table):
        yield node
        for entry in node:
            yield from _tables(entry.node)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from _tables(item)
