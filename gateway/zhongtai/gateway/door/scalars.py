"""JSON values to protobuf scalars, strictly: what is no such value is refused, never bent into one."""

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from zhongtai.gateway.door.findings import WrongValueError, wrong_type

Convert = Callable[[Any], Any]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_URL_SAFE = str.maketrans("-_", "+/")
# Up to here a float holds every integer.
EXACT = 2**53
LARGEST_FLOAT = 3.4028234663852886e38

_FIELD = FieldDescriptor
_RANGES = {
    **dict.fromkeys((_FIELD.TYPE_INT32, _FIELD.TYPE_SINT32, _FIELD.TYPE_SFIXED32), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((_FIELD.TYPE_INT64, _FIELD.TYPE_SINT64, _FIELD.TYPE_SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((_FIELD.TYPE_UINT32, _FIELD.TYPE_FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((_FIELD.TYPE_UINT64, _FIELD.TYPE_FIXED64), (0, 2**64 - 1)),
}
# 64-bit integers are text in JSON, because JavaScript would round them.
WIDE = frozenset(kind for kind, (_, high) in _RANGES.items() if high > 2**32)


def converter(field: FieldDescriptor) -> Convert:
    """How a JSON value becomes a value of that field's type; raises `WrongValueError` where it does not."""
    if field.type in _RANGES:
        return _integer(*_RANGES[field.type])
    if field.enum_type:
        return _choice(field.enum_type)
    return {
        field.TYPE_STRING: text,
        field.TYPE_BOOL: _boolean,
        field.TYPE_BYTES: _octets,
        field.TYPE_DOUBLE: _double,
        field.TYPE_FLOAT: _float,
    }[field.type]


def key_converter(field: FieldDescriptor) -> Convert:
    """How the key of a JSON object becomes a map key of that type."""
    return truth if field.type == field.TYPE_BOOL else converter(field)


def text(item: Any) -> str:
    """Text, well-formed: an escaped half of a surrogate pair is none, and PostgreSQL keeps no NUL."""
    if type(item) is not str:
        raise wrong_type(str, item)
    if "\0" in item:
        raise WrongValueError("HAS_NUL")
    if not item.isascii():
        try:
            item.encode()
        except UnicodeEncodeError:
            raise WrongValueError("NOT_UNICODE") from None
    return item


def truth(item: Any) -> bool:
    """A boolean written as text, in a map key or a query."""
    if item not in ("true", "false"):
        raise WrongValueError("NOT_A_CHOICE", given=repr(item), choices="true, false")
    return bool(item == "true")


def _integer(low: int, high: int) -> Convert:
    def convert(item: Any) -> int:
        kind = type(item)
        if kind is str:
            if not _INTEGER.match(item):
                raise WrongValueError("TEXT_MALFORMED", example="12345")
        elif kind is not int and not (kind is float and item.is_integer() and abs(item) <= EXACT):
            raise wrong_type(int, item)
        value = int(item)
        if not low <= value <= high:
            raise WrongValueError("OUT_OF_RANGE", low=low, high=high)
        return value

    return convert


def _choice(enum: EnumDescriptor) -> Convert:
    numbers = {name: value.number for name, value in enum.values_by_name.items()}
    known = frozenset(numbers.values())
    choices = ", ".join(list(numbers)[:20])

    def convert(item: Any) -> int:
        number = numbers.get(item) if type(item) is str else item if type(item) is int else None
        if number is None and type(item) is not str:
            raise wrong_type(str, item)
        if number not in known:
            raise WrongValueError("NOT_A_CHOICE", given=repr(item)[:80], choices=choices)
        return int(number)

    return convert


def _boolean(item: Any) -> bool:
    if item is True or item is False:
        return bool(item)
    raise wrong_type(bool, item)


def _octets(item: Any) -> bytes:
    if type(item) is not str:
        raise wrong_type(str, item)
    try:
        plain = item.translate(_URL_SAFE).rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise WrongValueError("NOT_BASE64") from None


def _double(item: Any) -> float:
    kind = type(item)
    if kind is str and not _NUMBER.match(item):
        raise WrongValueError("NOT_FINITE")
    if kind not in (int, float, str):
        raise wrong_type(float, item)
    try:
        value = float(item)
    except OverflowError:
        raise WrongValueError("NOT_FINITE") from None
    if not math.isfinite(value):
        raise WrongValueError("NOT_FINITE")
    return value


def _float(item: Any) -> float:
    value = _double(item)
    if abs(value) > LARGEST_FLOAT:
        raise WrongValueError("OUT_OF_RANGE", low=-LARGEST_FLOAT, high=LARGEST_FLOAT)
    return value
