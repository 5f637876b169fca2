"""The shapes of a file: which keys a table has, and what simple values stand under them."""

import re
from collections.abc import Iterable

from zhongtai.gateway.scenario.findings import Findings, Place, rather
from zhongtai.gateway.scenario.plan import Text
from zhongtai.gateway.scenario.source import Entry, Listing, Node, Scalar, Table

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
OUTCOME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_DURATION = re.compile(r"([1-9][0-9]{0,6})(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Shape:
    """Reads simple values and notes what does not fit."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def keys(self, table: Table, what: str, needed: Iterable[str], also: Iterable[str] = ()) -> bool:
        """Checks the keys of a table; True where all that are needed are there."""
        needed = tuple(needed)
        known = (*needed, *also)
        for entry in table:
            if entry.key not in known:
                self.findings.add(
                    entry.place, "ZT002", f"`{entry.key}` means nothing in {what}.", rather(entry.key, known, 20)
                )
        missing = [key for key in needed if table.entry(key) is None]
        for key in missing:
            self.findings.add(table.place, "ZT003", f"{what[0].upper()}{what[1:]} needs `{key}:`.", f"Add `{key}:`.")
        return not missing

    def table(self, node: Node | None, what: str) -> Table | None:
        """A table, where there is one."""
        if node is None or isinstance(node, Table):
            return node
        self.findings.add(node.place, "ZT004", f"{what[0].upper()}{what[1:]} is a table of keys.")
        return None

    def listing(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """A list; empty, with a finding, where it is something else."""
        if node is None:
            return ()
        if isinstance(node, Listing):
            return node.items
        self.findings.add(node.place, "ZT004", f"{what[0].upper()}{what[1:]} is a list.", "Begin each line with `- `.")
        return ()

    def word(self, node: Node | None, what: str, pattern: re.Pattern[str] = NAME) -> str:
        """A name; empty, with a finding, where it is none."""
        if node is None:
            return ""
        if isinstance(node, Scalar) and isinstance(node.value, str) and pattern.fullmatch(node.value):
            return node.value
        looks = "WORDS_IN_CAPITALS" if pattern is OUTCOME else "words_in_small_letters"
        self.findings.add(node.place, "ZT006", f"{what[0].upper()}{what[1:]} is a name.", f"Write it as {looks}.")
        return ""

    def sentence(self, node: Node | None, what: str) -> str:
        """A text in one language."""
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
            return node.value
        if node is not None:
            self.findings.add(node.place, "ZT004", f"{what[0].upper()}{what[1:]} is a text.")
        return ""

    def text(self, node: Node | None, what: str, also: Iterable[str] = ()) -> Text:
        """A text in both languages: `{en: …, zh: …}`."""
        table = self.table(node, what)
        if table is None or not self.keys(table, what, ("en", "zh"), also):
            return Text("", "")
        return Text(self.sentence(table.get("en"), what), self.sentence(table.get("zh"), what))

    def whole(self, node: Node | None, what: str, low: int, high: int, default: int = 0) -> int:
        """A whole number within bounds."""
        if node is None:
            return default
        if isinstance(node, Scalar) and type(node.value) is int and low <= node.value <= high:
            return node.value
        self.findings.add(
            node.place, "ZT004", f"{what[0].upper()}{what[1:]} is a whole number.", f"From {low} to {high}."
        )
        return default

    def flag(self, node: Node | None, what: str, default: bool = False) -> bool:
        """True or false."""
        if node is None:
            return default
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.findings.add(node.place, "ZT004", f"{what[0].upper()}{what[1:]} is true or false.")
        return default

    def seconds(self, node: Node | None, what: str, default: float = 0.0) -> float:
        """A duration such as 500ms, 30s, 4h or 2d, in seconds."""
        if node is None:
            return default
        found = _DURATION.fullmatch(str(node.value)) if isinstance(node, Scalar) else None
        if found is None:
            self.findings.add(
                node.place, "ZT004", f"{what[0].upper()}{what[1:]} is a duration.", "Such as 500ms, 30s, 4h or 2d."
            )
            return default
        return int(found[1]) * _SECONDS[found[2]]

    def twice(self, entry: Entry | Place, what: str, name: str) -> None:
        """Notes that a name is taken."""
        place = entry if isinstance(entry, Place) else entry.place
        self.findings.add(place, "ZT005", f"There is a {what} `{name}` already.", "Choose another name.")
