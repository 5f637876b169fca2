"""The words of a CEL expression, and what can be told from them alone.

The compiler of `cel-expr-python` 0.1 tells types and nothing else: no tree, no names used. What the scenario
compiler must know beyond types, which names an expression uses and what it compares them with, is read from its
words here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    |(?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<number>0x[0-9a-fA-F]+u?|[0-9]+u?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*|`[^`]*`)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

LITERALS = frozenset({"true", "false", "null", "in"})
MACROS = frozenset({"map", "filter", "all", "exists", "exists_one"})
SIMPLE_TEXT = re.compile(r"(['\"])([^'\"\\\n]*)\1")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind (`text`, `float`, `number`, `name`, `sign`, `other`), itself, and where it begins."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of names, `offer.reasons`. `called` where a bracket follows: the last name is then a function's."""

    names: tuple[str, ...]
    start: int
    called: bool
    first: int
    last: int

    @property
    def text(self) -> str:
        """The chain as written."""
        return ".".join(self.names)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of an expression, without spaces and comments."""
    found = (Token(match.lastgroup or "other", match.group(), match.start()) for match in _TOKEN.finditer(text))
    return tuple(token for token in found if token.kind != "space")


def paths(words: tuple[Token, ...]) -> Iterator[Path]:
    """Every chain of names that does not hang on something else."""
    at = 0
    while at < len(words):
        hangs = at > 0 and words[at - 1].text == "."
        if words[at].kind != "name" or hangs or words[at].text in LITERALS:
            at += 1
            continue
        first, names = at, [words[at].text]
        while at + 2 < len(words) and words[at + 1].text == "." and words[at + 2].kind == "name":
            at += 2
            names.append(words[at].text)
        called = at + 1 < len(words) and words[at + 1].text == "("
        yield Path(tuple(names), words[first].start, called, first, at)
        at += 1


def selections(words: tuple[Token, ...]) -> Iterator[Token]:
    """Every name behind a dot."""
    for before, word in pairwise(words):
        if before.text == "." and word.kind == "name":
            yield word


def loop_names(words: tuple[Token, ...]) -> dict[str, tuple[int, int]]:
    """The names that macros such as `.map(x, …)` bind, and the words (first, last) of the chain each runs over."""
    bound: dict[str, tuple[int, int]] = {}
    for path in paths(words):
        after = words[path.last + 2 : path.last + 4]
        if path.called and path.names[-1] in MACROS and len(after) == 2 and after[1].text == ",":
            bound[after[0].text] = (path.first, path.last)
    for at, word in enumerate(words):
        after = words[at + 2 : at + 4]
        macro = word.text in MACROS and at > 0 and words[at - 1].text == "."
        if macro and len(after) == 2 and after[0].kind == "name" and after[1].text == ",":
            bound.setdefault(after[0].text, (-1, -1))
    return bound


def plain_text(token: Token) -> str | None:
    """What a text token says, where it is written without escapes; else None."""
    found = SIMPLE_TEXT.fullmatch(token.text) if token.kind == "text" else None
    return found[2] if found else None


def conjuncts(text: str) -> frozenset[str]:
    """The conditions a condition is made of: what stands between its outermost `&&`, in one spelling each."""
    parts: list[list[str]] = [[]]
    depth = 0
    alternative = False
    for word in tokens(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(word.text, 0)
        alternative = alternative or (depth == 0 and word.text in ("||", "?"))
        if depth == 0 and word.text == "&&":
            parts.append([])
        else:
            parts[-1].append(_spelling(word))
    if alternative:
        return frozenset({" ".join(_spelling(word) for word in tokens(text))})
    return frozenset(" ".join(part) for part in parts)


def _spelling(word: Token) -> str:
    said = plain_text(word)
    return word.text if said is None else f"'{said}'"
