"""Risk-based prices through the door."""

from decimal import Decimal
from typing import Any

from tests.credit.examples import rate
from zhongtai.credit.v1 import pricing_pb2 as v1
from zhongtai.testing.doors import Door


def terms(**changes: Any) -> v1.PriceTerms:
    ordinary: dict[str, Any] = {
        "transfer_rate": rate("0.025"),
        "probability_of_default": rate("0.02"),
        "loss_given_default": rate("0.45"),
        "cost_rate": rate("0.01"),
        "fee_rate": rate("0.002"),
        "tax_rate": rate("0.25"),
        "risk_class": v1.CAPITAL_CLASS_OTHER_RETAIL,
    }
    return v1.PriceTerms(**{**ordinary, **changes})


async def test_a_price_and_the_return_at_it(door: Door) -> None:
    quoted = await door.call(v1.QuoteRiskPriceRequest(terms=terms(), hurdle_rate=rate("0.15")))
    assert Decimal("0.04") < Decimal(quoted.rate.value) < Decimal("0.07")
    measured = await door.call(v1.MeasureReturnRequest(terms=terms(), rate=quoted.rate))
    assert abs(Decimal(measured.return_on_capital.value) - Decimal("0.15")) < Decimal("1e-9")
    assert measured.capital == quoted.parts.capital


async def test_terms_without_an_answer_are_refused(door: Door) -> None:
    no_capital = terms(risk_class=v1.CAPITAL_CLASS_UNSPECIFIED)
    assert (await door.refused(v1.QuoteRiskPriceRequest(terms=no_capital, hurdle_rate=rate("0.15")))).kind == "Invalid"
    nothing = terms(capital=rate("0"))
    refused = await door.refused(v1.MeasureReturnRequest(terms=nothing, rate=rate("0.05")))
    assert refused.reason == "CAPITAL_MUST_BE_POSITIVE"
    taxed = v1.QuoteRiskPriceRequest(terms=terms(tax_rate=rate("1")), hurdle_rate=rate("0.15"))
    assert (await door.refused(taxed)).reason == "TAX_MUST_LEAVE_RETURN"
    beyond = v1.QuoteRiskPriceRequest(terms=terms(fee_rate=rate("2")), hurdle_rate=rate("0.15"))
    assert (await door.refused(beyond)).kind == "Invalid"
