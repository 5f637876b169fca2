"""Path templates of `google.api.http`: `/v1/limits/{limit_id}/holds/{hold_id}:release`, and the table that finds them.

The raw path is matched, before anything in it is decoded: an id with an encoded slash or colon stays one segment.
"""

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")
_VARIABLE = re.compile(r"\{([a-z][a-z0-9_.]*)(?:=\*)?\}\Z")
_LITERAL = re.compile(r"[A-Za-z0-9._~-]+\Z")
_VERB = re.compile(r"^(?P<path>.*?)(?::(?P<verb>[A-Za-z][A-Za-z0-9]*))?$")


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: its segments (None where a variable stands), its variables in order, its verb."""

    text: str
    segments: tuple[str | None, ...]
    variables: tuple[str, ...]
    verb: str

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Parses a template; ValueError where it is none that is supported here (a variable is one segment)."""
        found = _VERB.match(text)
        if found is None or not text.startswith("/"):
            raise ValueError(f"{text} is no path template")
        segments: list[str | None] = []
        variables: list[str] = []
        for segment in found["path"][1:].split("/"):
            if variable := _VARIABLE.match(segment):
                variables.append(variable[1])
                segments.append(None)
            elif _LITERAL.match(segment):
                segments.append(segment)
            else:
                raise ValueError(f"{text}: {segment!r} is neither a word nor a variable of one segment")
        return cls(text, tuple(segments), tuple(variables), found["verb"] or "")


@dataclass(slots=True)
class _Node(Generic[T]):
    words: "dict[str, _Node[T]]" = field(default_factory=dict)
    variable: "_Node[T] | None" = None
    ends: dict[str, dict[str, T]] = field(default_factory=dict)


class Table(Generic[T]):
    """Finds what stands at a path: a tree of segments, words before variables."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: Template, target: T) -> None:
        """Puts a target at a method and a template; ValueError where there is one already."""
        node = self._root
        for segment in template.segments:
            if segment is None:
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.words.setdefault(segment, _Node())
        methods = node.ends.setdefault(template.verb, {})
        if method in methods:
            raise ValueError(f"{method} {template.text} is taken already")
        methods[method] = target

    def find(self, raw_path: str) -> tuple[dict[str, T], list[str]] | None:
        """The targets by method, and the values of the variables, decoded; None where nothing stands there."""
        if not raw_path.startswith("/"):
            return None
        segments = raw_path[1:].split("/")
        last, _, verb = segments[-1].rpartition(":")
        found = None
        if last:
            found = _walk(self._root, [*segments[:-1], last], 0, verb)
        if found is None:
            # A colon may also belong to an id: then there is no verb.
            found = _walk(self._root, segments, 0, "")
        if found is None:
            return None
        methods, values = found
        return methods, [unquote(value, errors="strict") if "%" in value else value for value in reversed(values)]


def _walk(node: _Node[T], segments: list[str], at: int, verb: str) -> tuple[dict[str, T], list[str]] | None:
    """The methods at the end of the segments, and the values of the variables from the last to the first."""
    if at == len(segments):
        methods = node.ends.get(verb)
        return (methods, []) if methods else None
    segment = segments[at]
    if (word := node.words.get(segment)) and (found := _walk(word, segments, at + 1, verb)):
        return found
    if node.variable and segment and (found := _walk(node.variable, segments, at + 1, verb)):
        found[1].append(segment)
        return found
    return None
