"""The RPCs of standing orders; each occasion is a payment order, placed in the same unit of work."""

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import trying
from zhongtai.operations.payment.domain import OutsideParty
from zhongtai.operations.payment_order import placing
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.domain import bank_day
from zhongtai.operations.standing_order import store
from zhongtai.operations.standing_order.domain import PaymentFrequency, StandingOrder
from zhongtai.operations.v1 import standing_order_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def open_standing_order(request: v1.OpenStandingOrderRequest, unit: Unit) -> v1.OpenStandingOrderResponse:
    """Begins to pay again and again."""
    debtor = account_store.customers_account(unit, request.debtor_account_id)
    first = date_of(request.first_date)
    order = StandingOrder(
        standing_order_id=unit.new_id("so"),
        customer_id=debtor.customer_id,
        initiating_party=unit.caller.client_id,
        debtor_account_id=request.debtor_account_id,
        creditor_account_id=request.creditor_account_id,
        outside_party=value_of(request.outside_party, OutsideParty) if request.HasField("outside_party") else None,
        rail=request.rail,
        amount=money_of(request.amount),
        remittance_information=request.remittance_information,
        frequency=PaymentFrequency(v1.PaymentFrequency.Name(request.frequency).removeprefix("PAYMENT_FREQUENCY_")),
        first_date=first,
        last_date=date_of(request.last_date) if request.HasField("last_date") else None,
        tries=request.tries,
        due_on=bank_day(first),
    )
    opened = order.must_begin(unit.business_date)
    mandate_store.must_allow(unit, order.debtor_account_id, request.ordered_by, order.amount)
    placing.must_be_carried(order.asked(first))
    store.standing_orders.add(unit, order)
    unit.record(opened)
    return v1.OpenStandingOrderResponse(standing_order_id=order.standing_order_id, standing_order=_message(order))


@rpc
def end_standing_order(request: v1.EndStandingOrderRequest, unit: Unit) -> v1.EndStandingOrderResponse:
    """Ends a standing order."""
    order, facts = store.standing_orders.load(unit, request.standing_order_id).ended()
    if facts:
        store.standing_orders.save(unit, order)
        unit.record_all(facts)
    return v1.EndStandingOrderResponse(standing_order=_message(order))


@rpc
def run_standing_orders(request: v1.RunStandingOrdersRequest, unit: Unit) -> v1.RunStandingOrdersResponse:
    """Places the payment orders of what is due."""
    found = store.due(unit)
    put_off = [later for order in found if (later := order.put_off(unit.business_date))]
    store.standing_orders.save_all(unit, put_off)
    waiting = {order.standing_order_id for order in put_off}
    due = [order for order in found if order.standing_order_id not in waiting]
    failed = sum(_run(unit, order) for order in due)
    return v1.RunStandingOrdersResponse(placed=len(due), failed=failed, more=len(found) == store.AT_ONCE)


@rpc
def get_standing_order(request: v1.GetStandingOrderRequest, view: View) -> v1.GetStandingOrderResponse:
    """One standing order."""
    order = store.standing_orders.load(view, request.standing_order_id)
    return v1.GetStandingOrderResponse(standing_order=_message(order))


@rpc
def list_standing_orders(request: v1.ListStandingOrdersRequest, view: View) -> v1.ListStandingOrdersResponse:
    """Standing orders, page by page."""
    conditions = [store.STANDING.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.standing_orders.page(view, request.page, *conditions)
    return v1.ListStandingOrdersResponse(standing_orders=[_message(order) for order in found], page=page)


def _run(unit: Unit, order: StandingOrder) -> bool:
    """Makes the next try, and says whether it failed."""
    tried = placing.placed_or_refused(unit, order.asked(unit.business_date))
    if isinstance(tried, Refusal):
        status, reason_code = PaymentStatus.RJCT, trying.reason_of(tried)
    else:
        status, reason_code = tried.status, tried.reason_code
    after, facts = order.after(status, reason_code, unit.business_date)
    store.standing_orders.save(unit, after)
    unit.record_all(facts)
    return status is PaymentStatus.RJCT


def _message(order: StandingOrder) -> v1.StandingOrder:
    return message_of(order, v1.StandingOrder, next_date=date_message(order.next_date))
