"""Which rates may be published, and which is in force."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.deposit_rate import domain, store
from zhongtai.operations.deposit_rate.domain import DepositRate, DepositRateTier

TODAY = date(2026, 5, 4)
GOOD = DepositRate("demand", "CNY", TODAY, (DepositRateTier(0, Decimal("0.0004")),), "the board")


def test_a_rate_begins_today_and_is_told_once() -> None:
    assert domain.publish(GOOD, store.SHIPPED[:3], TODAY) == domain.DepositRatePublished("demand", GOOD)
    assert domain.publish(GOOD, [GOOD], TODAY) is None


@pytest.mark.parametrize(
    ("changed", "known", "refusal"),
    [
        ({"effective_on": date(2026, 5, 3)}, [], domain.DepositRateMustNotBeginEarlier),
        ({"source": "another"}, [GOOD], domain.DepositRateTaken),
        (
            {"effective_on": date(2026, 6, 1), "tiers": (*GOOD.tiers, DepositRateTier(100, Decimal("0.1")))},
            [GOOD],
            domain.DepositRateTiersMustStay,
        ),
        ({"tiers": (DepositRateTier(1, Decimal("0.1")),)}, [], domain.DepositRateTiersMustRise),
        ({"tiers": (DepositRateTier(0, Decimal("-0.1")),)}, [], domain.DepositRateTiersMustRise),
        ({"tiers": (*GOOD.tiers, *GOOD.tiers)}, [], domain.DepositRateTiersMustRise),
    ],
)
def test_what_may_not_be_published_is_refused(
    changed: dict[str, object], known: list[DepositRate], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        domain.publish(replace(GOOD, **changed), known, TODAY)  # type: ignore[arg-type]


def test_the_rates_that_ship_are_whole() -> None:
    for rate in store.SHIPPED:
        assert rate.source
        assert domain.publish(rate, [], rate.effective_on)
    demand = [rate for rate in store.SHIPPED if rate.rate_code == "demand"]
    found = domain.in_force(demand, date(2025, 6, 1))
    assert found is not None
    assert found.tiers[0].rate == Decimal("0.0005")
    assert domain.in_force(demand, date(2015, 1, 1)) is None
