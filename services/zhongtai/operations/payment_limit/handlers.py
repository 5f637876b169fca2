"""The RPCs of payment limits."""

from zhongtai.operations.payment_limit import store
from zhongtai.operations.payment_limit.domain import LimitUse, PaymentLimit
from zhongtai.operations.v1 import payment_limit_pb2 as v1
from zhongtai.runtime.convert import message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def define_payment_limit(request: v1.DefinePaymentLimitRequest, unit: Unit) -> v1.DefinePaymentLimitResponse:
    """Sets a limit, or sets it anew."""
    limit = value_of(request, PaymentLimit).must_bound()
    present = store.limits.find(unit, limit.payment_limit_id)
    if present != limit:
        store.limits.save(unit, limit) if present else store.limits.add(unit, limit)
        unit.record(limit.defined())
    return v1.DefinePaymentLimitResponse(payment_limit=message_of(limit, v1.PaymentLimit))


@rpc
def withdraw_payment_limit(request: v1.WithdrawPaymentLimitRequest, unit: Unit) -> v1.WithdrawPaymentLimitResponse:
    """Takes a limit away; what it counted stays, should it come back today."""
    store.limits.remove(unit, request.payment_limit_id)
    return v1.WithdrawPaymentLimitResponse()


@rpc
def list_payment_limits(request: v1.ListPaymentLimitsRequest, view: View) -> v1.ListPaymentLimitsResponse:
    """Limits by id."""
    found, page = store.limits.page(view, request.page)
    return v1.ListPaymentLimitsResponse(
        payment_limits=[message_of(limit, v1.PaymentLimit) for limit in found], page=page
    )


@rpc
def get_payment_limit_use(request: v1.GetPaymentLimitUseRequest, view: View) -> v1.GetPaymentLimitUseResponse:
    """What is left today."""
    return v1.GetPaymentLimitUseResponse(
        uses=[_message(*pair) for pair in store.bounding(view, request.customer_id, request.client_id)]
    )


def _message(limit: PaymentLimit, use: LimitUse) -> v1.PaymentLimitUse:
    left = use.left(limit)
    return v1.PaymentLimitUse(
        payment_limit_id=limit.payment_limit_id,
        count=use.count,
        amount={"currency_code": limit.currency_code, "minor_units": use.amount_minor},
        left=money_message(left) if left is not None else None,
        count_left=use.count_left(limit),
    )
