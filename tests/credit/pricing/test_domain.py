"""Risk-based prices: what they are made of, and that the return at the price is the hurdle."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from zhongtai.credit.pricing.domain import CapitalMustBePositive, PriceTerms, TaxMustLeaveReturn, price, return_at
from zhongtai.kernel.irb import Risk, RiskClass, capital_requirement


def terms(**changes: Any) -> PriceTerms:
    ordinary: dict[str, Any] = {
        "transfer_rate": "0.025",
        "probability_of_default": "0.02",
        "loss_given_default": "0.45",
        "cost_rate": "0.01",
        "fee_rate": "0.002",
        "tax_rate": "0.25",
        "capital": "0.08",
    }
    told: dict[str, Any] = {
        name: Decimal(value) if type(value) is str else value for name, value in {**ordinary, **changes}.items()
    }
    return PriceTerms(**{"turnover": None, **told})


def test_a_price_is_the_sum_of_its_parts() -> None:
    # 2.5 % + 0.9 % + 1 % − 0.2 % + 8 % × 15 % ÷ (1 − 25 %) = 5.8 %
    quoted = price(terms(), Decimal("0.15"))
    assert quoted.rate == Decimal("0.058")
    assert (quoted.parts.expected_loss, quoted.parts.capital_charge) == (Decimal("0.009"), Decimal("0.016"))
    assert return_at(terms(), Decimal("0.058")).return_on_capital == Decimal("0.15")
    assert return_at(terms(), Decimal("0.042")).return_on_capital == 0


def test_without_a_capital_the_class_gives_it() -> None:
    by_class = terms(capital=None, risk_class=RiskClass.CORPORATE, capital_factor="1.25", turnover="20")
    risk = Risk(RiskClass.CORPORATE, Decimal("0.02"), Decimal("0.45"), turnover=Decimal(20))
    assert price(by_class, Decimal("0.1")).parts.capital == capital_requirement(risk) * Decimal("1.25")


shares = some.decimals(0, 1, places=6)


@settings(max_examples=200)
@given(
    some.builds(
        terms,
        transfer_rate=some.decimals(Decimal("-0.01"), Decimal("0.2"), places=8),
        probability_of_default=some.decimals(Decimal("0.0003"), Decimal("0.999"), places=6),
        loss_given_default=some.decimals(Decimal("0.01"), 1, places=4),
        cost_rate=shares,
        fee_rate=shares,
        tax_rate=some.decimals(0, Decimal("0.99"), places=4),
        capital=some.none() | some.decimals(Decimal("0.00001"), 1, places=8),
        risk_class=some.sampled_from(RiskClass),
        maturity_years=some.decimals(0, 30, places=2),
    ),
    shares,
)
def test_the_return_at_the_price_is_the_hurdle(asked: PriceTerms, hurdle: Decimal) -> None:
    rate = price(asked, hurdle).rate
    assert abs(return_at(asked, rate).return_on_capital - hurdle) < Decimal("1e-9")
    dearer = price(replace(asked, cost_rate=asked.cost_rate + Decimal("0.01")), hurdle).rate
    assert dearer - rate == Decimal("0.01")


def test_what_has_no_answer_is_refused() -> None:
    with pytest.raises(CapitalMustBePositive):
        return_at(terms(capital="0"), Decimal("0.05"))
    with pytest.raises(TaxMustLeaveReturn):
        price(terms(tax_rate="1"), Decimal("0.1"))
    assert price(terms(capital="0"), Decimal("0.15")).rate == Decimal("0.042")
