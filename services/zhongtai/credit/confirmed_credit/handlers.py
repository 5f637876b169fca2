"""The RPCs of confirmed credit: the chain from a debtor's promise to its payment."""

from zhongtai.credit.confirmed_credit import domain, store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.receivable import store as receivable_store
from zhongtai.credit.v1 import confirmed_credit_pb2 as v1
from zhongtai.credit.v1 import receivable_pb2 as receivable_v1
from zhongtai.runtime.convert import message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def confirm_receivable(request: v1.ConfirmReceivableRequest, unit: Unit) -> v1.ConfirmReceivableResponse:
    """Keeps the debtor's promise."""
    receivable = receivable_store.receivables.load(unit, request.receivable_id)
    receivable, holding, fact = domain.confirm(receivable, unit.new_id("hol"), money_of(request.amount))
    receivable_store.receivables.save(unit, receivable)
    store.holdings.add(unit, holding)
    unit.record(fact)
    return v1.ConfirmReceivableResponse(
        holding_id=holding.holding_id, receivable=message_of(receivable, receivable_v1.Receivable)
    )


@rpc
def dilute_receivable(request: v1.DiluteReceivableRequest, unit: Unit) -> v1.DiluteReceivableResponse:
    """Lowers what the debtor owes."""
    receivable = receivable_store.receivables.load(unit, request.receivable_id)
    receivable.must_be_confirmed()
    receivable, holding, fact = domain.dilute(
        receivable, store.sellers(unit, receivable.receivable_id), money_of(request.amount), request.reason
    )
    receivable_store.receivables.save(unit, receivable)
    store.holdings.save(unit, holding)
    unit.record(fact)
    return v1.DiluteReceivableResponse(receivable=message_of(receivable, receivable_v1.Receivable))


@rpc
def transfer_credit(request: v1.TransferCreditRequest, unit: Unit) -> v1.TransferCreditResponse:
    """Passes a part of a holding on."""
    holding = _of_confirmed(unit, request.receivable_id, request.holding_id)
    left, passed, fact = holding.transfer(
        unit.new_id("hol"),
        request.holder_id,
        money_of(request.amount),
        holdings=store.number_of(unit, holding.receivable_id),
    )
    store.holdings.save(unit, left)
    store.holdings.add(unit, passed)
    unit.record(fact)
    return v1.TransferCreditResponse(
        transferred_id=passed.holding_id, transferred=_message(passed), left=_message(left)
    )


@rpc
def finance_credit(request: v1.FinanceCreditRequest, unit: Unit) -> v1.FinanceCreditResponse:
    """Locks a part of a holding behind a loan."""
    holding = _of_confirmed(unit, request.receivable_id, request.holding_id)
    loan = loan_store.summaries.load(unit, request.loan_id)
    earlier = store.financings.find(unit, loan.loan_id)
    holding, financing, fact = holding.finance(loan.loan_id, loan.customer_id, money_of(request.amount), earlier)
    store.holdings.save(unit, holding)
    store.financings.add(unit, financing)
    unit.record(fact)
    return v1.FinanceCreditResponse(holding=_message(holding))


@rpc
def release_financing(request: v1.ReleaseFinancingRequest, unit: Unit) -> v1.ReleaseFinancingResponse:
    """Frees what a loan had locked; where it locks nothing, nothing changes."""
    receivable = receivable_store.receivables.load(unit, request.receivable_id)
    holding = store.holdings.load(unit, receivable.receivable_id, request.holding_id)
    financing = store.financing_of(unit, holding, request.loan_id)
    if financing is not None:
        holding, fact = holding.release(financing)
        store.holdings.save(unit, holding)
        store.financings.remove(unit, financing.loan_id)
        unit.record(fact)
    return v1.ReleaseFinancingResponse(holding=_message(holding))


@rpc
def settle_receivable(request: v1.SettleReceivableRequest, unit: Unit) -> v1.SettleReceivableResponse:
    """Shares the debtor's payment out."""
    receivable = receivable_store.receivables.load(unit, request.receivable_id)
    receivable, fact = domain.settle(
        receivable,
        money_of(request.amount),
        request.payment_id,
        store.of_receivable(unit, receivable.receivable_id),
        store.financings_of(unit, receivable.receivable_id),
    )
    receivable_store.receivables.save(unit, receivable)
    unit.record(fact)
    return message_of(fact, v1.SettleReceivableResponse, receivable=message_of(receivable, receivable_v1.Receivable))


@rpc
def list_holdings(request: v1.ListHoldingsRequest, view: View) -> v1.ListHoldingsResponse:
    """Who holds what."""
    conditions = []
    if request.receivable_id:
        conditions.append(store.HOLDING.c.receivable_id == request.receivable_id)
    if request.holder_id:
        conditions.append(store.HOLDING.c.holder_id == request.holder_id)
    found, page = store.holdings.page(view, request.page, *conditions)
    return v1.ListHoldingsResponse(holdings=[_message(holding) for holding in found], page=page)


def _of_confirmed(unit: Unit, receivable_id: str, holding_id: str) -> domain.Holding:
    """A holding of a receivable that its debtor owes."""
    receivable = receivable_store.receivables.load(unit, receivable_id)
    receivable.must_be_confirmed()
    return store.holdings.load(unit, receivable.receivable_id, holding_id)


def _message(holding: domain.Holding) -> v1.Holding:
    return message_of(holding, v1.Holding, free=money_message(holding.free))
