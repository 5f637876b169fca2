"""The RPCs of payment requests; who accepts one places its payment order in the same unit of work."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment_order import placing
from zhongtai.operations.payment_request import store
from zhongtai.operations.payment_request.domain import PaymentRequest, PaymentRequestStatus
from zhongtai.operations.v1 import payment_request_pb2 as v1
from zhongtai.runtime.convert import instant_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def present_payment_request(request: v1.PresentPaymentRequestRequest, unit: Unit) -> v1.PresentPaymentRequestResponse:
    """Asks a debtor to pay."""
    wanted = PaymentRequest(
        payment_request_id=unit.new_id("preq"),
        end_to_end_id=request.end_to_end_id,
        initiating_party=unit.caller.client_id,
        debtor_account_id=account_store.customers_account(unit, request.debtor_account_id).account_id,
        creditor_account_id=account_store.customers_account(unit, request.creditor_account_id).account_id,
        amount=money_of(request.amount),
        remittance_information=request.remittance_information,
        presented_at=unit.now,
        expires_at=instant_of(request.expires_at),
    )
    present = store.by_reference(unit, wanted.initiating_party, wanted.end_to_end_id)
    if present:
        wanted = present.must_ask(wanted)
    else:
        unit.record(wanted.presented())
        store.requests.add(unit, wanted)
    return v1.PresentPaymentRequestResponse(
        payment_request_id=wanted.payment_request_id, payment_request=_message(wanted, unit)
    )


@rpc
def accept_payment_request(request: v1.AcceptPaymentRequestRequest, unit: Unit) -> v1.AcceptPaymentRequestResponse:
    """Lets the debtor pay."""
    found = store.requests.load(unit, request.payment_request_id).must_be_open(unit.now)
    mandate_store.must_allow(unit, found.debtor_account_id, request.ordered_by, found.amount)
    order = placing.place(unit, found.asked(unit.business_date), meant=True)
    found, fact = found.answered(PaymentRequestStatus.ACCEPTED, payment_order_id=order.payment_order_id)
    store.requests.save(unit, found)
    unit.record(fact)
    return v1.AcceptPaymentRequestResponse(
        payment_order_id=order.payment_order_id, payment_request=_message(found, unit)
    )


@rpc
def refuse_payment_request(request: v1.RefusePaymentRequestRequest, unit: Unit) -> v1.RefusePaymentRequestResponse:
    """Lets the debtor refuse."""
    found = store.requests.load(unit, request.payment_request_id).must_be_open(unit.now)
    found, fact = found.answered(PaymentRequestStatus.REFUSED, reason_code=request.reason_code)
    store.requests.save(unit, found)
    unit.record(fact)
    return v1.RefusePaymentRequestResponse(payment_request=_message(found, unit))


@rpc
def withdraw_payment_request(
    request: v1.WithdrawPaymentRequestRequest, unit: Unit
) -> v1.WithdrawPaymentRequestResponse:
    """Takes a request back."""
    found, fact = store.requests.load(unit, request.payment_request_id).withdrawn(unit.now)
    if fact:
        store.requests.save(unit, found)
        unit.record(fact)
    return v1.WithdrawPaymentRequestResponse(payment_request=_message(found, unit))


@rpc
def get_payment_request(request: v1.GetPaymentRequestRequest, view: View) -> v1.GetPaymentRequestResponse:
    """One request."""
    found = store.requests.load(view, request.payment_request_id)
    return v1.GetPaymentRequestResponse(payment_request=_message(found, view))


@rpc
def list_payment_requests(request: v1.ListPaymentRequestsRequest, view: View) -> v1.ListPaymentRequestsResponse:
    """Requests, page by page."""
    asked = request.debtor_account_id
    conditions = [store.REQUEST.c.debtor_account_id == asked] if asked else []
    found, page = store.requests.page(view, request.page, *conditions)
    return v1.ListPaymentRequestsResponse(payment_requests=[_message(one, view) for one in found], page=page)


def _message(request: PaymentRequest, view: View) -> v1.PaymentRequest:
    return message_of(request.at(view.now), v1.PaymentRequest)
