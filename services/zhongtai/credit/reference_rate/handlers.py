"""The RPCs of reference rates."""

from zhongtai.credit.reference_rate import domain, store
from zhongtai.credit.v1 import reference_rate_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_reference_rate(request: v1.PublishReferenceRateRequest, unit: Unit) -> v1.PublishReferenceRateResponse:
    """Publishes a quote, or the correction of one."""
    quote = value_of(request.reference_rate, domain.ReferenceRate)
    fact = domain.publish(
        quote,
        published=store.reference_rates.find(unit, quote.benchmark, quote.effective_on.isoformat(), quote.version),
        latest_version=store.latest_version(unit, quote.benchmark, quote.effective_on),
    )
    if fact is not None:
        store.reference_rates.add(unit, quote)
        unit.record(fact)
    return v1.PublishReferenceRateResponse(reference_rate=message_of(quote, v1.ReferenceRate))


@rpc
def get_reference_rate(request: v1.GetReferenceRateRequest, view: View) -> v1.GetReferenceRateResponse:
    """The quote in force on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    quote = store.in_force(view, request.benchmark, on)
    return v1.GetReferenceRateResponse(reference_rate=message_of(quote, v1.ReferenceRate))


@rpc
def list_reference_rates(request: v1.ListReferenceRatesRequest, view: View) -> v1.ListReferenceRatesResponse:
    """Quotes by benchmark, day and version."""
    conditions = [store.REFERENCE_RATE.c.benchmark == request.benchmark] if request.benchmark else []
    found, page = store.reference_rates.page(view, request.page, *conditions)
    return v1.ListReferenceRatesResponse(
        reference_rates=[message_of(quote, v1.ReferenceRate) for quote in found], page=page
    )
