"""What a component's `store.py` says: the columns of its tables, and how its values rest in them.

`Records` maps a frozen dataclass to a row by field name. Every column is text, a big integer or bytes, which both
engines store alike and no driver converts.
"""

import base64
import json as json_text
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_type_hints

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    LargeBinary,
    Table,
    Text,
    bindparam,
    select,
    tuple_,
)

from zhongtai.common.v1.page_pb2 import PageInfo, PageRequest
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Contended, Invalid, Missing
from zhongtai.runtime.plain import from_json, instant_text, optional, to_json
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")
PAGE = 50
# Above this many values one query for all is cheaper than the kept statement for each.
FEW = 8
IN_MAX = 10_000


class PageTokenUnknown(Invalid):
    """The page token is not one of ours: take it from the reply before, as it is, or leave it out.

    分页标记无效：请原样使用上一页返回的标记，或不填。
    """


class RowChanged(Contended):
    """Somebody else changed the {table} {key} at the same time: try again at once.

    {table} {key}刚被他人修改：请立即重试。
    """

    table: str
    key: str


def text(name: str, **options: Any) -> Column[str]:
    """A text column, not null unless said."""
    return Column(name, Text, **{"nullable": False, **options})


def integer(name: str, **options: Any) -> Column[int]:
    """A 64-bit integer column, not null unless said."""
    return Column(name, BigInteger, **{"nullable": False, **options})


def octets(name: str, **options: Any) -> Column[bytes]:
    """A column of bytes, not null unless said."""
    return Column(name, LargeBinary, **{"nullable": False, **options})


def money(name: str, **options: Any) -> tuple[Column[int], Column[str]]:
    """Two columns for an amount: `<name>_minor` and `<name>_currency`; to be unpacked with `*`."""
    return integer(f"{name}_minor", **options), text(f"{name}_currency", **options)


def decimal(name: str, **options: Any) -> Column[str]:
    """An exact decimal, kept as text."""
    return text(name, **options)


def day(name: str, **options: Any) -> Column[str]:
    """A date, kept as ISO 8601 text, which sorts as dates do."""
    return text(name, **options)


def instant(name: str, **options: Any) -> Column[str]:
    """An instant in UTC, kept as ISO 8601 text of fixed length, which sorts as instants do."""
    return text(name, **options)


def json(name: str, **options: Any) -> Column[str]:
    """Nested values, kept as JSON text."""
    return text(name, **options)


class _Field:
    """How one field of a value rests in its column or columns, the first of which is the `at`th of the row."""

    def __init__(self, name: str, kind: Any, at: int) -> None:
        kind, _ = optional(kind)
        self.name = name
        self.money = kind is Money
        self.columns: tuple[str, ...] = (f"{name}_minor", f"{name}_currency") if self.money else (name,)
        self.write, read = _codec(kind)
        self.take: Callable[[Sequence[Any]], Any] = itemgetter(at)
        if self.money:
            self.take = lambda row: None if row[at] is None else Money(row[at + 1], row[at])
        elif read:
            self.take = lambda row: None if row[at] is None else read(row[at])

    def put(self, row: dict[str, Any], part: Any) -> None:
        """Writes the columns of a field's value into a row."""
        if self.money:
            minor, currency = self.columns
            row[minor], row[currency] = (None, None) if part is None else (part.minor_units, part.currency)
        else:
            row[self.name] = part if part is None or self.write is None else self.write(part)


def _codec(kind: Any) -> tuple[Callable[[Any], Any] | None, Callable[[Any], Any] | None]:
    """How a type is written to a column and read back; None where the driver's own value is the value."""
    if kind in (str, int, bytes):
        return None, None
    if kind is bool:
        return int, bool
    if kind is Decimal:
        return str, Decimal
    if kind is date:
        return date.isoformat, date.fromisoformat
    if kind is datetime:
        return instant_text, datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return attrgetter("_value_"), cache(kind)
    return to_json, lambda stored: from_json(stored, kind)


def _maker(kind: type[T]) -> Callable[..., T]:
    """What makes a value of its fields in their order; by their names where the class takes them so only."""
    names = [field.name for field in fields(kind) if field.kw_only]  # type: ignore[arg-type]
    return (lambda *parts: kind(**dict(zip(names, parts, strict=True)))) if names else kind


class Records(Generic[T]):
    """The rows of one table as values of one class: they are found, loaded, added and saved whole."""

    def __init__(
        self,
        table: Table,
        kind: type[T],
        *,
        missing: type[Missing] | None = None,
        derived: Mapping[str, ColumnElement[Any]] = MappingProxyType({}),
    ) -> None:
        """Maps `kind`'s fields to the columns of the same names, or to what is `derived` under that name and rests
        elsewhere; fails at import where a field has neither.
        """
        self.table = table
        self._kind = kind
        self._missing = missing
        hints = get_type_hints(kind)
        self._fields: list[_Field] = []
        for field in fields(kind):  # type: ignore[arg-type]
            at = sum(len(before.columns) for before in self._fields)
            self._fields.append(_Field(field.name, hints[field.name], at))
        told = [name for field in self._fields for name in field.columns]
        absent = [name for name in told if name not in table.c and name not in derived]
        if absent:
            raise TypeError(f"table {table.name} has no column for {', '.join(absent)} of {kind.__name__}")
        self.columns = [derived[name].label(name) if name in derived else table.c[name] for name in told]
        self._names = [name for name in told if name not in derived]
        self._own_fields = [field for field in self._fields if not derived.keys() & field.columns]
        self._key = [column.name for column in table.primary_key.columns]
        self._key_fields = [field for field in self._fields if field.name in self._key]
        self._key_parts = attrgetter(*self._key)
        self._make = _maker(kind)
        self._takes = [field.take for field in self._fields]
        self._parameters = [(f"new_{name}", name) for name in self._names if name not in self._key]
        self._key_parameters = [f"key_{name}" for name in self._key]
        self._parameters += zip(self._key_parameters, self._key, strict=True)
        by_key = [table.c[name] == bindparam(f"key_{name}") for name in self._key]
        self.by_key = select(*self.columns).where(*by_key)
        self._insert = table.insert().values({name: bindparam(name) for name in self._names})
        changing: dict[str, Any] = {name: bindparam(f"new_{name}") for name in self._names if name not in self._key}
        self._update = table.update().where(*by_key).values({table.c[name]: value for name, value in changing.items()})
        self._delete = table.delete().where(*by_key)
        self._changes: dict[tuple[_Field, ...], Executable] = {}

    def find(self, view: View, *key: str | int) -> T | None:
        """The value of that key, or None."""
        rows = view.rows(self.by_key, self.key_parameters(key))
        return self.value(rows[0]) if rows else None

    def load(self, view: View, *key: str | int) -> T:
        """The value of that key; refuses with the `missing` refusal where there is none."""
        found = self.find(view, *key)
        if found is None:
            if self._missing is None:
                raise LookupError(f"{self.table.name} has no {key}")
            raise self._missing(**dict(zip(self._key, key, strict=True)))
        return found

    def load_all(self, view: View, keys: Sequence[str]) -> dict[str, T]:
        """The values of these keys of one column, by key; refuses as `load` does where one is not there."""
        if len(keys) <= FEW:
            return {key: self.load(view, key) for key in keys}
        found: dict[str, T] = {}
        (column,) = self.table.primary_key.columns
        for start in range(0, len(keys), IN_MAX):
            statement = select(*self.columns).where(column.in_(keys[start : start + IN_MAX]))
            for value in map(self.value, view.rows(statement)):
                (key,) = self.key(value)
                found[key] = value
        return {key: found[key] if key in found else self.load(view, key) for key in keys}

    def add(self, unit: Unit, value: T) -> None:
        """Writes a new row."""
        self.add_all(unit, (value,))

    def add_all(self, unit: Unit, values: Iterable[T]) -> None:
        """Writes many new rows with one statement."""
        unit.execute(self._insert, [self.row(value) for value in values])

    def save(self, unit: Unit, value: T) -> None:
        """Writes the value over its row; `Contended` where the row is gone."""
        row = self.row(value)
        if unit.execute(self._update, self._changed(row)) != 1:
            raise RowChanged(table=self.table.name, key=" ".join(str(row[name]) for name in self._key))

    def save_all(self, unit: Unit, values: Iterable[T]) -> None:
        """Writes many values over their rows with one statement."""
        unit.execute(self._update, [self._changed(self.row(value)) for value in values])

    def change(self, unit: Unit, before: T, after: T) -> None:
        """Writes what differs between two values of one key over its row; `Contended` where the row is gone.

        It costs less than `save`: what stays is not written, and no index that holds it is touched.
        """
        self.change_all(unit, ((before, after),))

    def change_all(self, unit: Unit, changes: Iterable[tuple[T, T]]) -> None:
        """The same for many values, with one statement for all that changed in the same fields."""
        alike: dict[tuple[_Field, ...], list[dict[str, Any]]] = {}
        for before, after in changes:
            parts = [(field, getattr(before, field.name), getattr(after, field.name)) for field in self._fields]
            changed = [(field, new) for field, old, new in parts if new is not old and new != old]
            if changed:
                row = self._key_of(after)
                for field, part in changed:
                    field.put(row, part)
                alike.setdefault(tuple(field for field, _ in changed), []).append(row)
        for fields_changed, rows in alike.items():
            if unit.execute(self._change_of(fields_changed), rows) != len(rows):
                keys = (" ".join(str(row[name]) for name in self._key_parameters) for row in rows)
                raise RowChanged(table=self.table.name, key=", ".join(keys))

    def remove(self, unit: Unit, *key: str | int) -> None:
        """Deletes the row of that key, if it is there."""
        unit.execute(self._delete, self.key_parameters(key))

    def query(
        self, *conditions: ColumnElement[bool], order_by: Sequence[Any] | Any = (), limit: int | None = None
    ) -> "Query[T]":
        """A question that is asked again and again: made once at module level, with `bindparam`s for what varies."""
        order = order_by if isinstance(order_by, (tuple, list)) else (order_by,)
        return Query(self, select(*self.columns).where(*conditions).order_by(*order).limit(limit))

    def where(self, view: View, *conditions: ColumnElement[bool], order_by: Sequence[Any] | Any = ()) -> list[T]:
        """The values that meet conditions put together for this one call, in order; compiling them costs 0.3 ms."""
        return self.query(*conditions, order_by=order_by)(view)

    def page(self, view: View, page: PageRequest, *conditions: ColumnElement[bool]) -> tuple[list[T], PageInfo]:
        """One page of values in the order of their keys, or against it, and the token of the next."""
        size = page.size or PAGE
        statement = select(*self.columns).where(*conditions)
        keys = [self.table.c[name] for name in self._key]
        if page.token:
            here, there = tuple_(*keys), tuple_(*_position(page.token, len(keys)))
            statement = statement.where(here < there if page.newest_first else here > there)
        order = [key.desc() for key in keys] if page.newest_first else keys
        found = view.rows(statement.order_by(*order).limit(size + 1), {})
        token = ""
        if len(found) > size:
            token = _token([getattr(found[size - 1], name) for name in self._key])
        return [self.value(row) for row in found[:size]], PageInfo(next_token=token)

    def row(self, value: T) -> dict[str, Any]:
        """The columns of a value."""
        row: dict[str, Any] = {}
        for field in self._own_fields:
            field.put(row, getattr(value, field.name))
        return row

    def key(self, value: T) -> tuple[Any, ...]:
        """The key of a value, as it is found by."""
        parts = self._key_parts(value)
        return parts if len(self._key) > 1 else (parts,)

    def value(self, row: Sequence[Any]) -> T:
        """The value of a row whose columns stand in the order of the value's fields."""
        return self._make(*[take(row) for take in self._takes])

    def key_parameters(self, key: Sequence[Any]) -> dict[str, Any]:
        """A key as the parameters of `by_key`."""
        return dict(zip(self._key_parameters, key, strict=True))

    def _changed(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as the update's parameters."""
        return {parameter: row[name] for parameter, name in self._parameters}

    def _key_of(self, value: T) -> dict[str, Any]:
        """The key of a value as a statement's parameters."""
        key: dict[str, Any] = {}
        for field in self._key_fields:
            field.put(key, getattr(value, field.name))
        return {parameter: key[name] for parameter, name in zip(self._key_parameters, self._key, strict=True)}

    def _change_of(self, changed: tuple[_Field, ...]) -> Executable:
        """The statement that writes these fields; made when they first change together."""
        if changed not in self._changes:
            names = [name for field in changed for name in field.columns]
            by_key = [self.table.c[name] == bindparam(f"key_{name}") for name in self._key]
            values: dict[str, Any] = {name: bindparam(name) for name in names}
            self._changes[changed] = self.table.update().where(*by_key).values(values)
        return self._changes[changed]


class Query(Generic[T]):
    """A prepared question about the values of one table; it is compiled once."""

    def __init__(self, records: Records[T], statement: Executable) -> None:
        """Asks a statement that selects the columns of the records in their order."""
        self._records = records
        self._statement = statement

    def __call__(self, view: View, **parameters: Any) -> list[T]:
        """The values, in order; a parameter for each `bindparam`."""
        return [self._records.value(row) for row in view.rows(self._statement, parameters)]


def page_of(values: Sequence[T], page: PageRequest) -> tuple[Sequence[T], PageInfo]:
    """One page of values that were worked out and rest in no table, or the last ones first, and the next token."""
    ordered = values[::-1] if page.newest_first else values
    (start,) = _position(page.token, 1) if page.token else (0,)
    if not isinstance(start, int) or start < 0:
        raise PageTokenUnknown
    end = start + (page.size or PAGE)
    return ordered[start:end], PageInfo(next_token=_token([end]) if end < len(ordered) else "")


def _token(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json_text.dumps(key).encode()).decode()


def _position(token: str, length: int) -> list[Any]:
    try:
        key = json_text.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError as error:
        raise PageTokenUnknown from error
    if isinstance(key, list) and len(key) == length and all(isinstance(part, str | int) for part in key):
        return key
    raise PageTokenUnknown
