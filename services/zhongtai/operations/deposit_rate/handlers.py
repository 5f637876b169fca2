"""The RPCs of deposit rates."""

from zhongtai.operations.deposit_rate import domain, store
from zhongtai.operations.v1 import deposit_rate_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_deposit_rate(request: v1.PublishDepositRateRequest, unit: Unit) -> v1.PublishDepositRateResponse:
    """Publishes what a code pays from a day on."""
    rate = value_of(request.deposit_rate, domain.DepositRate)
    known = store.of_code(unit, rate.rate_code, rate.currency_code)
    fact = domain.publish(rate, known, unit.business_date)
    if fact is not None:
        store.deposit_rates.add(unit, rate)
        unit.record(fact)
    return v1.PublishDepositRateResponse(deposit_rate=message_of(rate, v1.DepositRate))


@rpc
def get_deposit_rate(request: v1.GetDepositRateRequest, view: View) -> v1.GetDepositRateResponse:
    """What a code pays on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    rate = store.on_day(view, request.rate_code, request.currency_code or "CNY", on)
    return v1.GetDepositRateResponse(deposit_rate=message_of(rate, v1.DepositRate))


@rpc
def list_deposit_rates(request: v1.ListDepositRatesRequest, view: View) -> v1.ListDepositRatesResponse:
    """The rates that are known."""
    found, page = page_of(store.every(view, request.rate_code), request.page)
    return v1.ListDepositRatesResponse(deposit_rates=[message_of(rate, v1.DepositRate) for rate in found], page=page)
