"""Invoices that the tests of receivables and of confirmed credit share."""

from itertools import count
from typing import Any

from tests.credit.examples import day, fen, request_id
from zhongtai.credit.v1 import receivable_pb2 as v1
from zhongtai.testing.doors import Door

_numbers = count(10_000_000)


def assigning(**changes: Any) -> v1.AssignReceivableRequest:
    """Asks to take an invoice of 10,000.00 that a supplier has on a core enterprise."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "seller_id": "supplier",
        "debtor_id": "core",
        "invoice_code": "3100204130",
        "invoice_number": str(next(_numbers)),
        "face": fen(1_000_000),
        "due_date": day(2026, 7, 1),
    }
    return v1.AssignReceivableRequest(**{**fields, **changes})


async def assigned(door: Door, **changes: Any) -> str:
    """A receivable; answers its id."""
    return str((await door.call(assigning(**changes))).receivable_id)
