"""The messages that JSON writes in a way of their own: instants, durations, masks, and free-form structures."""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from zhongtai.gateway.door.findings import WrongValueError, wrong_type
from zhongtai.gateway.door.scalars import EXACT, text

Read = Callable[[Any, Any], None]
DEEPEST = 16

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_SPAN = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?s\Z", re.ASCII)
_MASK = re.compile(r"(?:[a-z][A-Za-z0-9.]*(?:,[a-z][A-Za-z0-9.]*)*)?\Z")


def _from_text(shape: re.Pattern[str], example: str) -> Read:
    """Reads by the message's own text form, once it looks like one."""

    def read(message: Any, item: Any) -> None:
        if not shape.match(text(item)):
            raise WrongValueError("TEXT_MALFORMED", example=example)
        try:
            message.FromJsonString(item)
        except (ValueError, OverflowError):
            raise WrongValueError("TEXT_MALFORMED", example=example) from None

    return read


def _read_struct(message: Struct, item: Any, depth: int = 0) -> None:
    if not isinstance(item, dict):
        raise wrong_type(dict, item)
    if type(item) is not dict:
        raise WrongValueError("DUPLICATE_KEY", name="a key")
    for name, value in item.items():
        _read_value(message.fields[text(name)], value, depth + 1)


def _read_list(message: ListValue, item: Any, depth: int = 0) -> None:
    if type(item) is not list:
        raise wrong_type(list, item)
    for value in item:
        _read_value(message.values.add(), value, depth + 1)


def _read_value(message: Value, item: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise WrongValueError("TOO_DEEP")
    if item is None:
        message.null_value = 0  # type: ignore[assignment]  # the one value of NullValue
    elif isinstance(item, bool):
        message.bool_value = item
    elif isinstance(item, str):
        message.string_value = text(item)
    elif isinstance(item, dict):
        message.struct_value.SetInParent()
        _read_struct(message.struct_value, item, depth)
    elif isinstance(item, list):
        message.list_value.SetInParent()
        _read_list(message.list_value, item, depth)
    elif isinstance(item, int) and abs(item) > EXACT:
        # It would be rounded without a word: an amount must not.
        raise WrongValueError("TOO_PRECISE")
    elif not math.isfinite(item):
        raise WrongValueError("NOT_FINITE")
    else:
        message.number_value = item


def _write_value(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind == "struct_value":
        return _write_struct(message.struct_value)
    if kind == "list_value":
        return _write_list(message.list_value)
    if kind == "number_value":
        number = message.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(message, kind)


def _write_struct(message: Any) -> dict[str, Any]:
    return {name: _write_value(value) for name, value in message.fields.items()}


def _write_list(message: Any) -> list[Any]:
    return [_write_value(value) for value in message.values]


def _write_text(message: Any) -> str:
    return str(message.ToJsonString())


READ: dict[str, Read] = {
    Timestamp.DESCRIPTOR.full_name: _from_text(_INSTANT, "2026-05-04T09:30:00Z"),
    Duration.DESCRIPTOR.full_name: _from_text(_SPAN, "1.5s"),
    FieldMask.DESCRIPTOR.full_name: _from_text(_MASK, "name,contact.phone"),
    Struct.DESCRIPTOR.full_name: _read_struct,
    ListValue.DESCRIPTOR.full_name: _read_list,
    Value.DESCRIPTOR.full_name: _read_value,
}
WRITE: dict[str, Callable[[Any], Any]] = {
    Timestamp.DESCRIPTOR.full_name: _write_text,
    Duration.DESCRIPTOR.full_name: _write_text,
    FieldMask.DESCRIPTOR.full_name: _write_text,
    Struct.DESCRIPTOR.full_name: _write_struct,
    ListValue.DESCRIPTOR.full_name: _write_list,
    Value.DESCRIPTOR.full_name: _write_value,
}
# What JSON writes in a way that is not supported here: such a contract does not build.
UNSUPPORTED = ("google.protobuf.Any", *(f"google.protobuf.{kind}Value" for kind in (
    "Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64"
)))  # fmt: skip


def check_supported(descriptor: Descriptor) -> None:
    """Raises TypeError where a message, or one within it, has no form that JSON could give it here."""
    waiting, seen = [descriptor], {descriptor.full_name}
    while waiting:
        holder = waiting.pop()
        if holder.full_name in UNSUPPORTED:
            raise TypeError(f"{holder.full_name} has no place in a contract here: use `optional`, or a message")
        inner = [field.message_type for field in holder.fields if field.message_type]
        waiting += [found for found in inner if found.full_name not in seen and found.full_name not in READ]
        seen.update(found.full_name for found in inner)


def _date_from_text(message: Message, item: str) -> None:
    try:
        day = date.fromisoformat(item)
    except ValueError:
        raise WrongValueError("TEXT_MALFORMED", example="2026-05-04") from None
    message.MergeFrom(Date(year=day.year, month=day.month, day=day.day))


def _decimal_from_text(message: Message, item: str) -> None:
    message.MergeFrom(Decimal(value=item))


# What a query may give as one text, beside its parts: `on=2026-05-04`, or `on.year=2026&on.month=5&on.day=4`.
QUERY: dict[str, Read] = {
    Date.DESCRIPTOR.full_name: _date_from_text,
    Decimal.DESCRIPTOR.full_name: _decimal_from_text,
    **{name: READ[name] for name in (Timestamp.DESCRIPTOR.full_name, Duration.DESCRIPTOR.full_name)},
}
