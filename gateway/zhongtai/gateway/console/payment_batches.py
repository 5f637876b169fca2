"""Payment batches by account, and one batch line by line: what moved, and why the rest did not."""

from urllib.parse import quote

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import payment_batch_pb2, payment_pb2

ROWS = 25
LINES = 100
# What becomes of a line.
OUTCOMES = ("RCVD", "ACSC", "RJCT")


async def listed(visit: Visit) -> Response:
    """The batches of an account, or all, the newest first."""
    account_id = visit.query.get("account_id", "").strip()
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    request = payment_batch_pb2.ListPaymentBatchesRequest(account_id=account_id, page=page)
    return visit.show(
        "payment_batches.html",
        told=await visit.told(request),
        state=state,
        kind=kind,
        account_id=account_id,
        kept=f"account_id={quote(account_id, safe='')}",
    )


async def one(visit: Visit) -> Response:
    """One batch with its lines, or those of one outcome."""
    batch_id = visit.request.path_params["payment_batch_id"]
    found = await visit.ask(
        payment_batch_pb2.GetPaymentBatchRequest(payment_batch_id=batch_id),
        payment_batch_pb2.GetPaymentBatchResponse,
    )
    outcome = visit.query.get("status", "")
    outcome = outcome if outcome in OUTCOMES else ""
    lines = payment_batch_pb2.ListBatchLinesRequest(
        payment_batch_id=batch_id,
        status=f"PAYMENT_STATUS_{outcome or 'UNSPECIFIED'}",
        page=PageRequest(size=LINES, token=visit.query.get("page", "")),
    )
    return visit.show(
        "payment_batch.html",
        batch=found.payment_batch,
        state=state(found.payment_batch),
        kind=kind(found.payment_batch),
        lines=await visit.told(lines),
        outcomes=OUTCOMES,
        outcome=outcome,
        line_state=line_state,
    )


def state(batch: payment_batch_pb2.PaymentBatch) -> str:
    """How a batch stands, `PART`."""
    return payment_batch_pb2.BatchStatus.Name(batch.status).removeprefix("BATCH_STATUS_")


def kind(batch: payment_batch_pb2.PaymentBatch) -> str:
    """What kind of batch it is, `PAYROLL`."""
    return payment_batch_pb2.BatchKind.Name(batch.kind).removeprefix("BATCH_KIND_")


def line_state(line: payment_batch_pb2.BatchLine) -> str:
    """How a line stands, `RJCT`."""
    return payment_pb2.PaymentStatus.Name(line.status).removeprefix("PAYMENT_STATUS_")
