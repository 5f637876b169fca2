"""Requests that the contracts accept, made for any RPC from the rules of its fields; the ways to their amounts."""

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import find
from hypothesis import strategies as st

from zhongtai.common.v1 import validate_pb2
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.runtime.contracts import Method

_RULES: Any = validate_pb2.field
_DEEPEST = 6
_NUMBERS = {FieldDescriptor.TYPE_INT32: "int32", FieldDescriptor.TYPE_INT64: "int64"}
# What stands in a string whose rule is a pattern, where it fits; else one is looked for.
_LIKELY = ("x", "CNY", "2026-05-04", "0.5", "1", "1001", "+8613800138000", "a" * 64)
# Strings whose rule is an expression.
_BY_EXPRESSION = {"email": "a@example.com"}


def made(method: Method, request_id: str) -> Message:
    """A request that meets the contract of an RPC."""
    request: Any = method.request_type(request_id=request_id)
    _fill(request, _DEEPEST)
    # Rules across fields.
    if method.full_name.endswith("WorkOrderService.OpenWorkOrder"):
        request.role = "checker"
    elif method.full_name.endswith("WorkNoteService.AddWorkNote"):
        request.comment = "seen"
    elif method.component == "ledger":
        for draft in (*getattr(request, "drafts", ()), *((request.draft,) if hasattr(request, "draft") else ())):
            for side in ("DEBIT", "CREDIT"):
                amount = Money(currency_code="CNY", minor_units=500)
                draft.legs.add(account_code="1001", side=f"SIDE_{side}", amount=amount)
    elif method.full_name.endswith("ChartService.ReleaseChart"):
        line = request.release.lines[0]
        line.account_code, line.name, line.name_zh, line.category, line.side = "1999", "Trial", "试", 1, 1
    return request  # type: ignore[no-any-return]


def amount_fields(message: Descriptor, deepest: int = 5) -> Iterator[str]:
    """The ways to every amount in a message, `draft.legs.amount`."""
    for field in message.fields:
        inner = field.message_type
        if inner is None or inner.GetOptions().map_entry:
            continue
        if inner.full_name == Money.DESCRIPTOR.full_name:
            yield field.name
        elif deepest:
            yield from (f"{field.name}.{way}" for way in amount_fields(inner, deepest - 1))


def with_amount(request: Any, way: str, amount: Money) -> None:
    """Puts an amount at the end of a way through a request."""
    name, _, rest = way.partition(".")
    part = getattr(request, name)
    if request.DESCRIPTOR.fields_by_name[name].is_repeated:
        part = part.add()
    if rest:
        with_amount(part, rest, amount)
    else:
        part.CopyFrom(amount)


def _fill(message: Any, deepest: int) -> None:
    for field in message.DESCRIPTOR.fields:
        rules = field.GetOptions().Extensions[_RULES]
        of_choice = field.containing_oneof
        if field.is_repeated:
            _fill_list(getattr(message, field.name), field, rules, deepest)
        elif of_choice is not None and message.WhichOneof(of_choice.name):
            continue
        elif field.message_type is not None:
            if rules.required or (of_choice is not None and not of_choice.name.startswith("_")):
                part = getattr(message, field.name)
                part.SetInParent()
                _fill_part(part, deepest)
        elif field.name != "request_id":
            setattr(message, field.name, _value(field, rules))


def _fill_list(parts: Any, field: FieldDescriptor, rules: Any, deepest: int) -> None:
    for place in range(rules.repeated.min_items):
        if field.message_type is not None:
            _fill_part(parts.add(), deepest)
        else:
            value = _value(field, rules.repeated.items)
            parts.append(f"{value}{place}" if place and isinstance(value, str) else value)


def _fill_part(part: Any, deepest: int) -> None:
    name = part.DESCRIPTOR.full_name
    if name == "google.type.Date":
        part.year, part.month, part.day = 2026, 5, 4
    elif name == "google.protobuf.Timestamp":
        part.FromJsonString("2026-05-04T00:00:00Z")
    elif name == "google.type.Decimal":
        part.value = "0.5"
    elif deepest:
        _fill(part, deepest - 1)


def _value(field: FieldDescriptor, rules: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(field.name, rules)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"x" * rules.bytes.min_len
    if field.type == FieldDescriptor.TYPE_BOOL:
        return False
    if field.type == FieldDescriptor.TYPE_ENUM:
        assert field.enum_type is not None, "it is of an enumeration"
        numbers = [value.number for value in field.enum_type.values if value.number not in rules.enum.not_in]
        return numbers[0]
    bounds = getattr(rules, _NUMBERS[field.type])
    return bounds.gt + 1 if bounds.HasField("gt") else max(bounds.gte, min(1, bounds.lte) if bounds.lte else 1)


def _text(name: str, rules: Any) -> str:
    allowed = getattr(rules.string, "in")
    if allowed:
        return str(allowed[0])
    if rules.string.pattern:
        return _by_pattern(rules.string.pattern)
    if rules.cel:
        return _BY_EXPRESSION.get(name, "0.5")
    return "x" * int(rules.string.len or rules.string.min_len)


def _by_pattern(pattern: str) -> str:
    likely = (text for text in ("", *_LIKELY) if re.search(pattern, text))
    found = next(likely, None)
    return str(find(st.from_regex(pattern), lambda _: True)) if found is None else found
