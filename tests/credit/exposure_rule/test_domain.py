"""The caps on large exposures: shares of capital, measured to the minor unit in the capital's currency."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.exposure_rule import domain
from zhongtai.credit.exposure_rule.domain import (
    CapBreadth,
    CapitalBase,
    CapitalKind,
    CapMeasured,
    ExchangeRate,
    ExposureCap,
    ExposureRules,
    Measure,
    Obligor,
    Owed,
)
from zhongtai.kernel.money import CurrencyMustMatch, Money

DAY = date(2026, 1, 1)


def cap(cap_id: str = "single", share: str = "0.15", **changes: object) -> ExposureCap:
    fields: dict[str, object] = {
        "obligor": Obligor.NON_BANK,
        "breadth": CapBreadth.SINGLE,
        "measured": CapMeasured.EXPOSURE,
        "capital": CapitalKind.TIER_1,
        "article": "第七条",
        "confirm": True,
    }
    return ExposureCap(cap_id=cap_id, share=Decimal(share), **{**fields, **changes})  # type: ignore[arg-type]


def base(tier_1: int = 1_000_000, *rates: ExchangeRate) -> CapitalBase:
    return CapitalBase(DAY, cny(2_000_000), cny(tier_1), rates)


def owed(loans: tuple[Money, ...], other: tuple[Money, ...] = ()) -> Owed:
    return Owed("CUSTOMER cus_1", Obligor.NON_BANK, CapBreadth.SINGLE, loans, other)


def measure(*caps: ExposureCap, capital: CapitalBase | None = None) -> Measure:
    return Measure(ExposureRules(1, DAY, caps, "a test"), capital or base())


def test_exactly_the_cap_is_allowed_and_one_more_is_not() -> None:
    rules = measure(cap())
    rules.must_hold(owed((cny(150_000),)))
    with pytest.raises(domain.ConcentrationCapExceeded) as refused:
        rules.must_hold(owed((cny(150_001),)))
    assert (refused.value.ceiling, refused.value.exposure) == (cny(150_000), cny(150_001))
    assert refused.value.article == "第七条"


def test_a_cap_on_loans_is_a_share_of_net_capital_and_does_not_count_bonds() -> None:
    rules = measure(cap("loans", "0.10", measured=CapMeasured.LOANS, capital=CapitalKind.NET_CAPITAL), cap())
    rules.must_hold(owed((cny(100_000),), (cny(50_000),)))
    with pytest.raises(domain.ConcentrationCapExceeded) as refused:
        rules.must_hold(owed((cny(100_000),), (cny(50_001),)))
    assert refused.value.cap_id == "single"


def test_a_cap_for_others_does_not_count() -> None:
    rules = measure(cap("group", "0.01", breadth=CapBreadth.GROUP), cap("bank", "0.01", obligor=Obligor.INTERBANK))
    assert rules.concentrations(owed((cny(900_000),))) == ()


def test_other_currencies_count_at_their_rate_and_their_own_minor_unit() -> None:
    capital = base(1_000_000, ExchangeRate("USD", Decimal("7.1")), ExchangeRate("JPY", Decimal("0.048")))
    assert capital.worth((cny(100), Money("USD", 100), Money("JPY", 100))) == cny(100 + 710 + 480)
    with pytest.raises(domain.ExchangeRateNotFound):
        capital.worth((Money("EUR", 1),))
    assert capital.worth((Money("EUR", 0),)) == cny(0)


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.sampled_from(["0.10", "0.15", "0.20", "0.25"]))
def test_what_is_refused_is_what_has_no_room(loans: int, tier_1: int, share: str) -> None:
    rules = measure(cap(share=share), capital=CapitalBase(DAY, cny(tier_1), cny(tier_1)))
    (found,) = rules.concentrations(owed((cny(loans),)))
    assert found.room == found.ceiling - found.exposure
    if found.room.minor_units < 0:
        with pytest.raises(domain.ConcentrationCapExceeded):
            rules.must_hold(owed((cny(loans),)))
    else:
        rules.must_hold(owed((cny(loans),)))


def test_a_version_and_a_day_never_change() -> None:
    rules = ExposureRules(1, DAY, (cap(),), "a test")
    assert domain.publish_rules(rules, published=None, latest_version=0) is not None
    assert domain.publish_rules(rules, published=rules, latest_version=1) is None
    other = ExposureRules(1, DAY, (cap(share="0.16"),), "a test")
    with pytest.raises(domain.ExposureRulesVersionTaken):
        domain.publish_rules(other, published=rules, latest_version=1)
    with pytest.raises(domain.ExposureRulesVersionMustFollowLatest):
        domain.publish_rules(ExposureRules(3, DAY, (cap(),), ""), published=None, latest_version=1)
    with pytest.raises(domain.CapMustStandOnce):
        domain.publish_rules(ExposureRules(2, DAY, (cap(), cap()), ""), published=None, latest_version=1)
    with pytest.raises(domain.CapitalBaseTaken):
        domain.publish_capital(base(), published=base(5))
    assert domain.publish_capital(base(), published=base()) is None


@pytest.mark.parametrize(
    ("capital", "refusal"),
    [
        (CapitalBase(DAY, cny(0), cny(1)), domain.CapitalMustBePositive),
        (CapitalBase(DAY, cny(1), Money("USD", 1)), CurrencyMustMatch),
        (base(1, ExchangeRate("CNY", Decimal(1))), domain.ExchangeRateMustStandOnce),
        (base(1, ExchangeRate("USD", Decimal(7)), ExchangeRate("USD", Decimal(8))), domain.ExchangeRateMustStandOnce),
        (base(1, ExchangeRate("USD", Decimal(0))), domain.ExchangeRateMustBePositive),
    ],
)
def test_capital_that_cannot_be_meant_is_refused(capital: CapitalBase, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        domain.publish_capital(capital, published=None)
