"""What is wrong with a scenario file: where, why, and the words that would have been right."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

NUMBERS = {
    "ZT001": "the file is not readable YAML",
    "ZT002": "unknown key",
    "ZT003": "missing key",
    "ZT004": "wrong shape",
    "ZT005": "said twice",
    "ZT006": "not a name",
    "ZT010": "unknown RPC",
    "ZT011": "unknown event",
    "ZT012": "unknown field",
    "ZT013": "unknown name in an expression",
    "ZT014": "unknown function",
    "ZT015": "unknown value of an enum",
    "ZT016": "unknown outcome",
    "ZT017": "unknown type",
    "ZT018": "unknown product",
    "ZT019": "unknown refusal",
    "ZT020": "the expression cannot be read",
    "ZT021": "the expression has another type than the field",
    "ZT022": "the operation does not exist for these types",
    "ZT023": "money arithmetic outside the money functions",
    "ZT024": "something that expressions may not do",
    "ZT030": "the value of a conditional step without its guard",
    "ZT031": "a required field is not filled",
    "ZT032": "a request id written by hand",
    "ZT033": "authentication data (C3) passed on",
    "ZT034": "personal data (C2) in an event",
    "ZT040": "a step in the wrong place of the order reversible, pivot, retriable",
    "ZT041": "a second pivot",
    "ZT042": "a reversible RPC without an undo",
    "ZT043": "an undo that cannot be filled",
    "ZT044": "a way out after the pivot",
    "ZT045": "a human step that could hold a run for ever",
    "ZT046": "a step that may not stand in this block",
    "ZT050": "a timeout beyond the budget",
    "ZT051": "more calls than the budget allows",
    "ZT052": "a parameter outside its bounds",
    "ZT060": "an end that no example reaches",
    "ZT061": "an example that ends otherwise than it says",
    "ZT062": "an example value that does not fit its contract",
    "ZT063": "an example that names what the product does not have",
    "ZT064": "an outcome that no step gives",
}


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One problem of one file. `instead` holds the words that would have been right."""

    file: str
    line: int
    column: int
    number: str
    reason: str
    instead: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.number} {self.reason}"
        return f"{text} {self.instead}" if self.instead else text


class ScenarioRefusedError(Exception):
    """A scenario file does not compile; `findings` says why, in the order of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(map(str, self.findings)))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the file, both counted from 1."""

    line: int
    column: int

    def right(self, columns: int) -> "Place":
        """The place so many columns further on the same line."""
        return Place(self.line, self.column + columns)


@dataclass
class Findings:
    """Collects the findings of one file."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(self, place: Place, number: str, reason: str, instead: str = "") -> None:
        """Adds one; the same thing about the same place is said once."""
        finding = Finding(self.file, place.line, place.column, number, reason, instead)
        if finding not in self.found:
            self.found.append(finding)

    def settle(self) -> None:
        """Raises `ScenarioRefusedError` where anything was found."""
        if self.found:
            raise ScenarioRefusedError(self.found)


def rather(word: str, known: Iterable[str], limit: int = 12) -> str:
    """The words that would have been right: the closest names, then the list (its first `limit`)."""
    names = sorted(set(known))
    if not names:
        return "There is nothing to choose from here."
    short = {name.rsplit(".", 1)[-1]: name for name in names}
    close = get_close_matches(word, names, n=3, cutoff=0.6)
    close += [short[name] for name in get_close_matches(word.rsplit(".", 1)[-1], short, n=3, cutoff=0.6)]
    nearest = list(dict.fromkeys(close))[:3]
    listed = ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
    if not nearest:
        return f"One of: {listed}."
    meant = " or ".join(nearest)
    return f"Did you mean {meant}?" + ("" if len(names) > limit else f" One of: {listed}.")
