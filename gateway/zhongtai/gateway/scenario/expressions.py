"""Expressions: CEL, checked against the contracts, behind this one module.

`cel-expr-python` 0.1 is Google's C++ CEL and young. What it does not do, or does otherwise than a product team
may expect, is mended here and nowhere else:

- an enum is a number to it: a text compared with an enum (`decision.outcome == 'REFER'`) is checked against the
  enum's values and written as its number, in as many characters, so that columns stay true;
- it compiles any arithmetic on `minor_units`: here no expression sees them;
- an error of a function comes back as a value: here it is raised as `ExpressionFailedError`;
- `has(a.b)` on a declared name `a.b` answers the value instead of true: here it does not compile;
- `dyn`, floats and built messages, which the type check cannot see through, do not compile.

A plain chain of names, which most expressions are, is checked against the descriptors and walked without CEL.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from zhongtai.gateway.scenario.findings import rather
from zhongtai.gateway.scenario.functions import FUNCTIONS
from zhongtai.gateway.scenario.kinds import NAMED, Kind, enum_values, kind_of_message
from zhongtai.gateway.scenario.names import (
    ExpressionInvalidError,
    Names,
    Resolved,
    bound_names,
    checked,
    refuse_has,
    refuse_what_may_not_be,
    walk,
)
from zhongtai.gateway.scenario.tokens import Token, paths, plain_text, tokens

LONGEST = 2000
_AT = re.compile(r"<input>:(\d+):(\d+): (.*)")


class ExpressionFailedError(Exception):
    """An expression that compiled has no value for these inputs, such as a missing key of a map."""


@dataclass(frozen=True)
class Formula:
    """A compiled expression: `formula(values)` is its value."""

    text: str
    kind: Kind
    uses: tuple[str, ...]
    passes: tuple[FieldDescriptor, ...]
    chain: Resolved | None
    program: Any

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Its value for these values, by dotted name; None where a chain ends in a message that is not set.

        Raises `ExpressionFailedError`.
        """
        if self.chain is not None:
            return walk(self.chain, values)
        try:
            found = self.program.eval(data={name: values[name] for name in self.uses})
        except RuntimeError as error:
            raise ExpressionFailedError(f"{self.text}: {error}") from error
        if found.type() == cel.Type.ERROR:
            raise ExpressionFailedError(f"{self.text}: {found.plain_value()}")
        return found.plain_value()


def compile_formula(text: str, names: Names) -> Formula:
    """Compiles an expression over names. Raises `ExpressionInvalidError`."""
    if len(text) > LONGEST:
        raise ExpressionInvalidError("ZT020", f"The expression is longer than {LONGEST} characters.")
    words = tokens(text)
    refuse_what_may_not_be(words)
    bound = bound_names(words, names)
    found = list(paths(words))
    chains: dict[int, Resolved] = {}
    for path in found:
        resolved = checked(path, names, bound)
        if resolved is not None:
            chains[path.first] = resolved
    refuse_has(words, found, chains)
    whole = chains.get(0) if len(found) == 1 and (found[0].first, found[0].last) == (0, len(words) - 1) else None
    uses = tuple(sorted({resolved.name for resolved in chains.values() if resolved.name in names.known}))
    passes = tuple(step for resolved in chains.values() for step in resolved.fields)
    if whole is not None and whole.name in names.known and not whole.keyed:
        return Formula(text, whole.kind, uses, passes, whole, None)
    ending = {path.last: chains[path.first] for path in found if path.first in chains}
    try:
        program = _environment(names).compile(_with_enum_numbers(text, words, ending))
    except RuntimeError as error:
        raise _explained(str(error), text) from error
    kind = whole.kind if whole else _kind_of(program.return_type().name())
    return Formula(text, kind, uses, passes, None, program)


def assignable(expected: Kind, formula: Formula) -> bool:
    """True where the formula's value may stand in a field of that kind."""
    actual = formula.kind
    if expected.name == "enum" or actual.name == "enum":
        return expected.descriptor is actual.descriptor
    if expected.name in ("list", "map") and actual.name in ("list", "map"):
        returned = formula.program.return_type() if formula.program is not None else _cel_type(actual)
        return bool(_cel_type(expected).is_assignable_from(returned))
    return (expected.name, expected.descriptor) == (actual.name, actual.descriptor)


def _with_enum_numbers(text: str, words: tuple[Token, ...], ending: Mapping[int, Resolved]) -> str:
    """The expression with every text that is compared with an enum written as its number."""
    starts = _by_start(words, ending)
    for at, word in enumerate(words):
        if word.text in ("==", "!="):
            if at - 1 in ending and at + 1 < len(words):
                text = _replaced(text, words[at + 1], ending[at - 1].kind)
            elif at + 1 in starts:
                text = _replaced(text, words[at - 1], starts[at + 1].kind)
        if word.text == "in" and at - 1 in ending and at + 1 < len(words) and words[at + 1].text == "[":
            for choice in words[at + 2 :]:
                if choice.text == "]":
                    break
                text = _replaced(text, choice, ending[at - 1].kind)
    return text


def _by_start(words: tuple[Token, ...], ending: Mapping[int, Resolved]) -> dict[int, Resolved]:
    return {path.first: ending[path.last] for path in paths(words) if path.last in ending and not path.called}


def _replaced(text: str, word: Token, kind: Kind) -> str:
    said = plain_text(word)
    choices = enum_values(kind.descriptor) if isinstance(kind.descriptor, EnumDescriptor) else kind.choices
    if said is None or not choices:
        return text
    if said not in choices:
        known = [name for name in choices if name != "UNSPECIFIED"]
        raise ExpressionInvalidError("ZT015", f"It is never '{said}'.", word.start, rather(said, known))
    if not isinstance(kind.descriptor, EnumDescriptor):
        return text
    number = str(enum_values(kind.descriptor)[said]).ljust(len(word.text))
    return text[: word.start] + number + text[word.start + len(word.text) :]


def _explained(error: str, text: str) -> ExpressionInvalidError:
    """CEL's own message as a finding."""
    found = _AT.search(error)
    if found is None:
        return ExpressionInvalidError("ZT020", f"`{text}` cannot be read: {error.splitlines()[0]}.")
    line, column, said = int(found[1]), int(found[2]), found[3].removesuffix(" (in container '')")
    offset = column - 1 if line == 1 else 0
    if said.startswith("Syntax error"):
        return ExpressionInvalidError("ZT020", f"`{text}` cannot be read: {said.split(' expecting')[0]}.", offset)
    called = re.search(r"overload for '([a-z_.]+)'", said) or re.match(
        r"((?:money|decimal|date)\.[a-z_]+)", text[offset:]
    )
    own = [function.signature for function in FUNCTIONS if called and function.name == called[1]]
    if own and said.startswith("undeclared"):
        # A dotted function with the wrong number of arguments is to CEL a name it does not know.
        return ExpressionInvalidError(
            "ZT022", f"`{text}` has the wrong number of values.", offset, f"It is {' or '.join(own)}."
        )
    if own:
        return ExpressionInvalidError("ZT022", f"`{text}`: {said}.", offset, f"It is {' or '.join(own)}.")
    if "zhongtai.common.v1.Money" in said:
        return ExpressionInvalidError(
            "ZT023", f"`{text}`: money has no operators.", offset, "Use money.add, money.times, money.gt …"
        )
    return ExpressionInvalidError("ZT022", f"`{text}`: {said}.", offset)


def _cel_type(kind: Kind) -> Any:
    simple = {
        "string": cel.Type.STRING,
        "int": cel.Type.INT,
        "enum": cel.Type.INT,
        "bool": cel.Type.BOOL,
        "bytes": cel.Type.BYTES,
        "double": cel.Type.DOUBLE,
        "timestamp": cel.Type.TIMESTAMP,
        "duration": cel.Type.DURATION,
    }
    if kind.name in simple:
        return simple[kind.name]
    if kind.name == "list":
        return cel.Type.List(_cel_type(kind.element or Kind("string")))
    if kind.name == "map":
        return cel.Type.Map(cel.Type.STRING, _cel_type(kind.element or Kind("string")))
    assert kind.descriptor is not None
    return cel.Type(kind.descriptor.full_name)


_SIMPLE_KINDS = {
    "STRING": "string",
    "INT": "int",
    "BOOL": "bool",
    "BYTES": "bytes",
    "DOUBLE": "double",
}


def _kind_of(name: str) -> Kind:
    """The kind of a CEL type by its name, `LIST<zhongtai.common.v1.Money>`."""
    if name in _SIMPLE_KINDS:
        return Kind(_SIMPLE_KINDS[name])
    if found := re.fullmatch(r"LIST<(.*)>", name):
        return Kind("list", _kind_of(found[1]))
    if found := re.fullmatch(r"MAP<[^,]*, (.*)>", name):
        return Kind("map", _kind_of(found[1]))
    if name.lower() in NAMED:
        return Kind(name.lower(), descriptor=NAMED[name.lower()])
    try:
        return kind_of_message(descriptor_pool.Default().FindMessageTypeByName(name))
    except KeyError:
        return Kind(name.lower())


def _environment(names: Names) -> Any:
    if "cel" not in names.kept:
        variables = {name: _cel_type(kind) for name, kind in names.known.items()}
        names.kept["cel"] = cel.NewEnv(descriptor_pool.Default(), variables=variables, functions=_declarations())
    return names.kept["cel"]


@cache
def _declarations() -> list[Any]:
    overloads: dict[str, list[Any]] = {}
    for at, function in enumerate(FUNCTIONS):
        overloads.setdefault(function.name, []).append(
            cel.Overload(
                id=f"{function.name.replace('.', '_')}_{at}",
                return_type=_cel_type(function.answers),
                parameters=[_cel_type(kind) for kind in function.takes],
                impl=function.does,
            )
        )
    return [cel.FunctionDecl(name, found) for name, found in overloads.items()]
