"""Domain values as plain JSON and back, exactly: what a store keeps of nested values, and what a test prints.

Money becomes {"currency", "minor_units"}, decimals, dates and instants become text, enums their value, tuples lists.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Convert = Callable[[Any], Any]


def instant_text(value: datetime) -> str:
    """An instant in UTC with microseconds: texts sort as the instants do."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def to_json(value: Any) -> str:
    """A value as compact JSON text."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=False)


def from_json(text: str, kind: Any) -> Any:
    """The value of type `kind` that `to_json` wrote."""
    return reader(kind)(json.loads(text))


def to_plain(value: Any) -> Any:
    """A value as dictionaries, lists, text, integers, booleans and None."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case dict():
            return {str(key): to_plain(item) for key, item in value.items()}
        case tuple() | list() | frozenset():
            items = [to_plain(item) for item in value]
            return sorted(items) if isinstance(value, frozenset) else items
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} is not a value that can be stored")


@cache
def reader(kind: Any) -> Convert:
    """How values of a type are read back from their plain form."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        inner = reader(next(argument for argument in arguments if argument is not NoneType))
        return lambda plain: None if plain is None else inner(plain)
    if origin in (tuple, list, frozenset):
        item = reader(arguments[0])
        return lambda plain: origin(map(item, plain))
    if origin is dict:
        item = reader(arguments[1])
        return lambda plain: {key: item(value) for key, value in plain.items()}
    if kind in (date, datetime):
        return kind.fromisoformat  # type: ignore[no-any-return]
    if isinstance(kind, type) and (issubclass(kind, (Decimal, Enum))):
        return kind
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        readers = {field.name: reader(hints[field.name]) for field in fields(kind)}
        # A field added later than the row was written takes its default.
        make: Any = kind
        return lambda plain: make(**{name: read(plain[name]) for name, read in readers.items() if name in plain})
    return lambda plain: plain


def optional(kind: Any) -> tuple[Any, bool]:
    """The type without its `| None`, and whether it had one."""
    if get_origin(kind) in (Union, UnionType):
        rest = [argument for argument in get_args(kind) if argument is not NoneType]
        return rest[0], True
    return kind, False
