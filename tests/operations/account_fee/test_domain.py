"""What tariffs ask, and what is waived."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account.store import products
from zhongtai.operations.account_fee.domain import (
    FeeTariffNotFound,
    FeeWaiver,
    FeeWaiverMustEndAhead,
    FeeWaiverReason,
    in_force,
    quote,
    tariff_for,
)
from zhongtai.operations.account_fee.store import TARIFFS

ON = date(2026, 6, 1)


def yuan(amount: int) -> Money:
    return Money("CNY", amount * 100)


# 发改价格〔2014〕268号: the steps of the government's own list, at and just above each.
@pytest.mark.parametrize(
    ("product", "basis", "fee"),
    [
        ("demand_deposit", 200_000, 200),
        ("demand_deposit", 200_001, 500),
        ("demand_deposit", 500_000, 500),
        ("demand_deposit", 1_000_000, 1_000),
        ("demand_deposit", 5_000_000, 1_500),
        ("demand_deposit", 10_000_000, 3_000),
        ("demand_deposit", 100_000_000, 5_000),
        ("corporate_demand_deposit", 1_000_000, 500),
        ("corporate_demand_deposit", 100_000_000, 2_000),
        ("corporate_demand_deposit", 200_000_000, 4_000),
        ("corporate_demand_deposit", 10_000_000_000, 20_000),
    ],
)
def test_the_listed_price_of_a_transfer_is_that_of_its_step(product: str, basis: int, fee: int) -> None:
    tariff = tariff_for(TARIFFS, "counter_transfer_outside", product, "CNY", ON)
    assert tariff.listed(Money("CNY", basis)) == Money("CNY", fee)


def test_the_tariffs_are_for_products_there_are_and_their_steps_rise() -> None:
    known = {product.product for product in products()}
    for tariff in TARIFFS:
        assert set(tariff.account_products) <= known
        steps = [tier.above_minor for tier in tariff.tiers]
        assert steps[0] == 0
        assert steps == sorted(set(steps))
    assert in_force(TARIFFS, date(2014, 7, 31)) == ()


def test_what_is_not_listed_is_refused() -> None:
    for event, product, currency in (
        ("counter_transfer_outside", "escrow", "CNY"),
        ("counter_transfer_outside", "demand_deposit", "USD"),
        ("sunshine", "demand_deposit", "CNY"),
    ):
        with pytest.raises(FeeTariffNotFound):
            tariff_for(TARIFFS, event, product, currency, ON)


@given(used=st.integers(0, 10), granted=st.booleans(), amount=st.integers(0, 10**12))
def test_a_fee_is_what_is_listed_or_nothing_with_its_reason(used: int, granted: bool, amount: int) -> None:
    tariff = tariff_for(TARIFFS, "atm_withdrawal_outside", "demand_deposit", "CNY", ON)
    waivers = [FeeWaiver("fwv_1", "acc_1", "", ON, "staff")] if granted else []
    found = quote(tariff, Money("CNY", amount), used=used, waivers=waivers, on=ON)
    assert found.listed == Money("CNY", 400)
    assert found.free_left == max(3 - used, 0)
    if granted:
        assert (found.fee, found.waived_for) == (yuan(0), FeeWaiverReason.GRANTED)
    elif used < 3:
        assert (found.fee, found.waived_for) == (yuan(0), FeeWaiverReason.FREE_NUMBER)
    else:
        assert (found.fee, found.waived_for) == (yuan(4), FeeWaiverReason.NONE)


def test_a_waiver_covers_its_event_through_its_day() -> None:
    waiver = FeeWaiver("fwv_1", "acc_1", "deposit_certificate", ON, "staff")
    assert waiver.covers("deposit_certificate", ON)
    assert not waiver.covers("atm_withdrawal_outside", ON)
    assert not waiver.covers("deposit_certificate", date(2026, 6, 2))
    with pytest.raises(FeeWaiverMustEndAhead):
        waiver.granted(date(2026, 6, 2))
