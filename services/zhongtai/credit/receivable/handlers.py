"""The RPCs of receivables."""

from zhongtai.credit.receivable import domain, store
from zhongtai.credit.v1 import receivable_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def assign_receivable(request: v1.AssignReceivableRequest, unit: Unit) -> v1.AssignReceivableResponse:
    """Takes an invoice."""
    receivable, invoice, fact = domain.assign(
        unit.new_id("rec"),
        value_of(request, domain.Assignment),
        assigned=store.invoices.find(unit, request.invoice_code, request.invoice_number),
        today=unit.business_date,
    )
    store.receivables.add(unit, receivable)
    store.invoices.add(unit, invoice)
    unit.record(fact)
    return v1.AssignReceivableResponse(
        receivable_id=receivable.receivable_id, receivable=message_of(receivable, v1.Receivable)
    )


@rpc
def withdraw_receivable(request: v1.WithdrawReceivableRequest, unit: Unit) -> v1.WithdrawReceivableResponse:
    """Gives an invoice back, which may then be assigned anew."""
    receivable, facts = store.receivables.load(unit, request.receivable_id).withdraw()
    if facts:
        store.receivables.save(unit, receivable)
        store.invoices.remove(unit, receivable.invoice_code, receivable.invoice_number)
        unit.record_all(facts)
    return v1.WithdrawReceivableResponse(receivable=message_of(receivable, v1.Receivable))


@rpc
def reject_receivable(request: v1.RejectReceivableRequest, unit: Unit) -> v1.RejectReceivableResponse:
    """Keeps that the debtor disputes an invoice."""
    receivable, facts = store.receivables.load(unit, request.receivable_id).reject(request.reason)
    store.receivables.save(unit, receivable)
    unit.record_all(facts)
    return v1.RejectReceivableResponse(receivable=message_of(receivable, v1.Receivable))


@rpc
def get_receivable(request: v1.GetReceivableRequest, view: View) -> v1.GetReceivableResponse:
    """One receivable."""
    receivable = store.receivables.load(view, request.receivable_id)
    return v1.GetReceivableResponse(receivable=message_of(receivable, v1.Receivable))


@rpc
def list_receivables(request: v1.ListReceivablesRequest, view: View) -> v1.ListReceivablesResponse:
    """Receivables by id."""
    conditions = []
    if request.seller_id:
        conditions.append(store.RECEIVABLE.c.seller_id == request.seller_id)
    if request.debtor_id:
        conditions.append(store.RECEIVABLE.c.debtor_id == request.debtor_id)
    found, page = store.receivables.page(view, request.page, *conditions)
    return v1.ListReceivablesResponse(receivables=[message_of(one, v1.Receivable) for one in found], page=page)
