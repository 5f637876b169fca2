"""JSON to protobuf, by readers compiled once for each message type from its descriptor.

Standard proto3 JSON, read strictly: both spellings of a name, 64-bit integers as text or number, null as not set; an
unknown field, a value of another type, a name given twice or a number that is none is a finding with its path.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from zhongtai.gateway.door.findings import Findings, Path, WrongValueError, wrong_type
from zhongtai.gateway.door.scalars import Convert, converter, key_converter
from zhongtai.gateway.door.wellknown import READ

Set = Callable[[Any, Any, Path, Findings], None]
VALUE = "google.protobuf.Value"


class Repeated(dict[str, Any]):
    """A JSON object that names a key more than once; `names` are those keys."""

    names: list[str]


class _NotFiniteError(ValueError):
    """JSON has no NaN and no Infinity, though Python reads them."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    repeated = Repeated(made)
    repeated.names = [name for name, _ in pairs if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return repeated


def _no_constant(name: str) -> Any:
    raise _NotFiniteError(name)


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant).decode


def parse(body: bytes, found: Findings) -> Any:
    """The JSON value of a body; None and a finding where it is none."""
    try:
        return _decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        found.add((), "NOT_UNICODE")
    except json.JSONDecodeError as error:
        found.add((), "MALFORMED", line=error.lineno, column=error.colno, said=error.msg)
    except RecursionError:
        found.add((), "TOO_DEEP")
    except ValueError:
        # NaN, Infinity, or an integer of thousands of digits.
        found.add((), "NOT_FINITE")
    return None


class Reader:
    """Reads JSON objects into messages of one type."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._set: dict[str, Set] = {}
        self._twins: dict[str, str] = {}
        self._choices = [
            [field.json_name for field in oneof.fields]
            for oneof in descriptor.oneofs
            if not (len(oneof.fields) == 1 and oneof.name == f"_{oneof.fields[0].name}")
        ]
        self.names = [field.json_name for field in descriptor.fields]
        for field in descriptor.fields:
            self._set[field.json_name] = self._set[field.name] = setter(field)
            if field.name != field.json_name:
                self._twins[field.name] = field.json_name
        self._other_names = frozenset(self._twins)

    def read(self, message: Any, item: Any, path: Path, found: Findings) -> None:
        """Fills the message from a JSON object; what does not fit becomes a finding and is left out."""
        if type(item) is not dict:
            if not isinstance(item, dict):
                found.wrong(path, wrong_type(dict, item))
                return
            for name in getattr(item, "names", ()):
                found.add((*path, name), "DUPLICATE_KEY", name=repr(name))
        fields = self._set
        for name, value in item.items():
            put = fields.get(name)
            if put is None:
                found.unknown(path, name, self.names)
            else:
                put(message, value, path, found)
        if not self._other_names.isdisjoint(item):
            self._check_twins(item, path, found)
        if self._choices:
            self._check_choices(item, path, found)

    def _check_twins(self, item: dict[str, Any], path: Path, found: Findings) -> None:
        for name, twin in self._twins.items():
            if name in item and twin in item:
                found.add((*path, name), "DUPLICATE_KEY", name=repr(twin))

    def _check_choices(self, item: dict[str, Any], path: Path, found: Findings) -> None:
        given = {self._twins.get(name, name) for name, value in item.items() if value is not None}
        for choices in self._choices:
            if len(given.intersection(choices)) > 1:
                found.add(path, "ONE_OF_THESE", choices=", ".join(choices))


@cache
def reader(descriptor: Descriptor) -> Reader:
    """The reader of a message type."""
    return Reader(descriptor)


def setter(field: FieldDescriptor) -> Set:
    """What puts a JSON value into one field of a message."""
    inner = field.message_type
    if inner and inner.GetOptions().map_entry:
        return _map(field.name, inner.fields_by_name["key"], inner.fields_by_name["value"])
    if field.is_repeated:
        return _messages(field.name, fill(inner)) if inner else _scalars(field.name, converter(field))
    if inner:
        return _message(field.name, fill(inner), takes_null=inner.full_name == VALUE)
    return _scalar(field.name, converter(field))


def fill(descriptor: Descriptor) -> Set:
    """What fills a message of that type from its JSON."""
    if known := READ.get(descriptor.full_name):

        def special(message: Any, item: Any, path: Path, found: Findings) -> None:
            try:
                known(message, item)
            except WrongValueError as error:
                found.wrong(path, error)

        return special

    def plain(message: Any, item: Any, path: Path, found: Findings) -> None:
        reader(descriptor).read(message, item, path, found)

    # Types that hold themselves are compiled when they are first met; the rest at the start, so that the door builds
    # or does not.
    if not _holds_itself(descriptor):
        return reader(descriptor).read
    return plain


def _holds_itself(descriptor: Descriptor) -> bool:
    waiting, seen = [descriptor], set()
    while waiting:
        for field in waiting.pop().fields:
            inner = field.message_type
            if inner is None or inner.full_name in READ or inner.full_name in seen:
                continue
            if inner.full_name == descriptor.full_name:
                return True
            seen.add(inner.full_name)
            waiting.append(inner)
    return False


def _scalar(name: str, convert: Convert) -> Set:
    def put(message: Any, item: Any, path: Path, found: Findings) -> None:
        if item is None:
            return
        try:
            setattr(message, name, convert(item))
        except WrongValueError as error:
            found.wrong((*path, name), error)

    return put


def _message(name: str, fill_it: Set, *, takes_null: bool) -> Set:
    def put(message: Any, item: Any, path: Path, found: Findings) -> None:
        if item is None and not takes_null:
            return
        inner = getattr(message, name)
        inner.SetInParent()
        fill_it(inner, item, (*path, name), found)

    return put


def _scalars(name: str, convert: Convert) -> Set:
    def put(message: Any, item: Any, path: Path, found: Findings) -> None:
        if item is None:
            return
        if type(item) is not list:
            found.wrong((*path, name), wrong_type(list, item))
            return
        values = []
        for place, value in enumerate(item):
            try:
                values.append(convert(value))
            except WrongValueError as error:
                found.wrong((*path, name, place), error)
        getattr(message, name).extend(values)

    return put


def _messages(name: str, fill_it: Set) -> Set:
    def put(message: Any, item: Any, path: Path, found: Findings) -> None:
        if item is None:
            return
        if type(item) is not list:
            found.wrong((*path, name), wrong_type(list, item))
            return
        add = getattr(message, name).add
        for place, value in enumerate(item):
            fill_it(add(), value, (*path, name, place), found)

    return put


def _map(name: str, key: FieldDescriptor, value: FieldDescriptor) -> Set:
    to_key = key_converter(key)
    fill_it = fill(value.message_type) if value.message_type else None
    convert = None if value.message_type else converter(value)

    def put(message: Any, item: Any, path: Path, found: Findings) -> None:
        if item is None:
            return
        if not isinstance(item, dict):
            found.wrong((*path, name), wrong_type(dict, item))
            return
        for twice in getattr(item, "names", ()):
            found.add((*path, name, [twice]), "DUPLICATE_KEY", name=repr(twice))
        entries = getattr(message, name)
        for written, inner in item.items():
            try:
                if convert:
                    entries[to_key(written)] = convert(inner)
                elif fill_it:
                    fill_it(entries[to_key(written)], inner, (*path, name, [written]), found)
            except WrongValueError as error:
                found.wrong((*path, name, [written]), error)

    return put
