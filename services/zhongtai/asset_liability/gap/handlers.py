"""Gaps: positions in, buckets out."""

from google.type.date_pb2 import Date

from zhongtai.asset_liability.gap import store
from zhongtai.asset_liability.gap.domain import Gap, GapMethod, day_of_gap
from zhongtai.asset_liability.v1 import gap_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import View, rpc


@rpc
def get_repricing_gap(request: v1.GetRepricingGapRequest, view: View) -> v1.GetRepricingGapResponse:
    """Principal by the time its rate is fixed for."""
    as_of = request.as_of if request.HasField("as_of") else None
    gap = _gap(GapMethod.REPRICING, as_of, request.currency_code, view)
    return v1.GetRepricingGapResponse(gap=message_of(gap, v1.Gap))


@rpc
def get_liquidity_gap(request: v1.GetLiquidityGapRequest, view: View) -> v1.GetLiquidityGapResponse:
    """Cash by the time it moves."""
    as_of = request.as_of if request.HasField("as_of") else None
    gap = _gap(GapMethod.LIQUIDITY, as_of, request.currency_code, view)
    return v1.GetLiquidityGapResponse(gap=message_of(gap, v1.Gap))


def _gap(method: GapMethod, as_of: Date | None, currency_code: str, view: View) -> Gap:
    day = day_of_gap(date_of(as_of) if as_of is not None else None, view.business_date)
    return store.gap(view, method, day, currency_code)
