"""Collateral: what an item is worth, and when it may leave."""

from datetime import date, timedelta

import pytest

from tests.credit.collateral.items import house
from tests.credit.examples import TODAY, cny
from zhongtai.credit.collateral.domain import (
    CollateralMustBeFree,
    ValuationMustFollowLatest,
    ValuationMustNotBeFuture,
)
from zhongtai.kernel.money import CurrencyMustMatch, Money


def test_what_counts_of_a_value_is_rounded_down() -> None:
    assert house(999, "0.3").lendable == cny(699)
    assert house(100, "1").lendable == cny(0)
    assert house(100, "0").lendable == cny(100)


def test_a_valuation_is_newer_and_not_of_tomorrow() -> None:
    item, valuation, fact = house().revalue(
        cny(900_000), valued_on=TODAY + timedelta(days=1), valuer="assessor", today=TODAY + timedelta(days=1)
    )
    assert (item.value, valuation.number, fact.change) == (cny(900_000), 2, cny(-100_000))
    with pytest.raises(ValuationMustFollowLatest):
        item.revalue(cny(1), valued_on=TODAY, valuer="assessor", today=date(2027, 1, 1))
    with pytest.raises(ValuationMustNotBeFuture):
        item.revalue(cny(1), valued_on=date(2027, 1, 2), valuer="assessor", today=date(2027, 1, 1))
    with pytest.raises(CurrencyMustMatch):
        item.revalue(Money("USD", 1), valued_on=TODAY + timedelta(days=1), valuer="x", today=date(2027, 1, 1))


def test_what_secures_a_loan_is_not_given_back() -> None:
    with pytest.raises(CollateralMustBeFree):
        house(secured=1).give_back()
    returned, facts = house().give_back()
    assert len(facts) == 1
    assert returned.give_back() == (returned, ())
