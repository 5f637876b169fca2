"""Foreign exchange: exact amounts, stated rounding, quotes that end, positions worth what was paid and gained."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.fx_deal.domain import (
    BidMustNotExceedAsk,
    CurrenciesMustDiffer,
    FxAmountMustBeOne,
    FxAmountMustComeToSomething,
    FxRate,
    FxRateMustBeFresh,
    FxRateNotFound,
    Rates,
    amounts,
    converted,
    positions,
)
from zhongtai.operations.fx_deal.store import RULES, TERMS

NOW = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)


def rate(base: str, bid: str, ask: str, quote: str = "CNY", at: datetime = NOW) -> FxRate:
    return FxRate(base, quote, Decimal(bid), Decimal(ask), at)


RATES = Rates(
    {
        ("USD", "CNY"): rate("USD", "7.1000", "7.1200"),
        ("EUR", "CNY"): rate("EUR", "8.0000", "8.0400"),
        ("CNY", "JPY"): rate("CNY", "20.00", "20.20", "JPY"),
    }
)


@pytest.mark.parametrize(
    ("sold", "bought", "expected"),
    [
        ("USD", "CNY", "7.1"),  # the bank buys dollars at its bid
        ("CNY", "USD", "0.1404494382"),  # and sells them at its ask: 1 / 7.12
        ("CNY", "JPY", "20"),
        ("JPY", "CNY", "0.0495049505"),  # 1 / 20.20
        ("USD", "EUR", "0.8830845771"),  # through yuan: 7.10 / 8.04
    ],
)
def test_the_bank_buys_at_bid_and_sells_at_ask(sold: str, bought: str, expected: str) -> None:
    assert RATES.dealt(sold, bought, NOW, TERMS) == Decimal(expected)


def test_a_rate_is_there_fresh_and_sound() -> None:
    with pytest.raises(FxRateNotFound):
        RATES.dealt("GBP", "CNY", NOW, TERMS)
    with pytest.raises(FxRateNotFound):
        RATES.mid("GBP", "CNY")
    with pytest.raises(CurrenciesMustDiffer):
        RATES.dealt("USD", "USD", NOW, TERMS)
    with pytest.raises(FxRateMustBeFresh):
        RATES.dealt("USD", "CNY", NOW + timedelta(days=1, seconds=1), TERMS)
    with pytest.raises(BidMustNotExceedAsk):
        rate("USD", "7.2", "7.1").must_be_sound()
    with pytest.raises(CurrenciesMustDiffer):
        rate("CNY", "1", "1").must_be_sound()


def test_one_amount_is_asked_for_and_the_other_rounded_half_up() -> None:
    usd, cny = Money("USD", 105), Money("CNY", 746)
    # 1.05 dollars at 7.1 are 7.455 yuan.
    assert amounts(usd, None, "USD", "CNY", Decimal("7.1")) == (usd, cny)
    assert amounts(None, cny, "USD", "CNY", Decimal("7.1")) == (usd, cny)
    for sold, bought in ((None, None), (usd, cny), (Money("USD", 0), None), (Money("USD", -1), None)):
        with pytest.raises(FxAmountMustBeOne):
            amounts(sold, bought, "USD", "CNY", Decimal("7.1"))
    with pytest.raises(FxAmountMustComeToSomething):
        amounts(Money("JPY", 1), None, "JPY", "USD", Decimal("0.0040"))
    with pytest.raises(CurrencyMustMatch):
        amounts(Money("EUR", 1), None, "USD", "CNY", Decimal("7.1"))


def test_currencies_without_decimals_are_converted_between_whole_units() -> None:
    assert converted(Money("CNY", 12_345), Fraction(20), "JPY") == Money("JPY", 2_469)
    assert converted(Money("JPY", 2_469), Fraction(1, 20), "CNY") == Money("CNY", 12_345)
    assert converted(Money("KWD", 1_000), Fraction(2), "JPY") == Money("JPY", 2)


@given(st.integers(1, 10**12), st.decimals("0.0001", "1000", places=4))
def test_a_conversion_is_within_half_a_minor_unit(minor: int, number: Decimal) -> None:
    found = converted(Money("USD", minor), Fraction(number), "CNY")
    assert abs(found.minor_units - minor * Fraction(number)) <= Fraction(1, 2)


def test_a_position_is_worth_its_mid_and_gains_what_the_rate_moved() -> None:
    # A customer sold 100 dollars at 7.10: the bank is long of them and has paid 710 yuan.
    closings = [("USD", -10_000), ("CNY", 71_000), ("EUR", 0)]
    found = positions(closings, RATES, "CNY")
    assert [(one.currency_code, one.value.minor_units) for one in found] == [("CNY", -71_000), ("USD", 71_100)]
    with pytest.raises(FxRateNotFound):
        positions([("GBP", 1)], RATES, "CNY")


def test_the_rules_fit_the_chart() -> None:
    CHART.must_take_postings(TERMS.position_code)
    for rule in RULES.values():
        assert {leg.side for leg in rule.legs} == {"DEBIT", "CREDIT"}
        for leg in rule.legs:
            if leg.account_code:
                CHART.must_take_postings(leg.account_code)
