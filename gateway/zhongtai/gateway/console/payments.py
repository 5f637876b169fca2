"""Payments by state, one payment with its history, and the orders that wait before any money moves."""

from urllib.parse import quote

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.arrangements import KINDS
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import ledger_pb2, payment_order_pb2, payment_pb2
from zhongtai.reporting.v1 import fact_pb2

ROWS = 25
MOST = 200
STATUSES = tuple(name.removeprefix("PAYMENT_STATUS_") for name in payment_pb2.PaymentStatus.keys()[1:])
# What money has moved for; an order may also stand otherwise.
MOVED = ("ACSP", "PDNG", "ACSC", "RJCT")


async def listed(visit: Visit) -> Response:
    """The payments that stand so, the newest first; a payment's id in the search box leads to it."""
    sought = visit.query.get("payment_id", "").strip()
    if sought:
        return visit.go(f"payments/{quote(sought, safe='')}")
    status = visit.query.get("status", "")
    request = payment_pb2.ListPaymentsRequest(
        account_id=visit.query.get("account_id", "").strip(),
        status=f"PAYMENT_STATUS_{status if status in MOVED else 'UNSPECIFIED'}",
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show(
        "payments.html",
        told=await visit.told(request),
        statuses=MOVED,
        state=state,
        kind=kind,
        filters={name: visit.query.get(name, "") for name in ("account_id", "status")},
        arrangements=KINDS,
    )


async def one(visit: Visit) -> Response:
    """One payment with its entries and what was told of it."""
    payment_id = visit.request.path_params["payment_id"]
    request = payment_pb2.GetPaymentRequest(payment_id=payment_id)
    payment = (await visit.ask(request, payment_pb2.GetPaymentResponse)).payment
    return visit.show(
        "payment.html",
        payment=payment,
        state=state(payment),
        kind=kind(payment),
        entries=await visit.told(ledger_pb2.ListEntriesRequest(reference=payment_id, page=PageRequest(size=MOST))),
        facts=await visit.told(fact_pb2.ListFactsRequest(key=payment_id, page=PageRequest(size=MOST))),
    )


async def orders(visit: Visit) -> Response:
    """The orders that stand so, the newest first."""
    status = visit.query.get("status", "")
    request = payment_order_pb2.ListPaymentOrdersRequest(
        customer_id=visit.query.get("customer_id", "").strip(),
        status=f"PAYMENT_STATUS_{status if status in STATUSES else 'UNSPECIFIED'}",
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show(
        "payment_orders.html",
        told=await visit.told(request),
        statuses=STATUSES,
        state=state,
        filters={name: visit.query.get(name, "") for name in ("customer_id", "status")},
    )


def state(found: payment_pb2.Payment | payment_order_pb2.PaymentOrder) -> str:
    """How a payment or an order stands, `ACSC`."""
    return payment_pb2.PaymentStatus.Name(found.status).removeprefix("PAYMENT_STATUS_")


def kind(payment: payment_pb2.Payment) -> str:
    """What kind of payment it is, `OUTGOING`."""
    return payment_pb2.PaymentKind.Name(payment.kind).removeprefix("PAYMENT_KIND_")
