"""The RPCs of screenings, and risk's answers; what follows for the order is placed in the same unit of work."""

from zhongtai.operations.payment_order import placing
from zhongtai.operations.payment_order import store as order_store
from zhongtai.operations.payment_screening import store
from zhongtai.operations.payment_screening.domain import UNANSWERED, ScreeningState
from zhongtai.operations.v1 import payment_order_pb2 as order_v1
from zhongtai.operations.v1 import payment_screening_pb2 as v1
from zhongtai.risk.v1 import screening_pb2 as risk_v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, on, rpc

# What risk says and what follows from it; what says nothing is no answer, and the order goes on waiting.
_FOLLOWS = {
    risk_v1.SCREENING_OUTCOME_CLEAR: ScreeningState.PASSED,
    risk_v1.SCREENING_OUTCOME_HIT: ScreeningState.HELD,
    risk_v1.SCREENING_OUTCOME_INCOMPLETE: ScreeningState.HELD,
}


@rpc
def answer_screening(request: v1.AnswerScreeningRequest, unit: Unit) -> v1.AnswerScreeningResponse:
    """Lets an order that was screened elsewhere go on, or rejects it."""
    order = order_store.orders.load(unit, request.payment_order_id).must_be_screened_by(unit.caller.acting)
    state = ScreeningState.PASSED if request.passed else ScreeningState.REFUSED
    screening = store.of_order(unit, order.payment_order_id, order.screening_id).told(state)
    if screening is not None:
        order = placing.screened(unit, order, screening, state)
    return v1.AnswerScreeningResponse(payment_order=message_of(order, order_v1.PaymentOrder))


@rpc
def sweep_screenings(request: v1.SweepScreeningsRequest, unit: Unit) -> v1.SweepScreeningsResponse:
    """Tells of the screenings that risk should have answered, once each."""
    _ = request
    found = store.overdue(unit)
    swept = found[: store.SWEPT_AT_ONCE]
    late = [screening.to(ScreeningState.OVERDUE, unit.business_date) for screening in swept]
    store.screenings.change_all(unit, zip(swept, late, strict=True))
    unit.record_all([screening.overdue() for screening in late])
    return v1.SweepScreeningsResponse(overdue=len(late), more=len(found) > len(swept))


@rpc
def get_payment_screening(request: v1.GetPaymentScreeningRequest, view: View) -> v1.GetPaymentScreeningResponse:
    """One screening."""
    screening = store.screenings.load(view, request.screening_id)
    return v1.GetPaymentScreeningResponse(payment_screening=message_of(screening, v1.PaymentScreening))


@rpc
def list_payment_screenings(request: v1.ListPaymentScreeningsRequest, view: View) -> v1.ListPaymentScreeningsResponse:
    """Screenings, page by page."""
    state = v1.ScreeningState.Name(request.state).removeprefix("SCREENING_STATE_") if request.state else ""
    found, page = store.screenings.page(view, request.page, *store.about(request.payment_order_id, state))
    return v1.ListPaymentScreeningsResponse(
        payment_screenings=[message_of(one, v1.PaymentScreening) for one in found], page=page
    )


@on
def payment_screened(event: risk_v1.PaymentScreened, unit: Unit) -> None:
    """Takes risk's answer: of this screening of this order, while it is due."""
    screening = store.screenings.find(unit, event.screening_id)
    state = _FOLLOWS.get(event.outcome)
    if screening is None or state is None or screening.payment_order_id != event.payment_order_id:
        return
    if screening.state in UNANSWERED:
        outcome = risk_v1.ScreeningOutcome.Name(event.outcome).removeprefix("SCREENING_OUTCOME_")
        order = order_store.orders.load(unit, screening.payment_order_id)
        placing.screened(unit, order, screening.found(outcome, event.matches, event.first_match), state)
