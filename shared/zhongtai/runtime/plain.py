"""Domain values as plain JSON and back, exactly: what a store keeps of nested values, and what a test prints.

Money becomes {"currency", "minor_units"}, decimals, dates and instants become text, enums their value, tuples lists.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Convert = Callable[[Any], Any]
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def instant_text(value: datetime) -> str:
    """An instant in UTC with microseconds: texts sort as the instants do."""
    return _text_of_utc(value if value.tzinfo is UTC else value.astimezone(UTC))


# One instant is written in every row of a change, and of all that share its commit.
@lru_cache(maxsize=256)
def _text_of_utc(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


def to_json(value: Any) -> str:
    """A value as compact JSON text."""
    return _write(to_plain(value))


def from_json(text: str, kind: Any) -> Any:
    """The value of type `kind` that `to_json` wrote."""
    return reader(kind)(json.loads(text))


def to_plain(value: Any) -> Any:
    """A value as dictionaries, lists, text, integers, booleans and None."""
    kind: Any = type(value)
    return _writer(kind)(value)


@cache
def _writer(kind: Any) -> Convert:
    """How the values of a class become plain."""
    if issubclass(kind, Enum):
        return attrgetter("_value_")
    if issubclass(kind, (NoneType, int, str)):
        return lambda value: value
    if issubclass(kind, datetime):
        return instant_text
    if issubclass(kind, date):
        return date.isoformat
    if issubclass(kind, Decimal):
        return str
    if issubclass(kind, dict):
        return lambda value: {str(key): to_plain(item) for key, item in value.items()}
    if issubclass(kind, frozenset):
        return lambda value: sorted(map(to_plain, value))
    if issubclass(kind, (tuple, list)):
        return lambda value: [to_plain(item) for item in value]
    if is_dataclass(kind):
        names = [field.name for field in fields(kind)]
        return lambda value: {name: to_plain(getattr(value, name)) for name in names}
    raise TypeError(f"{kind.__name__} is not a value that can be stored")


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
    if isinstance(kind, type) and issubclass(kind, Enum):
        return cache(kind)
    if kind is Decimal:
        return Decimal
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


def shipped(package: str, name: str) -> Any:
    """What a JSON file says that ships beside a component: `shipped(__package__, "rules.json")`."""
    return json.loads((files(package) / name).read_text(encoding="utf-8"))
