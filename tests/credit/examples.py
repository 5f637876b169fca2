"""Requests and values that the tests of credit share."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.v1 import limit_pb2, loan_pb2, product_pb2
from zhongtai.kernel.money import Money
from zhongtai.runtime.seeds import seeds
from zhongtai.testing.doors import Door

_requests = count(1)


def cny(minor_units: int) -> Money:
    """An amount of fen."""
    return Money("CNY", minor_units)


def fen(minor_units: int, currency: str = "CNY") -> MoneyMessage:
    """The same as a message."""
    return MoneyMessage(currency_code=currency, minor_units=minor_units)


def day(year: int, month: int, of_month: int) -> Date:
    """A date as a message."""
    return Date(year=year, month=month, day=of_month)


def rate(text: str) -> DecimalMessage:
    """A decimal as a message."""
    return DecimalMessage(value=text)


def request_id() -> str:
    """An id no other request has."""
    return f"request-{next(_requests)}"


def product_message(**changes: Any) -> product_pb2.Product:
    """A product of CNY 100.00 to 200,000.00 over 3 to 72 months at 12 %, with changes."""
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
        "amortisation": product_pb2.AMORTISATION_EQUAL_INSTALMENT,
        "day_count": product_pb2.DAY_COUNT_ACT_365,
        "nominal_interest_rate": rate("0.12"),
        "valid_from": day(2020, 1, 1),
        "customer_kinds": ["PERSON"],
        "required_consents": ["credit_assessment"],
    }
    return product_pb2.Product(**{**fields, **changes})


async def plant_seeds(door: Door) -> None:
    """Sends the seeds that ship with credit."""
    for seed in seeds("credit"):
        await door.call(seed)


async def granted(door: Door, amount: int = 10_000_000, customer: str = "cus_1", line: str = "consumer") -> str:
    """A limit; answers its id."""
    reply = await door.call(
        limit_pb2.GrantLimitRequest(
            request_id=request_id(), customer_id=customer, product_line=line, amount=fen(amount)
        )
    )
    return str(reply.limit_id)


async def held(door: Door, limit_id: str, amount: int) -> str:
    """A hold; answers its id."""
    reply = await door.call(limit_pb2.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(amount)))
    return str(reply.hold_id)


def open_loan_request(limit_id: str, hold_id: str, amount: int, /, **changes: Any) -> loan_pb2.OpenLoanRequest:
    """Asks for a consumer loan over twelve months."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "customer_id": "cus_1",
        "product_id": "consumer_instalment",
        "amount": fen(amount),
        "term_months": 12,
        "account_id": "acc_1",
        "limit_id": limit_id,
        "hold_id": hold_id,
        "grade": "BB",
        "transfer_rate": rate("0.0235"),
        "decision_id": "dec_1",
    }
    return loan_pb2.OpenLoanRequest(**{**fields, **changes})


async def pending(door: Door, amount: int = 1_200_000, **changes: Any) -> loan_pb2.Loan:
    """A loan that waits for its money, on a limit and hold of its own."""
    await plant_seeds(door)
    limit_id = await granted(door)
    hold_id = await held(door, limit_id, amount)
    reply = await door.call(open_loan_request(limit_id, hold_id, amount, **changes))
    loan: loan_pb2.Loan = reply.loan
    return loan


async def disbursed(door: Door, amount: int = 1_200_000, **changes: Any) -> loan_pb2.Loan:
    """A loan that is owed, whose hold is committed."""
    loan = await pending(door, amount, **changes)
    for request in (
        limit_pb2.CommitHoldRequest(request_id=request_id(), limit_id=loan.limit_id, hold_id=loan.hold_id),
        loan_pb2.ConfirmDisbursementRequest(request_id=request_id(), loan_id=loan.loan_id, payment_id="pay_out"),
    ):
        await door.call(request)
    return loan


def minor_units(messages: Iterable[Message], field: str) -> int:
    """The sum of a money field over messages."""
    return sum(getattr(message, field).minor_units for message in messages)


TODAY = date(2026, 1, 5)
TWELVE_PERCENT = Decimal("0.12")
