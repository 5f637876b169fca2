"""The RPCs of the gaps of dates: positions and curves in, gaps and value changes out, kept."""

from datetime import date

from zhongtai.asset_liability.gap import store as gap_store
from zhongtai.asset_liability.gap.domain import Gap, GapMethod, day_of_gap
from zhongtai.asset_liability.gap_day import domain, engine, store
from zhongtai.asset_liability.gap_day.domain import GapDay, Shocked
from zhongtai.asset_liability.position_day import domain as position_domain
from zhongtai.asset_liability.position_day import store as position_store
from zhongtai.asset_liability.transfer_price import store as curve_store
from zhongtai.asset_liability.v1 import gap_day_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def take_gaps(request: v1.TakeGapsRequest, unit: Unit) -> v1.TakeGapsResponse:
    """Takes the gaps of the next currency of a date."""
    business_date = date_of(request.business_date)
    day = position_store.days.find(unit, business_date.isoformat())
    domain.must_be_taken(business_date, taken=day is not None and day.taken_at is not None)
    lines = [line.told() for line in position_store.lines(unit, business_date)]
    totals = {total.assets.currency: total for total in position_domain.totals(lines)}
    taken = store.of_date(unit, business_date)
    left = domain.left(list(totals), taken)
    if not left:
        return v1.TakeGapsResponse(agrees=all(each.agrees for each in taken.values()))
    total = totals[left[0]]
    found = GapDay.made(*_figures(unit, business_date, left[0]), total.assets, total.liabilities)
    store.gap_days.add(unit, found)
    agrees = found.agrees and all(each.agrees for each in taken.values())
    return v1.TakeGapsResponse(more=len(left) > 1, agrees=agrees, gap_day=message_of(found, v1.GapDay))


@rpc
def preview_gaps(request: v1.PreviewGapsRequest, view: View) -> v1.PreviewGapsResponse:
    """What the gaps of the next currency would come to."""
    business_date = day_of_gap(date_of(request.business_date), view.business_date)
    currency_code = store.next_currency(view, request.position)
    if not currency_code:
        return v1.PreviewGapsResponse()
    summary = domain.summary(*_figures(view, business_date, currency_code))
    return v1.PreviewGapsResponse(gaps=[message_of(summary, v1.GapSummary)], next_position=currency_code)


@rpc
def list_gap_days(request: v1.ListGapDaysRequest, view: View) -> v1.ListGapDaysResponse:
    """The gaps of a date."""
    found = store.of_date(view, date_of(request.business_date))
    return v1.ListGapDaysResponse(gap_days=[message_of(each, v1.GapDay) for each in found.values()])


def _figures(view: View, business_date: date, currency_code: str) -> tuple[Gap, Gap, Shocked]:
    """Both gaps of a currency at the close of a date, and what shocks would change."""
    repricing, liquidity = (
        gap_store.gap(view, method, business_date, currency_code)
        for method in (GapMethod.REPRICING, GapMethod.LIQUIDITY)
    )
    curve = curve_store.of_currency(view, currency_code, business_date)
    return repricing, liquidity, engine.shocked(repricing, liquidity, curve)
