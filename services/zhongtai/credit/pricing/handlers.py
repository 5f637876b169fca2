"""The RPCs of risk-based prices; they keep nothing."""

from zhongtai.credit.pricing import domain
from zhongtai.credit.v1 import pricing_pb2 as v1
from zhongtai.runtime.convert import decimal_of, message_of, value_of
from zhongtai.runtime.unit import View, rpc


@rpc
def quote_risk_price(request: v1.QuoteRiskPriceRequest, view: View) -> v1.QuoteRiskPriceResponse:
    """The rate at which the return on capital is the hurdle."""
    price = domain.price(_terms(request.terms), decimal_of(request.hurdle_rate))
    return message_of(price, v1.QuoteRiskPriceResponse)


@rpc
def measure_return(request: v1.MeasureReturnRequest, view: View) -> v1.MeasureReturnResponse:
    """The return on capital that a rate earns."""
    earned = domain.return_at(_terms(request.terms), decimal_of(request.rate))
    return message_of(earned, v1.MeasureReturnResponse)


def _terms(terms: v1.PriceTerms) -> domain.PriceTerms:
    if not terms.risk_class:
        return value_of(terms, domain.PriceTerms, risk_class=None)
    return value_of(terms, domain.PriceTerms)
