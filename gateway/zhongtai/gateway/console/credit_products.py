"""Credit products: each with every parameter of its version, and what the contract says of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from starlette.responses import Response

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.v1 import product_pb2
from zhongtai.gateway.console import formats
from zhongtai.gateway.console.catalogue import sentences
from zhongtai.gateway.console.site import Visit


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its value as text or its own parameters, and the sentence of the contract."""

    name: str
    text: str
    sentence: str
    parts: "tuple[Parameter, ...]" = ()


async def one(visit: Visit) -> Response:
    """One product in the version valid today."""
    request = product_pb2.GetProductRequest(product_id=visit.request.path_params["product_id"])
    product = (await visit.ask(request, product_pb2.GetProductResponse)).product
    return visit.show("credit_product.html", product=product, parameters=parameters(product))


def parameters(message: Message) -> tuple[Parameter, ...]:
    """What is set in a message, field by field, in the order of the contract."""
    found = []
    for field, value in message.ListFields():
        values: Iterable[Any] = value if field.is_repeated else [value]
        found += [_parameter(field, each) for each in values]
    return tuple(found)


def _parameter(field: FieldDescriptor, value: Any) -> Parameter:
    sentence = sentences().get(field.full_name, "")
    text = _text(field, value)
    return Parameter(field.name, text, sentence, () if text or not isinstance(value, Message) else parameters(value))


def _text(field: FieldDescriptor, value: Any) -> str:
    """A value as one text; empty for a message that has parameters of its own."""
    if isinstance(value, MoneyMessage):
        return formats.money(value)
    if isinstance(value, Date):
        return formats.day(value)
    if isinstance(value, DecimalMessage):
        return str(value.value)
    if isinstance(value, Message):
        return ""
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    return str(value)
