"""The RPCs of foreign exchange; a deal, its entry and both accounts change in one unit of work."""

from datetime import timedelta
from operator import attrgetter

from zhongtai.operations.account import store as account_store
from zhongtai.operations.fx_deal import store
from zhongtai.operations.fx_deal.domain import (
    FxDeal,
    FxDealStatus,
    FxRate,
    FxRevalued,
    Revaluation,
    amounts,
    must_be_one_customers,
)
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.v1 import fx_deal_pb2 as v1
from zhongtai.runtime.convert import date_of, decimal_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def set_fx_rate(request: v1.SetFxRateRequest, unit: Unit) -> v1.SetFxRateResponse:
    """Sets the rate of a pair."""
    rate = FxRate(
        request.base_currency, request.quote_currency, decimal_of(request.bid), decimal_of(request.ask), unit.now
    ).must_be_sound()
    present = store.fx_rates.find(unit, rate.base_currency, rate.quote_currency)
    store.fx_rates.save(unit, rate) if present else store.fx_rates.add(unit, rate)
    return v1.SetFxRateResponse(fx_rate=message_of(rate, v1.FxRate))


@rpc
def list_fx_rates(request: v1.ListFxRatesRequest, view: View) -> v1.ListFxRatesResponse:
    """Rates by pair."""
    found, page = store.fx_rates.page(view, request.page)
    return v1.ListFxRatesResponse(fx_rates=[message_of(rate, v1.FxRate) for rate in found], page=page)


@rpc
def quote_fx(request: v1.QuoteFxRequest, unit: Unit) -> v1.QuoteFxResponse:
    """Locks a rate."""
    payer = account_store.customers_account(unit, request.sold_account_id)
    payee = account_store.customers_account(unit, request.bought_account_id)
    must_be_one_customers(payer.customer_id, payee.customer_id)
    rate = store.rates(unit).dealt(payer.currency_code, payee.currency_code, unit.now, store.TERMS)
    sold, bought = amounts(
        money_of(request.sold) if request.HasField("sold") else None,
        money_of(request.bought) if request.HasField("bought") else None,
        payer.currency_code,
        payee.currency_code,
        rate,
    )
    deal = FxDeal(
        fx_deal_id=unit.new_id("fx"),
        customer_id=payer.customer_id,
        sold_account_id=payer.account_id,
        bought_account_id=payee.account_id,
        sold=sold,
        bought=bought,
        rate=rate,
        sold_fixed=request.HasField("sold"),
        status=FxDealStatus.QUOTED,
        quoted_at=unit.now,
        expires_at=unit.now + timedelta(seconds=store.TERMS.quote_seconds),
    )
    store.deals.add(unit, deal)
    unit.record(deal.quoted())
    return v1.QuoteFxResponse(fx_deal_id=deal.fx_deal_id, fx_deal=message_of(deal, v1.FxDeal))


@rpc
def deal_fx(request: v1.DealFxRequest, unit: Unit) -> v1.DealFxResponse:
    """Deals a quote that stands."""
    quote = store.deals.load(unit, request.fx_deal_id).must_be_open(unit.now)
    draft = store.RULES["DEAL"].draft(unit.new_id("ent"), lambda path: attrgetter(path)(quote))
    assert draft is not None, "both amounts of a quote are above zero"
    (entry,) = ledger_store.post(unit, [draft])
    deal, dealt = quote.dealt(entry.entry_id)
    store.deals.save(unit, deal)
    unit.record(dealt)
    return v1.DealFxResponse(fx_deal_id=deal.fx_deal_id, entry_id=entry.entry_id, fx_deal=message_of(deal, v1.FxDeal))


@rpc
def cancel_fx_quote(request: v1.CancelFxQuoteRequest, unit: Unit) -> v1.CancelFxQuoteResponse:
    """Withdraws a quote."""
    before = store.deals.load(unit, request.fx_deal_id)
    deal = before.cancelled(unit.now)
    if deal != before:
        store.deals.save(unit, deal)
    return v1.CancelFxQuoteResponse(fx_deal=message_of(deal.at(unit.now), v1.FxDeal))


@rpc
def get_fx_deal(request: v1.GetFxDealRequest, view: View) -> v1.GetFxDealResponse:
    """One deal."""
    deal = store.deals.load(view, request.fx_deal_id)
    return v1.GetFxDealResponse(fx_deal=message_of(deal.at(view.now), v1.FxDeal))


@rpc
def list_fx_deals(request: v1.ListFxDealsRequest, view: View) -> v1.ListFxDealsResponse:
    """Deals, page by page."""
    conditions = [store.DEAL.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.deals.page(view, request.page, *conditions)
    return v1.ListFxDealsResponse(fx_deals=[message_of(deal.at(view.now), v1.FxDeal) for deal in found], page=page)


@rpc
def get_fx_positions(request: v1.GetFxPositionsRequest, view: View) -> v1.GetFxPositionsResponse:
    """The positions and what they have gained."""
    found, gain = store.valued(view, view.business_date)
    return v1.GetFxPositionsResponse(
        positions=[message_of(position, v1.FxPosition) for position in found], unbooked=money_message(gain)
    )


@rpc
def revalue_positions(request: v1.RevaluePositionsRequest, unit: Unit) -> v1.RevaluePositionsResponse:
    """Books what the positions have gained or lost."""
    on = date_of(request.on) if request.HasField("on") else unit.business_date
    _, gain = store.valued(unit, on)
    valuation = Revaluation(on, gain)
    draft = store.RULES["REVALUATION"].draft(unit.new_id("ent"), lambda path: attrgetter(path)(valuation))
    if draft is None:
        return v1.RevaluePositionsResponse(gain=money_message(gain))
    (entry,) = ledger_store.post(unit, [draft])
    unit.record(FxRevalued(entry.entry_id, on, gain))
    return v1.RevaluePositionsResponse(gain=money_message(gain), entry_id=entry.entry_id)
