"""Reads a tree of frozen dataclasses from a TOML file and the environment, and tells every mistake at once.

Knows nothing of what the settings mean: a leaf is a field with `setting(...)`, a branch a field that is a dataclass.
"""

import difflib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from zhongtai.kernel.refusals import Invalid

T = TypeVar("T")
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


class SettingsInvalid(Invalid):
    """The settings do not hold: {problems}

    设置有误：{problems}
    """

    problems: str


def setting(
    default: Any, says: str, *, low: float | None = None, high: float | None = None, secret: bool = False
) -> Any:
    """A leaf: its default, what it says in one sentence, its bounds; a secret one is left out of `repr`."""
    return field(default=default, repr=not secret, metadata={"says": says, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting: where it stands in the tree, its type, its default, its bounds and what it says."""

    path: tuple[str, ...]
    type: Any
    default: Any
    says: str
    low: float | None
    high: float | None

    @property
    def name(self) -> str:
        """Its name in the file, `credit.database_url`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """Its name in the environment, `ZHONGTAI_CREDIT_DATABASE_URL`."""
        return "_".join(("zhongtai", *self.path)).upper()

    @property
    def wanted(self) -> str:
        """What it takes, in words."""
        if get_origin(self.type) is Literal:
            return "one of " + ", ".join(get_args(self.type))
        bounds = (f" from {self.low:.12g}" if self.low is not None else "") + (
            f" to {self.high:.12g}" if self.high is not None else ""
        )
        return _WORDS[self.type] + bounds


def leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every setting of a tree, an instance that holds the defaults, in order."""
    hints = get_type_hints(type(tree))
    for part in fields(tree):
        value = getattr(tree, part.name)
        if is_dataclass(value):
            yield from leaves(value, (*path, part.name))
        else:
            about = part.metadata
            yield Leaf((*path, part.name), hints[part.name], value, about["says"], about["low"], about["high"])


def read(defaults: T, file: Mapping[str, Any], environment: Mapping[str, str], *, ignored: frozenset[str]) -> T:
    """The tree with what the file says, then what the environment says.

    Raises `SettingsInvalid` with every unknown name (and the nearest known one) and every wrong value. `ignored` are
    the variables of the environment that are no settings.
    """
    known = {leaf.path: leaf for leaf in leaves(defaults)}
    by_variable = {leaf.variable: leaf for leaf in known.values()}
    found: dict[tuple[str, ...], Any] = {}
    problems: list[str] = []
    names = [leaf.name for leaf in known.values()]
    for path, value in _flat(file):
        if path not in known:
            problems.append(f"{'.'.join(path)}: there is no such setting{_nearest('.'.join(path), names)}")
        elif _fits(known[path], value):
            found[path] = Path(value) if known[path].type is Path else value
        else:
            problems.append(f"{'.'.join(path)} = {value!r}: must be {known[path].wanted}")
    for variable, text in sorted(environment.items()):
        if not variable.startswith("ZHONGTAI_") or variable in ignored:
            continue
        if variable not in by_variable:
            problems.append(f"{variable}: there is no such setting{_nearest(variable, list(by_variable))}")
            continue
        leaf = by_variable[variable]
        value = _from_text(leaf, text)
        if _fits(leaf, value):
            found[leaf.path] = Path(value) if leaf.type is Path else value
        else:
            problems.append(f"{variable} = {text!r}: must be {leaf.wanted}")
    if problems:
        raise SettingsInvalid(problems="; ".join(problems))
    return _built(defaults, found, ())


def _flat(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*path, name))
        else:
            yield (*path, name), value


def _nearest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _fits(leaf: Leaf, value: Any) -> bool:
    if get_origin(leaf.type) is Literal:
        return value in get_args(leaf.type)
    if leaf.type is Path:
        return isinstance(value, str) and bool(value)
    if leaf.type in (int, float):
        kinds: types.UnionType | type = int if leaf.type is int else int | float
        # In Python a truth is a number; in a settings file it is a mistake.
        right = isinstance(value, kinds) and not isinstance(value, bool)
        return right and (leaf.low is None or value >= leaf.low) and (leaf.high is None or value <= leaf.high)
    return isinstance(value, leaf.type)


def _from_text(leaf: Leaf, text: str) -> Any:
    """The value a variable means; the text itself where it means none of that type, which then does not fit."""
    try:
        if leaf.type is bool:
            return _TRUTHS.get(text.lower(), text)
        return leaf.type(text) if leaf.type in (int, float) else text
    except ValueError:
        return text


def _built(tree: T, found: Mapping[tuple[str, ...], Any], path: tuple[str, ...]) -> T:
    values: dict[str, Any] = {}
    for part in fields(tree):  # type: ignore[arg-type]  # every branch is a dataclass
        value, here = getattr(tree, part.name), (*path, part.name)
        values[part.name] = _built(value, found, here) if is_dataclass(value) else found.get(here, value)
    return type(tree)(**values)


def documentation(defaults: Any) -> str:
    """A Markdown table of every setting: its name in the file and in the environment, default, and what it says."""
    rows = [
        f"| `{leaf.name}` | `{leaf.variable}` | {leaf.wanted} | {_shown(leaf.default)} | {leaf.says} |"
        for leaf in leaves(defaults)
    ]
    head = ("| setting | environment | takes | default | says |", "|---|---|---|---|---|")
    return "\n".join((*head, *rows)) + "\n"


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "not set"
