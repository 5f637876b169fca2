"""How foreign exchange rests: a row for each rate and each deal; its terms and the rules by which it is booked."""

from datetime import date

from sqlalchemy import MetaData, Table

from zhongtai.kernel.money import Money
from zhongtai.operations.fx_deal.domain import FxDeal, FxDealNotFound, FxPosition, FxRate, FxTerms, Rates, positions
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, decimal, instant, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
RATE = Table(
    "fx_rate",
    metadata,
    text("base_currency", primary_key=True),
    text("quote_currency", primary_key=True),
    decimal("bid"),
    decimal("ask"),
    instant("quoted_at"),
)
DEAL = Table(
    "fx_deal",
    metadata,
    text("fx_deal_id", primary_key=True),
    text("customer_id", index=True),
    text("sold_account_id"),
    text("bought_account_id"),
    *money("sold"),
    *money("bought"),
    decimal("rate"),
    integer("sold_fixed"),
    text("status"),
    instant("quoted_at"),
    instant("expires_at"),
    text("entry_id"),
)
fx_rates = Records(RATE, FxRate)
deals = Records(DEAL, FxDeal, missing=FxDealNotFound)
_ALL_RATES = fx_rates.query(order_by=(RATE.c.base_currency, RATE.c.quote_currency))


TERMS: FxTerms = reader(FxTerms)(shipped(__package__, "terms.json"))
RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def rates(view: View) -> Rates:
    """The newest rates."""
    return Rates({(rate.base_currency, rate.quote_currency): rate for rate in _ALL_RATES(view)})


def valued(view: View, on: date) -> tuple[tuple[FxPosition, ...], Money]:
    """The positions at the end of a date, and what they have gained since they were last valued."""
    closings = ledger_store.closings_of(view, TERMS.position_code, on)
    found = positions(closings, rates(view), TERMS.own_currency)
    return found, sum((one.value for one in found), Money(TERMS.own_currency, 0))
