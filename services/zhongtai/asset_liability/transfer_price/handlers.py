"""Transfer prices: curves in, the price of funds out."""

from zhongtai.asset_liability.transfer_price import store
from zhongtai.asset_liability.transfer_price.domain import Curve, TransferCashFlow
from zhongtai.asset_liability.v1 import transfer_price_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_curve(request: v1.PublishCurveRequest, unit: Unit) -> v1.PublishCurveResponse:
    """Publishes a version; the same one again changes nothing."""
    curve = value_of(request.curve, Curve)
    published = curve.published(store.clashing(unit, curve))
    if published is not None:
        store.curves.add(unit, curve)
        unit.record(published)
    return v1.PublishCurveResponse(curve=message_of(curve, v1.Curve))


@rpc
def get_curve(request: v1.GetCurveRequest, view: View) -> v1.GetCurveResponse:
    """The version that is valid on a day."""
    day = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetCurveResponse(curve=message_of(store.valid_on(view, request.curve_id, day), v1.Curve))


@rpc
def quote_transfer_price(request: v1.QuoteTransferPriceRequest, view: View) -> v1.QuoteTransferPriceResponse:
    """The matched-maturity price of a schedule."""
    start_date = date_of(request.start_date) if request.HasField("start_date") else view.business_date
    curve = store.valid_on(view, request.curve_id, start_date)
    price = curve.price(start_date, [value_of(flow, TransferCashFlow) for flow in request.cash_flows])
    return message_of(price, v1.QuoteTransferPriceResponse, curve_id=curve.curve_id, version=curve.version)
