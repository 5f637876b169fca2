"""The RPCs of payment orders: what is asked for goes through `placing`, step by step."""

from collections import Counter

from zhongtai.kernel.money import Money
from zhongtai.operations.payment.domain import ChargeBearer, OutsideParty
from zhongtai.operations.payment_order import placing, store
from zhongtai.operations.payment_order.domain import Asked, PaymentOrder
from zhongtai.operations.payment_screening import store as screening_store
from zhongtai.operations.payment_screening.domain import DECISION, ScreeningState
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.v1 import payment_order_pb2 as v1
from zhongtai.operations.v1 import payment_pb2 as payment_v1
from zhongtai.operations.v1 import work_order_pb2 as work_order_v1
from zhongtai.operations.work_order import store as work_order_store
from zhongtai.runtime.convert import date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def place_payment_order(request: v1.PlacePaymentOrderRequest, unit: Unit) -> v1.PlacePaymentOrderResponse:
    """Takes an order."""
    amount: Money = money_of(request.amount)
    bearer = request.charge_bearer
    dated = request.HasField("requested_execution_date")
    asked = Asked(
        end_to_end_id=request.end_to_end_id,
        initiating_party=unit.caller.client_id,
        debtor_account_id=request.debtor_account_id,
        creditor_account_id=request.creditor_account_id,
        outside_party=value_of(request.outside_party, OutsideParty) if request.HasField("outside_party") else None,
        rail=request.rail,
        amount=amount,
        requested_execution_date=date_of(request.requested_execution_date) if dated else unit.business_date,
        charge_bearer=ChargeBearer(payment_v1.ChargeBearer.Name(bearer)[-4:]) if bearer else None,
        purpose_code=request.purpose_code,
        remittance_information=request.remittance_information,
        instruction_id=request.instruction_id,
    )
    order = placing.place(unit, asked, request.uetr, ordered_by=request.ordered_by)
    return v1.PlacePaymentOrderResponse(payment_order_id=order.payment_order_id, payment_order=_message(order))


@rpc
def confirm_payment_order(request: v1.ConfirmPaymentOrderRequest, unit: Unit) -> v1.ConfirmPaymentOrderResponse:
    """Lets an order that looks like another one go on."""
    order = store.orders.load(unit, request.payment_order_id).must_stand(PaymentStatus.RCVD)
    return v1.ConfirmPaymentOrderResponse(payment_order=_message(placing.confirmed(unit, order)))


@rpc
def cancel_payment_order(request: v1.CancelPaymentOrderRequest, unit: Unit) -> v1.CancelPaymentOrderResponse:
    """Withdraws an order that waits."""
    order = placing.cancelled(unit, store.orders.load(unit, request.payment_order_id))
    return v1.CancelPaymentOrderResponse(payment_order=_message(order))


@rpc
def execute_due_orders(request: v1.ExecuteDueOrdersRequest, unit: Unit) -> v1.ExecuteDueOrdersResponse:
    """Moves the money of what is due."""
    due = store.due(unit)
    came = Counter(placing.on(unit, order).status for order in due)
    put_off = came[PaymentStatus.ACWC] + came[PaymentStatus.ACCP]
    return v1.ExecuteDueOrdersResponse(
        executed=len(due) - put_off - came[PaymentStatus.RJCT] - came[PaymentStatus.ACTC],
        rejected=came[PaymentStatus.RJCT],
        put_off=put_off,
        to_be_screened=came[PaymentStatus.ACTC],
        more=len(due) == store.DUE_AT_ONCE,
    )


@rpc
def get_payment_order(request: v1.GetPaymentOrderRequest, view: View) -> v1.GetPaymentOrderResponse:
    """One order."""
    return v1.GetPaymentOrderResponse(payment_order=_message(store.orders.load(view, request.payment_order_id)))


@rpc
def list_payment_orders(request: v1.ListPaymentOrdersRequest, view: View) -> v1.ListPaymentOrdersResponse:
    """Orders, page by page."""
    status = payment_v1.PaymentStatus.Name(request.status).removeprefix("PAYMENT_STATUS_") if request.status else ""
    found, page = store.orders.page(view, request.page, *store.about(request.customer_id, status))
    return v1.ListPaymentOrdersResponse(payment_orders=[_message(order) for order in found], page=page)


@on
def work_order_decided(event: work_order_v1.WorkOrderDecided, unit: Unit) -> None:
    """Takes the word of those who decide what is held; a work order of another queue is none of theirs."""
    if event.kind != DECISION:
        return
    order = store.orders.find(unit, event.subject)
    asked = work_order_store.work_orders.load(unit, event.work_order_id)
    if order is None or asked.queue_id != screening_store.POLICIES.queue or not order.waits_for_screening:
        return
    screening = screening_store.screenings.load(unit, order.screening_id)
    if screening.state is ScreeningState.HELD:
        passed = event.outcome == work_order_v1.WORK_ORDER_OUTCOME_APPROVED
        placing.screened(unit, order, screening, ScreeningState.PASSED if passed else ScreeningState.REFUSED)


def _message(order: PaymentOrder) -> v1.PaymentOrder:
    return message_of(order, v1.PaymentOrder)
