"""Taxes: worked figures, and that a tax taken apart loses nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zhongtai.credit.tax_rule.domain import TaxRule
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing.taxes import tax_within

SIX = TaxRule(Decimal("0.06"), False, Decimal("0.00005"))


def cny(minor_units: int) -> Money:
    return Money("CNY", minor_units)


def test_the_tax_within_and_on_top() -> None:
    # 106 yuan hold 6 of tax; a rate of 12 % told without it is owed at 12.72 %; the duty of a million yuan is 50.
    assert SIX.within(cny(10_600)) == cny(600)
    on_top = TaxRule(Decimal("0.06"), True, None)
    assert (on_top.owed(Decimal("0.12")), on_top.owed_amount(cny(10_000))) == (Decimal("0.1272"), cny(10_600))
    assert SIX.owed(Decimal("0.12")) == Decimal("0.12")
    assert SIX.stamp_duty(cny(100_000_000)) == cny(5_000)
    assert SIX.stamp_duty(cny(1_230_000)) == cny(62)


@given(some.integers(0, 10**12), some.decimals("0", "1", places=4))
def test_the_tax_is_the_part_of_the_net_amount(amount: int, rate: Decimal) -> None:
    tax = tax_within(amount, rate)
    assert 0 <= tax <= amount
    assert abs(tax - rate * (amount - tax)) <= 1
    if amount < 10**9:
        assert TaxRule(rate, True, None).owed_amount(cny(amount - tax)).minor_units == pytest.approx(amount, abs=2)
