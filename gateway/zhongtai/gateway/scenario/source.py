"""Reads YAML into nodes that know where they stand, so that every finding can name a line and a column.

A plain scalar is a whole number, true, false, null or text, and nothing else: `0.05` stays the text it is (no
float ever comes out of a file), `no` and `2026-01-01` do not turn into something their writer did not mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from zhongtai.gateway.scenario.findings import Findings, Place

MAXIMUM_CHARACTERS = 200_000
MAXIMUM_DEPTH = 20

# The C parser where PyYAML was built with it: several times faster, the same nodes and marks.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `inner` is the place of its first character, behind a quote where there is one."""

    place: Place
    inner: Place
    value: str | int | bool | None

    @property
    def text(self) -> str:
        """The value as it would be written in an expression."""
        return {True: "true", False: "false", None: ""}.get(self.value, str(self.value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    place: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a table and what stands under it."""

    key: str
    place: Place
    node: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file."""

    place: Place
    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def entry(self, key: str) -> Entry | None:
        """The entry under a key, if it is there."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def get(self, key: str) -> "Node | None":
        """What stands under a key, if it is there."""
        entry = self.entry(key)
        return entry.node if entry else None


Node = Scalar | Listing | Table


def read(text: str, findings: Findings) -> Table | None:
    """The file as one table; None, with a finding, where it is not one."""
    if len(text) > MAXIMUM_CHARACTERS:
        findings.add(Place(1, 1), "ZT001", f"The file is longer than {MAXIMUM_CHARACTERS} characters.")
        return None
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        findings.add(place, "ZT001", f"This is not YAML: {error.problem or error.context}.")
        return None
    except yaml.YAMLError as error:
        findings.add(Place(1, 1), "ZT001", f"This is not YAML: {error}.")
        return None
    node = _Reader(findings).node(root, 0) if root is not None else None
    if not isinstance(node, Table):
        findings.add(Place(1, 1), "ZT001", "A product is a table of keys.", "Start with `product: <name>`.")
        return None
    return node


class _Reader:
    """Turns the nodes of YAML into ours."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.seen: set[int] = set()

    def node(self, found: yaml.Node, depth: int) -> Node:
        place = Place(found.start_mark.line + 1, found.start_mark.column + 1)
        if id(found) in self.seen:
            # An alias is its anchor's node again. A few aliases of aliases unfold into more than any machine holds.
            self.findings.add(place, "ZT001", "What stands here is used again by an alias.", "Write it twice.")
            return Scalar(place, place, None)
        self.seen.add(id(found))
        if depth > MAXIMUM_DEPTH:
            self.findings.add(place, "ZT001", f"The file is nested deeper than {MAXIMUM_DEPTH} levels.")
            return Scalar(place, place, None)
        if isinstance(found, yaml.MappingNode):
            return self.table(found, place, depth)
        if isinstance(found, yaml.SequenceNode):
            return Listing(place, tuple(self.node(item, depth + 1) for item in found.value))
        assert isinstance(found, yaml.ScalarNode), "YAML has three kinds of nodes"
        inner = place.right(1) if found.style in ("'", '"') else place
        return Scalar(place, inner, _value(found))

    def table(self, found: yaml.MappingNode, place: Place, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        for key, value in found.value:
            at = Place(key.start_mark.line + 1, key.start_mark.column + 1)
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name:
                self.findings.add(at, "ZT001", "A key is one word.")
            elif name in entries:
                self.findings.add(at, "ZT005", f"The key `{name}` stands here twice.", "Keep one of them.")
            else:
                entries[name] = Entry(name, at, self.node(value, depth + 1))
        return Table(place, tuple(entries.values()))


def _value(found: yaml.ScalarNode) -> str | int | bool | None:
    text = str(found.value)
    if found.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
