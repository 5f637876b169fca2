"""Domain values to messages and back, field by field name: compiled once for each pair of types.

A value becomes the dictionaries that a message's constructor takes, so that one message is made, whatever it holds:
protobuf copies a message that is put into another by writing and reading it, which costs more than making it.

Money            zhongtai.common.v1.Money          StrEnum.ACTIVE   LIMIT_STATUS_ACTIVE
date             google.type.Date                  tuple            repeated
datetime         google.protobuf.Timestamp         dataclass        message
Decimal          google.type.Decimal               None             not set
timedelta        google.protobuf.Duration          dict             map
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid
from zhongtai.runtime.plain import optional

M = TypeVar("M", bound=Message)
T = TypeVar("T")
Convert = Callable[[Any], Any]
# No rate and no probability needs more places; a number of a million digits is an attack.
DIGITS_MAX = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DateMustExist(Invalid):
    """There is no date {written}: check the year, the month and the day.

    日期{written}不存在：请核对年、月、日。
    """

    written: str


class InstantMustExist(Invalid):
    """There is no instant of {seconds} seconds since 1970: use a time between the years 1 and 9999.

    时间戳{seconds}秒不存在：请使用公元1年至9999年之间的时间。
    """

    seconds: int


class NumberMustBeDecimal(Invalid):
    """The text {text} is not a decimal number of ordinary size: write one such as 0.0435.

    “{text}”不是大小合理的十进制数：请写成0.0435等形式。
    """

    text: str


class ValueMustBeListed(Invalid):
    """{name} has no value {number}: use one the contract lists.

    {name}没有编号为{number}的取值：请使用契约所列取值。
    """

    name: str
    number: int


def message_of(value: Any, kind: type[M], **extra: Any) -> M:
    """The message of type `kind` with every field the value has too; `extra` sets further fields as they are."""
    return kind(**_parts(value, kind), **extra)


def value_of(message: Message, kind: type[T], **extra: Any) -> T:
    """The value of class `kind` with every field the message has too; `extra` gives further fields.

    A message field that is not set becomes None or the field's default; where it has neither, that is a defect.
    """
    arguments = dict(extra)
    source: Any = type(message)
    target: Any = kind
    for name, present, none_when_unset, convert in _readers(source, target):
        if name in extra:
            continue
        if not present or message.HasField(name):
            part = getattr(message, name)
            arguments[name] = part if convert is None else convert(part)
        elif none_when_unset:
            arguments[name] = None
    return kind(**arguments)


def money_of(amount: MoneyMessage) -> Money:
    """The amount a message carries."""
    return Money(amount.currency_code, amount.minor_units)


def date_of(day: Date) -> date:
    """The date a message carries; raises `DateMustExist` for 30 February and for a date without its day."""
    try:
        return date(day.year, day.month, day.day)
    except ValueError:
        raise DateMustExist(written=f"{day.year:04}-{day.month:02}-{day.day:02}") from None


def date_message(day: date) -> Date:
    """A date as a message."""
    return Date(**_date_parts(day))


def money_message(amount: Money) -> MoneyMessage:
    """An amount as a message."""
    return MoneyMessage(**_money_parts(amount))


def decimal_of(number: DecimalMessage) -> Decimal:
    """The decimal a message carries; raises `NumberMustBeDecimal` where it carries none, or one beyond 64 digits."""
    text = number.value[: 2 * DIGITS_MAX]
    try:
        read = Decimal(text)
    except InvalidOperation:
        raise NumberMustBeDecimal(text=text[:DIGITS_MAX]) from None
    if text != number.value or not read.is_finite() or _digits(read) > DIGITS_MAX:
        raise NumberMustBeDecimal(text=text[:DIGITS_MAX])
    return read


def _digits(number: Decimal) -> int:
    """How many places a number takes before or behind the point, whichever are more."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "only a finite number has places"
    return max(number.adjusted() + 1, -exponent) if number else abs(exponent)


def decimal_message(number: Decimal) -> DecimalMessage:
    """A decimal as a message, written without an exponent."""
    return DecimalMessage(**_decimal_parts(number))


def instant_of(instant: Timestamp) -> datetime:
    """The instant a message carries, in UTC; raises `InstantMustExist` beyond the years 1 and 9999."""
    try:
        return instant.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InstantMustExist(seconds=instant.seconds) from None


def instant_message(instant: datetime) -> Timestamp:
    """An instant as a message."""
    return Timestamp(**_instant_parts(instant))


def text_of(field: Any, value: Any) -> str | None:
    """One value of a field as a text for a person; None for a message that is more than one value."""
    match value:
        case MoneyMessage():
            return str(money_of(value)) if value.currency_code else ""
        case Date():
            return f"{value.year:04}-{value.month:02}-{value.day:02}" if value.year else ""
        case DecimalMessage():
            return str(value.value)
        case Timestamp():
            return value.ToJsonString()
        case Message():
            return None
        case bytes():
            return f"{len(value)} B, SHA-256 {sha256(value).hexdigest()}"
        case _ if field.enum_type:
            known = field.enum_type.values_by_number.get(value)
            return known.name.removeprefix(_prefix(field.enum_type)) if known else str(value)
        case _:
            return str(value)


def _money_parts(amount: Money) -> dict[str, Any]:
    return {"currency_code": amount.currency, "minor_units": amount.minor_units}


def _date_parts(day: date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _decimal_parts(number: Decimal) -> dict[str, Any]:
    return {"value": format(number, "f")}


def _instant_parts(instant: datetime) -> dict[str, Any]:
    # Before 1970 the seconds are below zero and the nanoseconds still count forward, as a timedelta has them too.
    since = instant - _EPOCH
    return {"seconds": since.days * 86_400 + since.seconds, "nanos": since.microseconds * 1_000}


def _duration_message(span: timedelta) -> Duration:
    message = Duration()
    message.FromTimedelta(span)
    return message


_TO_MESSAGE: dict[str, Convert] = {
    MoneyMessage.DESCRIPTOR.full_name: _money_parts,
    Date.DESCRIPTOR.full_name: _date_parts,
    DecimalMessage.DESCRIPTOR.full_name: _decimal_parts,
    Timestamp.DESCRIPTOR.full_name: _instant_parts,
    Duration.DESCRIPTOR.full_name: _duration_message,
}
_FROM_MESSAGE: dict[str, Convert] = {
    MoneyMessage.DESCRIPTOR.full_name: money_of,
    Date.DESCRIPTOR.full_name: date_of,
    DecimalMessage.DESCRIPTOR.full_name: decimal_of,
    Timestamp.DESCRIPTOR.full_name: instant_of,
    Duration.DESCRIPTOR.full_name: lambda message: message.ToTimedelta(),
}


def _prefix(enum: EnumDescriptor) -> str:
    """The prefix of an enum's values: its name, `LimitStatus` → `LIMIT_STATUS_`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _parts(value: Any, kind: Any) -> dict[str, Any]:
    """What the constructor of message `kind` takes for a value: dictionaries for what is nested."""
    source: Any = type(value)
    return _writing(source, kind)(value)


@cache
def _writing(source: Any, kind: Any) -> Callable[[Any], dict[str, Any]]:
    descriptors = kind.DESCRIPTOR.fields_by_name
    writers = tuple(
        (field.name, _writer(descriptors[field.name])) for field in fields(source) if field.name in descriptors
    )

    def write(value: Any) -> dict[str, Any]:
        arguments = {}
        for name, convert in writers:
            part = getattr(value, name)
            if part is not None:
                arguments[name] = part if convert is None else convert(part)
        return arguments

    return write


def _writer(field: Any) -> Convert | None:
    """How the values of a message's field are written; None where they stand as they are."""
    if _is_map(field):
        return dict
    one = _writer_of_one(field)
    if field.is_repeated:
        return list if one is None else lambda values: [one(value) for value in values]
    return one


def _writer_of_one(field: FieldDescriptor) -> Convert | None:
    if field.enum_type:
        prefix = _prefix(field.enum_type)
        numbers = {value.name.removeprefix(prefix): value.number for value in field.enum_type.values}
        return lambda value: numbers[str(value)]
    if field.message_type:
        kind = GetMessageClass(field.message_type)
        known = _TO_MESSAGE.get(field.message_type.full_name)
        return known or (lambda value: value if isinstance(value, Message) else _parts(value, kind))
    return None


@cache
def _readers(message: Any, kind: Any) -> tuple[tuple[str, bool, bool, Convert | None], ...]:
    """For each shared field: its name, whether it can be unset, whether None then stands for it, how it is read."""
    hints = get_type_hints(kind)
    found = []
    for field in fields(kind):
        descriptor = message.DESCRIPTOR.fields_by_name.get(field.name)
        if descriptor is None:
            continue
        inner, may_be_none = optional(hints[field.name])
        without_default = field.default is MISSING and field.default_factory is MISSING
        found.append((field.name, descriptor.has_presence, may_be_none and without_default, _reader(descriptor, inner)))
    return tuple(found)


def _reader(field: Any, kind: Any) -> Convert | None:
    """How the values of a message's field are read; None where they stand as they are."""
    if _is_map(field):
        return dict
    if field.is_repeated:
        origin = get_origin(kind) or tuple
        one = _reader_of_one(field, get_args(kind)[0] if get_args(kind) else Any)
        return origin if one is None else lambda values: origin([one(value) for value in values])
    return _reader_of_one(field, kind)


def _reader_of_one(field: FieldDescriptor, kind: Any) -> Convert | None:
    if field.enum_type:
        prefix, names = _prefix(field.enum_type), field.enum_type.values_by_number
        member: Convert = kind if isinstance(kind, type) and issubclass(kind, Enum) else str
        title = field.name

        # Kept for each number the contract lists, and for no other: what raises is not kept.
        @cache
        def read(number: int) -> Any:
            # Proto3 enums are open: a number that no value has may arrive, as from a newer client.
            if number not in names:
                raise ValueMustBeListed(name=title, number=number)
            return member(names[number].name.removeprefix(prefix))

        return read
    if field.message_type:
        known = _FROM_MESSAGE.get(field.message_type.full_name)
        return known or (lambda part: value_of(part, kind))
    return None
