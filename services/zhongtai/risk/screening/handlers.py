"""The RPCs of screenings."""

from zhongtai.risk.screening import store
from zhongtai.risk.screening.domain import ScreenedPayment, Screening
from zhongtai.risk.v1 import screening_pb2 as v1
from zhongtai.risk.watchlist import store as watchlist_store
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def screen_payment(request: v1.ScreenPaymentRequest, unit: Unit) -> v1.ScreenPaymentResponse:
    """Screens a payment; a screening that was done is told again as it came out."""
    done = store.screenings.find(unit, request.screening_id)
    if done:
        return v1.ScreenPaymentResponse(screening=_message(done.must_be_of(request.payment_order_id)))
    payment = value_of(request, ScreenedPayment)
    forms = watchlist_store.LEGAL_FORMS
    listed = watchlist_store.like(unit, payment.words(forms).values())
    screening, fact = payment.screened(listed, forms, unit.now)
    store.screenings.add(unit, screening)
    unit.record(fact)
    return v1.ScreenPaymentResponse(screening=_message(screening))


@rpc
def get_screening(request: v1.GetScreeningRequest, view: View) -> v1.GetScreeningResponse:
    """One screening."""
    return v1.GetScreeningResponse(screening=_message(store.screenings.load(view, request.screening_id)))


@rpc
def list_screenings(request: v1.ListScreeningsRequest, view: View) -> v1.ListScreeningsResponse:
    """Screenings, page by page."""
    stated = v1.ScreeningOutcome.Name(request.outcome).removeprefix("SCREENING_OUTCOME_") if request.outcome else ""
    found, page = store.screenings.page(view, request.page, *store.about(request.payment_order_id, stated))
    return v1.ListScreeningsResponse(screenings=[_message(one) for one in found], page=page)


def _message(screening: Screening) -> v1.Screening:
    return message_of(screening, v1.Screening)
