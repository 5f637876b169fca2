"""The RPCs of payment batches."""

from collections.abc import Sequence
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import bounds
from zhongtai.operations.payment_batch import moving, store
from zhongtai.operations.payment_batch.domain import (
    BatchKind,
    BatchLine,
    BatchStatus,
    PaymentBatch,
    Share,
    shared,
)
from zhongtai.operations.v1 import payment_batch_pb2 as v1
from zhongtai.operations.v1 import payment_pb2 as payment_v1
from zhongtai.runtime.convert import decimal_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def submit_payment_batch(request: v1.SubmitPaymentBatchRequest, unit: Unit) -> v1.SubmitPaymentBatchResponse:
    """Takes a batch."""
    kind = BatchKind(v1.BatchKind.Name(request.kind).removeprefix("BATCH_KIND_"))
    batch = _new(
        unit,
        kind,
        request.end_to_end_id,
        request.account_id,
        money_of(request.amount),
        count=request.count,
        batch_booking=request.batch_booking,
        content=b"".join(line.SerializeToString(deterministic=True) for line in request.lines),
    )
    present = store.by_reference(unit, batch.initiating_party, batch.end_to_end_id)
    if present:
        batch = present.must_be(batch)
    else:
        lines = [_line(batch, number, line) for number, line in enumerate(request.lines, 1)]
        batch.must_hold(lines)
        if kind is BatchKind.PAYROLL:
            _must_be_ordered(unit, batch, request.ordered_by)
        store.batches.add(unit, batch)
        store.lines.add_all(unit, lines)
        unit.record(batch.submitted())
    return v1.SubmitPaymentBatchResponse(payment_batch_id=batch.payment_batch_id, payment_batch=_message(batch))


@rpc
def continue_payment_batch(request: v1.ContinuePaymentBatchRequest, unit: Unit) -> v1.ContinuePaymentBatchResponse:
    """Moves the next lines of one batch."""
    batch, _ = moving.continued(unit, store.batches.load(unit, request.payment_batch_id))
    return v1.ContinuePaymentBatchResponse(payment_batch=_message(batch), more=bool(batch.left))


@rpc
def continue_payment_batches(
    request: v1.ContinuePaymentBatchesRequest, unit: Unit
) -> v1.ContinuePaymentBatchesResponse:
    """Moves the next lines of the oldest batch; whether there is more is known at the next call."""
    batch = store.oldest(unit)
    lines = moving.continued(unit, batch)[1] if batch else 0
    return v1.ContinuePaymentBatchesResponse(lines=lines, more=bool(batch))


@rpc
def split_payment(request: v1.SplitPaymentRequest, unit: Unit) -> v1.SplitPaymentResponse:
    """Shares one amount out, all at once."""
    batch = _new(
        unit,
        BatchKind.SPLIT,
        request.end_to_end_id,
        request.debtor_account_id,
        money_of(request.amount),
        count=len(request.shares),
        batch_booking=True,
        content=b"".join(share.SerializeToString(deterministic=True) for share in request.shares),
    )
    present = store.by_reference(unit, batch.initiating_party, batch.end_to_end_id)
    if present:
        batch = present.must_be(batch)
        lines = store.lines_of(unit, batch.payment_batch_id)
    else:
        shares = [
            Share(share.creditor_account_id, decimal_of(share.weight), share.remittance_information)
            for share in request.shares
        ]
        wanted = shared(batch.payment_batch_id, batch.amount, shares)
        _must_be_ordered(unit, batch.must_hold(wanted), request.ordered_by)
        batch, lines = moving.at_once(unit, batch, wanted)
    return v1.SplitPaymentResponse(
        payment_batch_id=batch.payment_batch_id,
        entry_id=lines[0].entry_id,
        payment_batch=_message(batch),
        lines=[message_of(line, v1.BatchLine) for line in lines],
    )


@rpc
def get_payment_batch(request: v1.GetPaymentBatchRequest, view: View) -> v1.GetPaymentBatchResponse:
    """One batch."""
    return v1.GetPaymentBatchResponse(payment_batch=_message(store.batches.load(view, request.payment_batch_id)))


@rpc
def list_payment_batches(request: v1.ListPaymentBatchesRequest, view: View) -> v1.ListPaymentBatchesResponse:
    """Batches, page by page."""
    conditions = [store.BATCH.c.account_id == request.account_id] if request.account_id else []
    found, page = store.batches.page(view, request.page, *conditions)
    return v1.ListPaymentBatchesResponse(payment_batches=[_message(batch) for batch in found], page=page)


@rpc
def list_batch_lines(request: v1.ListBatchLinesRequest, view: View) -> v1.ListBatchLinesResponse:
    """Lines, page by page."""
    status = payment_v1.PaymentStatus.Name(request.status).removeprefix("PAYMENT_STATUS_") if request.status else ""
    conditions = store.about_lines(request.payment_batch_id, status)
    found, page = store.lines.page(view, request.page, *conditions)
    return v1.ListBatchLinesResponse(lines=[message_of(line, v1.BatchLine) for line in found], page=page)


def _new(
    unit: Unit,
    kind: BatchKind,
    end_to_end_id: str,
    account_id: str,
    amount: Money,
    *,
    count: int,
    batch_booking: bool,
    content: bytes,
) -> PaymentBatch:
    """A batch of which no line has moved; refuses an account that is not there or keeps another currency."""
    head = f"{kind} {account_id} {amount} {count} {batch_booking} ".encode()
    batch = PaymentBatch(
        payment_batch_id=unit.new_id("batch"),
        kind=kind,
        end_to_end_id=end_to_end_id,
        initiating_party=unit.caller.client_id,
        account_id=account_id,
        amount=amount,
        count=count,
        batch_booking=batch_booking,
        fingerprint=sha256(head + content).hexdigest(),
        status=BatchStatus.RCVD,
        accepted=amount.nothing,
        accepted_count=0,
        rejected=amount.nothing,
        rejected_count=0,
        created_at=unit.now,
    )
    batch.must_be_in(account_store.accounts.load(unit, account_id).currency_code)
    return batch


def _must_be_ordered(unit: Unit, batch: PaymentBatch, ordered_by: Sequence[str]) -> None:
    """Refuses a batch that those who ordered it may not order, or that the payer's limits do not allow as a whole."""
    mandate_store.must_allow(unit, batch.account_id, ordered_by, batch.amount)
    bounds.count_paid(unit, batch.account_id, batch.amount)


def _line(batch: PaymentBatch, number: int, line: v1.BatchLineRequest) -> BatchLine:
    return BatchLine(
        batch.payment_batch_id,
        number,
        line.end_to_end_id,
        line.account_id,
        money_of(line.amount),
        line.remittance_information,
    )


def _message(batch: PaymentBatch) -> v1.PaymentBatch:
    return message_of(batch, v1.PaymentBatch)
