"""The names an expression uses: what each stands for, or the finding that says why it stands for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from zhongtai.gateway.scenario.findings import rather
from zhongtai.gateway.scenario.functions import NAMES as FUNCTION_NAMES
from zhongtai.gateway.scenario.kinds import Kind, kind_of_field
from zhongtai.gateway.scenario.tokens import MACROS, Path, Token, loop_names, selections

BUILT_IN = frozenset(
    [
        "size",
        "has",
        "int",
        "uint",
        "string",
        "bool",
        "bytes",
        "matches",
        "startsWith",
        "endsWith",
        "contains",
        "timestamp",
        "duration",
        "getFullYear",
        "getMonth",
        "getDate",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getDayOfWeek",
        "getDayOfYear",
        "getMilliseconds",
    ]
)


class ExpressionInvalidError(Exception):
    """An expression does not compile: a finding without its place. `offset` is the character it is about."""

    def __init__(self, number: str, reason: str, offset: int = 0, instead: str = "") -> None:
        self.number, self.reason, self.offset, self.instead = number, reason, offset, instead
        super().__init__(reason)


@dataclass(frozen=True)
class Names:
    """What an expression may name. `known` are the values, by their dotted names; `hidden` says why others are not."""

    known: Mapping[str, Kind]
    hidden: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Where the compiler of expressions keeps what it made for these names: making it costs more than an expression.
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def plus(self, more: Mapping[str, Kind]) -> "Names":
        """These names and more."""
        return Names({**self.known, **more}, {name: why for name, why in self.hidden.items() if name not in more})

    def without(self, hidden: Mapping[str, tuple[str, str]]) -> "Names":
        """These names, without some of them, and why."""
        known = {name: kind for name, kind in self.known.items() if name.split(".")[0] not in hidden}
        return Names(known, {**self.hidden, **hidden})

    @cached_property
    def heads(self) -> frozenset[str]:
        """The first words of all names."""
        return frozenset(name.split(".")[0] for name in self.known)


@dataclass(frozen=True)
class Resolved:
    """What a chain of names stands for: the name it begins with, the fields after it, and its kind.

    `keyed` where a key of a map is among them: it may be missing, and only CEL tells so.
    """

    name: str
    fields: tuple[FieldDescriptor, ...]
    kind: Kind
    keyed: bool = False

    @cached_property
    def steps(self) -> tuple[tuple[str, bool], ...]:
        """The fields as they are walked for each value: the name of each, and whether it may be a message not set."""
        return tuple((step.name, step.message_type is not None and not step.is_repeated) for step in self.fields)


def resolve(names: tuple[str, ...], known: Mapping[str, Kind]) -> Resolved | None:
    """What a chain of names stands for, where it stands for something."""
    for length in range(len(names), 0, -1):
        name = ".".join(names[:length])
        if name in known:
            return _descend(Resolved(name, (), known[name]), names[length:])
    return None


def _descend(start: Resolved, rest: tuple[str, ...]) -> Resolved | None:
    at = start
    for name in rest:
        if at.kind.name == "map" and at.kind.element is not None:
            at = Resolved(at.name, at.fields, at.kind.element, keyed=True)
            continue
        if name not in at.kind.fields:
            return None
        step = at.kind.fields[name]
        at = Resolved(at.name, (*at.fields, step), kind_of_field(step), at.keyed)
    return at


def walk(chain: Resolved, values: Mapping[str, Any]) -> Any:
    value = values[chain.name]
    for name, may_be_unset in chain.steps:
        if may_be_unset and not value.HasField(name):
            return None
        value = getattr(value, name)
    return value


def refuse_what_may_not_be(words: tuple[Token, ...]) -> None:
    for word in selections(words):
        if word.text.strip("`") == "minor_units":
            raise ExpressionInvalidError(
                "ZT023", "Money is not calculated with by hand.", word.start, "Use money.add, money.times, money.gt …"
            )
    for at, word in enumerate(words):
        if word.kind == "other":
            raise ExpressionInvalidError("ZT020", f"The character `{word.text}` means nothing here.", word.start)
        if word.kind == "float":
            raise ExpressionInvalidError(
                "ZT023", "A number with a point is not exact here.", word.start, f"Write decimal.of('{word.text}')."
            )
        if word.kind == "name" and word.text in ("dyn", "type", "double"):
            raise ExpressionInvalidError("ZT024", f"`{word.text}` would hide the type of a value.", word.start)
        before = words[at - 1] if at else None
        if word.text == "{" and before is not None and before.kind == "name" and before.text != "in":
            raise ExpressionInvalidError(
                "ZT024",
                "Messages are not built in expressions.",
                before.start,
                "Write the fields as a table below the field.",
            )


def bound_names(words: tuple[Token, ...], names: Names) -> dict[str, Kind | None]:
    """The names that macros bind, and their kinds where they run over a chain of known names."""
    bound: dict[str, Kind | None] = {}
    for name, (first, last) in loop_names(words).items():
        chain = tuple(word.text for word in words[first : last - 1 : 2]) if first >= 0 else ()
        known = {**names.known, **{key: kind for key, kind in bound.items() if kind is not None}}
        over = resolve(chain, known) if chain else None
        bound[name] = over.kind.element if over is not None and over.kind.name == "list" else None
    return bound


def checked(path: Path, names: Names, bound: Mapping[str, Kind | None]) -> Resolved | None:
    """What a chain stands for, or the reason why it stands for nothing."""
    if path.called and path.text in FUNCTION_NAMES:
        return None
    chain = path.names[:-1] if path.called else path.names
    if path.called and path.names[-1] not in BUILT_IN | MACROS:
        raise _unknown_function(path)
    if not chain or (chain[0] in bound and bound[chain[0]] is None):
        return None
    local = {name: kind for name, kind in bound.items() if kind is not None}
    resolved = resolve(chain, {**names.known, **local})
    if resolved is not None:
        return resolved
    if chain[0] in names.hidden:
        number, reason = names.hidden[chain[0]]
        raise ExpressionInvalidError(number, reason, path.start)
    raise _unknown_name(chain, path.start, names, local)


def _unknown_name(
    chain: tuple[str, ...], start: int, names: Names, local: Mapping[str, Kind]
) -> ExpressionInvalidError:
    known = {**names.known, **local}
    for length in range(len(chain) - 1, 0, -1):
        reached = resolve(chain[:length], known)
        if reached is not None:
            offset = start + len(".".join(chain[:length])) + 1
            reason = f"`{'.'.join(chain[:length])}` ({reached.kind}) has no field `{chain[length]}`."
            return ExpressionInvalidError("ZT012", reason, offset, rather(chain[length], reached.kind.fields))
    inside = [name for name in known if name.startswith(f"{chain[0]}.")]
    if inside:
        return ExpressionInvalidError(
            "ZT013", f"There is no `{'.'.join(chain[:2])}`.", start, rather(".".join(chain[:2]), inside)
        )
    heads = names.heads | set(local)
    return ExpressionInvalidError("ZT013", f"There is no `{chain[0]}` here.", start, rather(chain[0], heads))


def _unknown_function(path: Path) -> ExpressionInvalidError:
    if len(path.names) == 2 and path.names[0] in ("money", "decimal", "date"):
        own = [name for name in FUNCTION_NAMES if name.startswith(path.names[0] + ".")]
        return ExpressionInvalidError(
            "ZT014", f"There is no function `{path.text}`.", path.start, rather(path.text, own)
        )
    name = path.names[-1]
    known = {*BUILT_IN, *MACROS, *FUNCTION_NAMES}
    return ExpressionInvalidError("ZT014", f"There is no function `{name}`.", path.start, rather(name, known))


def refuse_has(words: tuple[Token, ...], found: list[Path], chains: Mapping[int, Resolved]) -> None:
    for path in found:
        opened = path.first >= 2 and words[path.first - 1].text == "(" and words[path.first - 2].text == "has"
        if opened and path.first in chains and not chains[path.first].fields and chains[path.first].kind.name != "map":
            raise ExpressionInvalidError(
                "ZT024", f"`{path.text}` is always there.", path.start, "has() asks for a field of a message."
            )
