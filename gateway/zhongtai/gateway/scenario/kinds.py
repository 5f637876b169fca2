"""The kinds of values a product works with, and how they look in JSON.

A kind is said in a file as `string`, `int`, `bool`, `money`, `decimal`, `date`, `timestamp`, `duration`,
`list<kind>`, `map<string, kind>`, or as a message of a contract, `credit.Instalment`. In JSON money
is `{"currencyCode", "minorUnits"}`, as everywhere at the doors, or the text "CNY 1,234.56"; a decimal is text, a date
is ISO 8601. The names of fields are taken as the contract writes them, too.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, cast

from google.protobuf import duration_pb2, json_format, timestamp_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.type import date_pb2, decimal_pb2

from zhongtai.common.v1 import money_pb2
from zhongtai.gateway.scenario.findings import rather
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts

_MONEY_NAMES = {"currencyCode": "currency_code", "minorUnits": "minor_units"}
TEXT_CHARACTERS = 1000
ITEMS = 1000


def descriptor_of(message: type[Message]) -> Descriptor:
    """The descriptor of a message class; its stub names two classes where there is one."""
    return cast(Descriptor, message.DESCRIPTOR)


NAMED: dict[str, Descriptor] = {
    "money": descriptor_of(money_pb2.Money),
    "decimal": descriptor_of(decimal_pb2.Decimal),
    "date": descriptor_of(date_pb2.Date),
    "timestamp": descriptor_of(timestamp_pb2.Timestamp),
    "duration": descriptor_of(duration_pb2.Duration),
}
_NAMES = {descriptor.full_name: name for name, descriptor in NAMED.items()}
SIMPLE = ("string", "int", "bool", "bytes", "double")


class ValueUnfitError(ValueError):
    """A JSON value does not fit its kind; `field` is where, the message is why."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}" if field else reason)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is. `name` is one of SIMPLE or NAMED, "list", "map", "enum" or "message"."""

    name: str
    element: "Kind | None" = None
    descriptor: Descriptor | EnumDescriptor | None = None
    # For text that can only be one of these, such as how a human step ended.
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name == "list":
            return f"list<{self.element}>"
        if self.name == "map":
            return f"map<string, {self.element}>"
        if self.descriptor is not None and self.name in ("enum", "message"):
            return short_name(self.descriptor.full_name)
        return self.name

    @property
    def fields(self) -> Mapping[str, FieldDescriptor]:
        """The fields of a message; nothing for every other kind."""
        return self.descriptor.fields_by_name if isinstance(self.descriptor, Descriptor) else {}


STRING, INT, BOOL = Kind("string"), Kind("int"), Kind("bool")
MONEY, DECIMAL, DATE, TIMESTAMP, DURATION = (Kind(name, descriptor=NAMED[name]) for name in NAMED)


def short_name(full_name: str) -> str:
    """`zhongtai.credit.v1.Instalment` as products write it: `credit.Instalment`."""
    return re.sub(r"^zhongtai\.([a-z_]+)\.v1\.", r"\1.", full_name)


def full_name(short: str) -> str:
    """`credit.Instalment` as the contracts name it: `zhongtai.credit.v1.Instalment`."""
    service, _, rest = short.partition(".")
    return short if short.startswith(("zhongtai.", "google.")) else f"zhongtai.{service}.v1.{rest}"


def kind_of_message(descriptor: Descriptor) -> Kind:
    """The kind of a message."""
    return Kind(_NAMES.get(descriptor.full_name, "message"), descriptor=descriptor)


@cache
def kind_of_field(field: FieldDescriptor) -> Kind:
    """The kind of a field of a contract."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return Kind("map", kind_of_field(field.message_type.fields_by_name["value"]))
    single = _single(field)
    return Kind("list", single) if field.is_repeated else single


def _single(field: FieldDescriptor) -> Kind:
    if field.message_type is not None:
        return kind_of_message(field.message_type)
    if field.enum_type is not None:
        return Kind("enum", descriptor=field.enum_type)
    kinds = {
        FieldDescriptor.CPPTYPE_STRING: "bytes" if field.type == FieldDescriptor.TYPE_BYTES else "string",
        FieldDescriptor.CPPTYPE_BOOL: "bool",
        FieldDescriptor.CPPTYPE_DOUBLE: "double",
        FieldDescriptor.CPPTYPE_FLOAT: "double",
    }
    return Kind(kinds.get(field.cpp_type, "int"))


@cache
def messages() -> dict[str, Descriptor]:
    """Every message of the contracts by its short name."""
    return {
        short_name(descriptor.full_name): descriptor
        for package in contracts.PACKAGES
        for module in contracts.modules(package)
        for descriptor in module.DESCRIPTOR.message_types_by_name.values()
    }


def parse_kind(text: str) -> Kind | None:
    """The kind a file names; None where there is none of that name."""
    text = text.strip()
    if text in SIMPLE[:3]:
        return Kind(text)
    if text in NAMED:
        return Kind(text, descriptor=NAMED[text])
    if found := re.fullmatch(r"list<(.+)>", text):
        element = parse_kind(found[1])
        return Kind("list", element) if element else None
    if found := re.fullmatch(r"map<string,\s*(.+)>", text):
        element = parse_kind(found[1])
        return Kind("map", element) if element else None
    descriptor = messages().get(text)
    return kind_of_message(descriptor) if descriptor is not None else None


def enum_prefix(descriptor: EnumDescriptor) -> str:
    """What every value of an enum begins with: `LIMIT_STATUS_` for LimitStatus."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", descriptor.name).upper() + "_"


@cache
def enum_values(descriptor: EnumDescriptor) -> dict[str, int]:
    """The short names of an enum's values and their numbers."""
    prefix = enum_prefix(descriptor)
    return {value.name.removeprefix(prefix): value.number for value in descriptor.values}


def enum_name(descriptor: EnumDescriptor, number: int) -> str:
    """The short name of an enum's value; the number as text where this contract does not know it."""
    return next((name for name, value in enum_values(descriptor).items() if value == number), str(number))


def zero(kind: Kind) -> Any:
    """What a value is where none was given."""
    plain: dict[str, Any] = {"string": "", "int": 0, "bool": False, "bytes": b"", "double": 0.0, "enum": 0}
    if kind.name in plain:
        return plain[kind.name]
    if kind.name in ("list", "map"):
        return [] if kind.name == "list" else {}
    assert isinstance(kind.descriptor, Descriptor)
    return GetMessageClass(kind.descriptor)()


def decode(kind: Kind, given: Any, field: str = "") -> Any:
    """The value a JSON value stands for. Raises `ValueUnfitError`."""
    if kind.name == "list":
        assert kind.element is not None
        if not isinstance(given, list) or len(given) > ITEMS:
            raise ValueUnfitError(field, f"must be a list of at most {ITEMS} items")
        return [decode(kind.element, item, f"{field}[{at}]") for at, item in enumerate(given)]
    if kind.name == "map":
        assert kind.element is not None
        if not isinstance(given, dict) or len(given) > ITEMS:
            raise ValueUnfitError(field, f"must be an object of at most {ITEMS} keys")
        return {str(key): decode(kind.element, item, f"{field}.{key}") for key, item in given.items()}
    if kind.name in SIMPLE:
        return _simple(kind, given, field)
    if isinstance(kind.descriptor, EnumDescriptor):
        values = enum_values(kind.descriptor)
        name = str(given).removeprefix(enum_prefix(kind.descriptor))
        if name not in values:
            raise ValueUnfitError(field, f"is never {given}. {rather(name, values)}")
        return values[name]
    if kind.name in ("money", "decimal", "date"):
        return _named(kind.name, given, field)
    return _message(kind, given, field)


def _simple(kind: Kind, given: Any, field: str) -> Any:
    if kind.name == "bool" and isinstance(given, bool):
        return given
    if kind.name == "string" and isinstance(given, str):
        if len(given) > TEXT_CHARACTERS:
            raise ValueUnfitError(field, f"must not be longer than {TEXT_CHARACTERS} characters")
        return given
    if kind.name == "int" and not isinstance(given, bool):
        number = _whole(given)
        if number is not None and -(2**63) <= number < 2**63:
            return number
    raise ValueUnfitError(field, f"must be {'an' if kind.name == 'int' else 'a'} {kind.name}")


def _whole(given: Any) -> int | None:
    """A whole number; JSON knows one kind of number, so 12.0 is 12, within what a double holds exactly."""
    if isinstance(given, int):
        return given
    if isinstance(given, float) and given.is_integer() and abs(given) <= 2**53:
        return int(given)
    return int(given) if isinstance(given, str) and re.fullmatch(r"-?[0-9]{1,19}", given) else None


def _named(name: str, given: Any, field: str) -> Message:
    if name == "money":
        return _money(given, field)
    if name == "decimal" and isinstance(given, str) and len(given) <= 40:
        try:
            number = Decimal(given)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            exact: Message = decimal_pb2.Decimal(value=given)
            return exact
    if name == "date" and isinstance(given, str):
        try:
            day = date.fromisoformat(given)
        except ValueError:
            raise ValueUnfitError(field, 'must be a date such as "2026-05-04"') from None
        made: Message = date_pb2.Date(year=day.year, month=day.month, day=day.day)
        return made
    example = '"0.0325"' if name == "decimal" else '"2026-05-04"'
    raise ValueUnfitError(field, f"must be a {name} written as text, such as {example}")


_SNAKE = {"currencyCode": "currency_code", "minorUnits": "minor_units"}


def _money(given: Any, field: str) -> money_pb2.Money:
    try:
        if isinstance(given, str):
            read = Money.parse(given)
            return money_pb2.Money(currency_code=read.currency, minor_units=read.minor_units)
        if isinstance(given, dict):
            # At the HTTP door everything else is written in camel case, so amounts may be too.
            given = {_SNAKE.get(name, name): part for name, part in given.items()}
        if isinstance(given, dict):
            named = {_MONEY_NAMES.get(str(key), str(key)): value for key, value in given.items()}
            units = named.get("minor_units")
            units = None if isinstance(units, bool) else _whole(units)
            if units is not None and set(named) == {"currency_code", "minor_units"}:
                read = Money(str(named["currency_code"]), units)
                return money_pb2.Money(currency_code=read.currency, minor_units=read.minor_units)
    except Refusal as refusal:
        raise ValueUnfitError(field, refusal.sentence()) from refusal
    raise ValueUnfitError(field, 'must be an amount: {"currencyCode": "CNY", "minorUnits": "123456"} or "CNY 1,234.56"')


def _message(kind: Kind, given: Any, field: str) -> Message:
    assert isinstance(kind.descriptor, Descriptor)
    message: Message = GetMessageClass(kind.descriptor)()
    if kind.descriptor.full_name.startswith("google.protobuf."):
        try:
            json_format.ParseDict(given, message)
        except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
            raise ValueUnfitError(field, f"must be a {kind}: {error}") from error
        return message
    if not isinstance(given, dict):
        raise ValueUnfitError(field, f"must be an object, a {kind}")
    for key, item in given.items():
        inner = f"{field}.{key}" if field else str(key)
        found = kind.fields.get(key) or _by_json_name(kind.descriptor).get(key)
        if found is None:
            raise ValueUnfitError(inner, f"is no field of {kind}. {rather(str(key), kind.fields)}")
        put(message, found, decode(kind_of_field(found), item, inner))
    return message


@cache
def _by_json_name(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    return {field.json_name: field for field in descriptor.fields}


def put(message: Message, field: FieldDescriptor, value: Any) -> None:
    """Sets a field of a message to a value of its kind."""
    putter(field)(message, value)


@cache
def putter(field: FieldDescriptor) -> Callable[[Any, Any], None]:
    """What sets that field of a message to a value of its kind: descriptors are asked once, not for each value."""
    name, kind = field.name, kind_of_field(field)
    if kind.name == "list":
        return lambda message, items: getattr(message, name).extend(items)
    if kind.name == "map" and kind.element is not None and kind.element.fields:
        return lambda message, entries: _put_messages(getattr(message, name), entries)
    if kind.name == "map":
        return lambda message, entries: getattr(message, name).update(entries)
    if field.message_type is None:
        return lambda message, value: setattr(message, name, value)
    if kind.name in ("timestamp", "duration"):
        return lambda message, value: _put_time(getattr(message, name), value)
    return lambda message, value: getattr(message, name).CopyFrom(value)


def _put_messages(target: Any, entries: Mapping[Any, Message]) -> None:
    for key, item in entries.items():
        target[key].CopyFrom(item)


def _put_time(target: Any, value: Any) -> None:
    """CEL gives an instant and a duration as Python's; a chain of names gives the message."""
    if isinstance(value, Message):
        target.CopyFrom(value)
    elif isinstance(value, datetime):
        target.FromDatetime(value)
    else:
        target.FromTimedelta(value)


def encode(kind: Kind, value: Any) -> Any:
    """The JSON value of a value; the way back of `decode`."""
    if kind.name == "list":
        assert kind.element is not None
        return [encode(kind.element, item) for item in value]
    if kind.name == "map":
        assert kind.element is not None
        return {key: encode(kind.element, item) for key, item in value.items()}
    if kind.name == "money":
        return {"currencyCode": value.currency_code, "minorUnits": str(value.minor_units)}
    if kind.name == "decimal":
        return value.value
    if kind.name == "date":
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    if kind.name == "enum":
        assert isinstance(kind.descriptor, EnumDescriptor)
        return enum_name(kind.descriptor, value)
    if kind.descriptor is not None:
        return json_format.MessageToDict(value)
    return value
