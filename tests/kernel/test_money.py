"""Money: exact sums, fair shares, readable text, and no way past the bounds."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import (
    MINOR_UNITS_MAX,
    AmountMustBeWellFormed,
    AmountOutOfBounds,
    CurrencyMustMatch,
    CurrencyUnknown,
    FactorMustBeFinite,
    Money,
    Rounding,
    WeightsMustBePositive,
)

currencies = st.sampled_from(["CNY", "JPY", "KWD", "UYW"])
amounts = st.builds(Money, currencies, st.integers(-MINOR_UNITS_MAX, MINOR_UNITS_MAX))
weights = st.lists(
    st.one_of(
        st.integers(0, 10**9),
        st.decimals(0, 1000, places=4),
        st.fractions(0, 1000, max_denominator=997),
    ),
    min_size=1,
    max_size=12,
).filter(any)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money("CNY", 123_456), "CNY 1,234.56"),
        (Money("CNY", -5), "CNY -0.05"),
        (Money("CNY", 0), "CNY 0.00"),
        (Money("JPY", 1_234_567), "JPY 1,234,567"),
        (Money("KWD", 1_500), "KWD 1.500"),
        (Money("UYW", 12_345), "UYW 1.2345"),
    ],
)
def test_text_has_the_decimals_of_the_currency(money: Money, text: str) -> None:
    assert str(money) == text
    assert Money.parse(text) == money


@pytest.mark.parametrize("text", ["CNY 1234.5", "CNY 1,234.50", "CNY 1234.50"])
def test_parse_accepts_fewer_decimals_and_no_separators(text: str) -> None:
    assert Money.parse(text) == Money("CNY", 123_450)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234",
        "CNY",
        "cny 1",
        "CNY 1,23.00",
        "CNY 1.234",
        "JPY 1.0",
        "CNY 1e3",
        "CNY ١",
        "CNY +1",
        "CNY 1.",
        " CNY 1",
        "CNY NaN",
    ],
)
def test_parse_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(AmountMustBeWellFormed):
        Money.parse(text)


def test_parse_bounds_its_input_and_its_amount() -> None:
    with pytest.raises(AmountMustBeWellFormed) as refused:
        Money.parse("CNY " + "9" * 100_000)
    assert len(refused.value.text) <= 40
    with pytest.raises(AmountOutOfBounds):
        Money.parse("CNY 9000000000000000.01")
    with pytest.raises(CurrencyUnknown):
        Money.parse("ABC 1")


def test_currencies_are_those_of_iso_4217() -> None:
    """Counted against ISO 4217 list one as published 2026-01-01: 165 currencies have a minor unit."""
    assert len(EXPONENTS) == 165
    assert {EXPONENTS[code] for code in ("CNY", "USD", "EUR", "HKD")} == {2}
    assert (EXPONENTS["KRW"], EXPONENTS["BHD"], EXPONENTS["CLF"]) == (0, 3, 4)


@pytest.mark.parametrize("currency", ["", "cny", "RMB", "XXX", "XAU", "HRK"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(CurrencyUnknown):
        Money(currency, 1)


def test_amounts_stay_within_bounds() -> None:
    largest = Money("CNY", MINOR_UNITS_MAX)
    with pytest.raises(AmountOutOfBounds) as refused:
        largest + Money("CNY", 1)
    assert refused.value.kind == "Invalid"
    with pytest.raises(AmountOutOfBounds):
        -largest - Money("CNY", 1)
    with pytest.raises(AmountOutOfBounds):
        largest.times(Decimal(2))


def test_currencies_do_not_mix() -> None:
    yuan, dollar = Money("CNY", 1), Money("USD", 1)
    assert yuan != dollar
    for verb in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(CurrencyMustMatch):
            verb(yuan, dollar)


def test_order() -> None:
    low, high = Money("CNY", 1), Money("CNY", 2)
    assert low < high
    assert low <= high
    assert high > low
    assert high >= low
    assert not low > low  # noqa: PLR0124 - an amount is not above itself
    assert max(low, high) is high


def test_money_is_never_a_float() -> None:
    with pytest.raises(AssertionError):
        Money("CNY", 1.5)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        Money("CNY", 100).times(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor_units", "half_even", "half_up"),
    [(1, 0, 1), (3, 2, 2), (5, 2, 3), (-1, 0, -1), (-3, -2, -2), (-5, -2, -3), (4, 2, 2)],
)
def test_times_rounds_halves_as_named(minor_units: int, half_even: int, half_up: int) -> None:
    money, half = Money("CNY", minor_units), Decimal("0.5")
    assert money.times(half) == Money("CNY", half_even)
    assert money.times(half, Rounding.HALF_UP) == Money("CNY", half_up)


@settings(max_examples=100)
@given(
    money=st.builds(Money, currencies, st.integers(-(10**12), 10**12)),
    factor=st.decimals(-1000, 1000, places=6),
    rounding=st.sampled_from(Rounding),
)
def test_times_rounds_as_decimal_does(money: Money, factor: Decimal, rounding: Rounding) -> None:
    expected = (money.minor_units * factor).quantize(Decimal(1), rounding=rounding.value)
    assert money.times(factor, rounding).minor_units == int(expected)


@pytest.mark.parametrize("factor", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-41")])
def test_times_refuses_what_is_no_ordinary_number(factor: Decimal) -> None:
    with pytest.raises(FactorMustBeFinite):
        Money("CNY", 1).times(factor)


def test_allocate_gives_the_rest_to_the_largest_remainders() -> None:
    assert Money("CNY", 100).allocate([1, 1, 1]) == (Money("CNY", 34), Money("CNY", 33), Money("CNY", 33))
    assert Money("CNY", 5).allocate([3, 7]) == (Money("CNY", 2), Money("CNY", 3))
    assert Money("CNY", 101).allocate([Fraction(1, 3), Decimal("0.5"), 0]) == (
        Money("CNY", 40),
        Money("CNY", 61),
        Money("CNY", 0),
    )


@settings(max_examples=100)
@given(money=amounts, shares=weights)
def test_allocate_loses_nothing_and_is_fair(money: Money, shares: list[Decimal | Fraction | int]) -> None:
    parts = money.allocate(shares)
    assert sum(part.minor_units for part in parts) == money.minor_units
    whole = sum(Fraction(share) for share in shares)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.minor_units - money.minor_units * Fraction(share) / whole) < 1
        assert share or not part
    assert (-money).allocate(shares) == tuple(-part for part in parts)


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1], [2, Decimal("-0.1")]])
def test_allocate_refuses_weights_that_share_nothing(shares: list[Decimal | int]) -> None:
    with pytest.raises(WeightsMustBePositive):
        Money("CNY", 100).allocate(shares)


@settings(max_examples=100)
@given(money=amounts)
def test_text_is_read_back(money: Money) -> None:
    assert Money.parse(str(money)) == money
