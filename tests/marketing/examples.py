"""Requests and values that the tests of marketing share."""

from datetime import date
from itertools import count
from typing import Any

from google.type.date_pb2 import Date

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.v1 import product_pb2
from zhongtai.kernel.identifiers import make_credit_code, make_identity_number
from zhongtai.marketing.v1 import customer_pb2 as v1
from zhongtai.testing.doors import Door

_numbers = count(1)


def request_id() -> str:
    """An id no other request has."""
    return f"request-{next(_numbers)}"


def day(year: int, month: int, of_month: int) -> Date:
    """A date as a message."""
    return Date(year=year, month=month, day=of_month)


def fen(minor_units: int, currency: str = "CNY") -> MoneyMessage:
    """An amount of fen as a message."""
    return MoneyMessage(currency_code=currency, minor_units=minor_units)


def identity_number(sequence: int = 1) -> str:
    """A valid citizen identity number."""
    return make_identity_number("110105", date(1990, 3, 7), sequence)


def person(**changes: Any) -> v1.RegisterCustomerRequest:
    """A request to register a person, with changes."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "kind": v1.CUSTOMER_KIND_PERSON,
        "name": "李明",
        "identity_kind": v1.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
        "identity_number": identity_number(),
        "contact": v1.Contact(phone="+8613800138000", email="li.ming@example.cn", address="北京市朝阳区"),
    }
    return v1.RegisterCustomerRequest(**(fields | changes))


def organisation(**changes: Any) -> v1.RegisterCustomerRequest:
    """A request to register an organisation, with changes."""
    fields: dict[str, Any] = {
        "kind": v1.CUSTOMER_KIND_ORGANISATION,
        "name": "示例商贸有限公司",
        "identity_kind": v1.IDENTITY_KIND_UNIFIED_SOCIAL_CREDIT_CODE,
        "identity_number": make_credit_code("110105", 12345678),
    }
    return person(**(fields | changes))


async def registered(door: Door, **changes: Any) -> str:
    """The id of a person who was registered just now."""
    customer_id: str = (await door.call(person(**changes))).customer_id
    return customer_id


async def consented(door: Door, customer_id: str, purpose: str = "credit_bureau_query", **changes: Any) -> str:
    """The id of a consent that was given just now."""
    request = v1.GiveConsentRequest(request_id=request_id(), customer_id=customer_id, purpose=purpose, **changes)
    consent_id: str = (await door.call(request)).consent_id
    return consent_id


def product(**changes: Any) -> product_pb2.Product:
    """A product for persons who consented to a credit bureau query: CNY 100.00 to 200,000.00 over 3 to 72 months."""
    fields: dict[str, Any] = {
        "product_id": "consumer_instalment",
        "version": 1,
        "name": "Consumer instalment loan",
        "name_zh": "个人消费分期贷款",
        "product_line": "consumer",
        "currency_code": "CNY",
        "minimum_amount": fen(10_000),
        "maximum_amount": fen(20_000_000),
        "minimum_term_months": 3,
        "maximum_term_months": 72,
        "valid_from": day(2020, 1, 1),
        "customer_kinds": ["PERSON"],
        "required_consents": ["credit_bureau_query"],
    }
    return product_pb2.Product(**(fields | changes))


def published(**changes: Any) -> product_pb2.ProductPublished:
    """The event that credit tells of a product by."""
    version = product(**changes)
    return product_pb2.ProductPublished(product_id=version.product_id, product=version)
