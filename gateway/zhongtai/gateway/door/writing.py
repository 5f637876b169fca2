"""Protobuf to JSON, by writers compiled once for each message type from its descriptor.

Standard proto3 JSON: camelCase names, 64-bit integers as text, defaults written, messages that are not set left out.
"""

import base64
import json
import math
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from zhongtai.gateway.door.scalars import WIDE
from zhongtai.gateway.door.wellknown import WRITE

Write = Callable[[Any], Any]
Put = Callable[[Any, dict[str, Any]], None]

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")).encode


def to_json(message: Message) -> bytes:
    """The message as JSON text in UTF-8."""
    return _encode(writer(message.DESCRIPTOR)(message)).encode()


def plain_json(value: Any) -> bytes:
    """A plain value as JSON text in UTF-8, in the same style."""
    return _encode(value).encode()


@cache
def writer(descriptor: Descriptor) -> Write:
    """What turns a message of that type into what JSON knows."""
    if known := WRITE.get(descriptor.full_name):
        return known
    puts: list[Put] = []

    def write(message: Any) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for put in puts or _fill(puts, descriptor):
            put(message, out)
        return out

    return write


def _fill(puts: list[Put], descriptor: Descriptor) -> list[Put]:
    """Compiles the fields when a message is first written: types may hold themselves."""
    puts.extend(_put(field) for field in descriptor.fields)
    return puts


def _put(field: FieldDescriptor) -> Put:
    name, written = field.name, field.json_name
    inner = field.message_type
    if inner and inner.GetOptions().map_entry:
        key_of, value_of = _key(inner.fields_by_name["key"]), _one(inner.fields_by_name["value"])

        def entries(message: Any, out: dict[str, Any]) -> None:
            found = getattr(message, name)
            out[written] = {key_of(key): value_of(found[key]) for key in found}

        return entries
    one = _one(field)
    if field.is_repeated:

        def items(message: Any, out: dict[str, Any]) -> None:
            out[written] = [one(item) for item in getattr(message, name)]

        return items
    if field.has_presence:

        def present(message: Any, out: dict[str, Any]) -> None:
            if message.HasField(name):
                out[written] = one(getattr(message, name))

        return present
    if one is _same:

        def plain(message: Any, out: dict[str, Any]) -> None:
            out[written] = getattr(message, name)

        return plain

    def scalar(message: Any, out: dict[str, Any]) -> None:
        out[written] = one(getattr(message, name))

    return scalar


def _one(field: FieldDescriptor) -> Write:
    if field.message_type:
        return writer(field.message_type)
    if field.enum_type:
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
        return lambda number: names.get(number, number)
    if field.type in WIDE:
        return str
    if field.type == field.TYPE_BYTES:
        return lambda octets: base64.b64encode(octets).decode()
    if field.type == field.TYPE_DOUBLE:
        return _number
    if field.type == field.TYPE_FLOAT:
        return lambda number: _number(_shortest(number))
    return _same


def _key(field: FieldDescriptor) -> Callable[[Any], str]:
    return (lambda key: "true" if key else "false") if field.type == field.TYPE_BOOL else str


def _same(value: Any) -> Any:
    return value


def _shortest(number: float) -> float:
    """The shortest decimal that is the same 32-bit float."""
    if not math.isfinite(number):
        return number
    shorter = (float(f"{number:.{digits}g}") for digits in range(6, 9))
    return next((short for short in shorter if struct.pack("f", short) == struct.pack("f", number)), number)


def _number(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
