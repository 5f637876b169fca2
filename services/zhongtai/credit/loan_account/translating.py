"""Requests into operations of the servicing engine, field name by field name.

An operation's day is the request's or today; amounts become minor units of the loan's currency and are refused in any
other; rates become per cent; names that say more to a caller (`of_transaction_id`) meet the engine's (`transaction`).
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_type_hints

from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal as DecimalMessage

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.floating_rate.domain import HUNDRED
from zhongtai.credit.servicing.domain import ChargeTerms, minor_units
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.terms import Charge
from zhongtai.runtime.convert import date_of, decimal_of, money_of, value_of
from zhongtai.runtime.plain import optional

Kind = TypeVar("Kind", bound=Operation)
_GIVEN = ("reference", "booked_on")
# The engine's field by the names a request may have for it.
_NAMES = {
    "transaction": ("of_transaction_id", "transaction_id"),
    "charge": ("charge_id", "charge"),
    "pause": ("pause_id",),
    "rate": ("nominal_interest_rate",),
    "type": ("type", "transaction_type"),
}
_TODAY_WHERE_UNSET = ("dated", "expected_disbursement_on")


def operation_of(request: Message, kind: type[Kind], *, operation_id: str, today: date, currency: str) -> Kind:
    """The operation a request asks for. Raises `CurrencyMustMatch` and what its dates and numbers raise."""
    arguments: dict[str, Any] = {"reference": operation_id, "booked_on": today}
    target: Any = kind
    descriptor: Any = type(request)
    for name, source, present, read in _readers(descriptor, target):
        if not present or request.HasField(source):
            arguments[name] = read(getattr(request, source), currency)
        elif name in _TODAY_WHERE_UNSET:
            arguments[name] = today
    return kind(**arguments)


Read = Callable[[Any, str], Any]


@cache
def _readers(message: Any, kind: Any) -> tuple[tuple[str, str, bool, Read], ...]:
    """For each field of the operation: the request's name for it, whether it can be unset, how it is read."""
    hints = get_type_hints(kind)
    known = message.DESCRIPTOR.fields_by_name
    found = []
    for field in fields(kind):
        source = next((name for name in _NAMES.get(field.name, (field.name,)) if name in known), None)
        if source is None or field.name in _GIVEN:
            continue
        inner, _ = optional(hints[field.name])
        found.append((field.name, source, known[source].has_presence, _reader(known[source], inner)))
    return tuple(found)


def _reader(field: Any, kind: Any) -> Read:
    if field.enum_type:
        return _enum_reader(field.enum_type, kind)
    name = field.message_type.full_name if field.message_type else ""
    if kind is date:
        return lambda part, _: date_of(part)
    if name == MoneyMessage.DESCRIPTOR.full_name:
        return lambda part, currency: minor_units(money_of(part), currency)
    if name == DecimalMessage.DESCRIPTOR.full_name:
        return lambda part, _: decimal_of(part) * HUNDRED
    if kind is Charge:
        return lambda part, currency: value_of(part, ChargeTerms).charge(currency)
    return lambda part, _: part


def _enum_reader(enum: Any, kind: type[Enum]) -> Read:
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    members = {value.number: kind[value.name.removeprefix(prefix)] for value in enum.values if value.number}
    return lambda part, _: members[part]
