"""What term and notice deposits are paid, by the published rules."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.deposit_rate import store as rate_store
from zhongtai.operations.term_deposit import domain, store
from zhongtai.operations.term_deposit.domain import (
    MaturityInstruction,
    TermDeposit,
    TermDepositProduct,
    WithdrawalRates,
)

START = date(2026, 1, 31)
RATES = WithdrawalRates(Decimal("0.0005"), Decimal("0.003"))
YEAR, WEEK = store.product("fixed_1y"), store.product("notice_7d")


def cny(fen: int) -> Money:
    return Money("CNY", fen)


def opened(product: TermDepositProduct, fen: int, rate: str = "0.0095") -> TermDeposit:
    deposit, _ = TermDeposit.open(
        ("tdp_1", "acc_2"),
        ("cus_1", "acc_1"),
        product,
        cny(fen),
        rate=Decimal(rate),
        instruction=MaturityInstruction.PAY_OUT,
        on=START,
    )
    return deposit


def test_a_year_pays_the_yearly_rate_and_ends_on_the_same_day() -> None:
    deposit = opened(YEAR, 1_000_000)
    assert deposit.matures_on == date(2027, 1, 31)
    after, paid = deposit.withdrawn(None, YEAR, date(2027, 1, 31), RATES)
    assert (paid.principal, paid.interest, paid.closed) == (cny(1_000_000), cny(9_500), True)
    assert after.status is domain.TermDepositStatus.CLOSED
    with pytest.raises(domain.TermDepositMustBeOpen):
        after.withdrawn(None, YEAR, date(2027, 2, 1), RATES)


def test_what_goes_early_or_stays_after_its_term_earns_the_demand_rate() -> None:
    deposit = opened(YEAR, 1_000_000)
    rest, paid = deposit.withdrawn(cny(400_000), YEAR, START + timedelta(days=90), RATES)
    assert paid.interest == cny(50)
    with pytest.raises(domain.PartialWithdrawalsExhausted):
        rest.withdrawn(cny(1_000), YEAR, START + timedelta(days=91), RATES)
    _, paid = rest.withdrawn(None, YEAR, date(2027, 1, 31) + timedelta(days=36), RATES)
    assert paid.interest == cny(5_700 + 30)
    with pytest.raises(domain.PrincipalMustReachMinimum):
        deposit.withdrawn(cny(996_000), YEAR, START, RATES)
    with pytest.raises(domain.PrincipalExhausted):
        deposit.withdrawn(cny(1_000_001), YEAR, START, RATES)


def test_a_renewal_begins_where_the_term_ended_at_the_rate_of_that_day() -> None:
    deposit = opened(YEAR, 1_000_000).instructed(MaturityInstruction.RENEW_ALL)
    after, paid, renewed = deposit.matured(YEAR, replace(RATES, agreed=Decimal("0.008")))
    assert (after.principal, paid.interest) == (cny(1_009_500), cny(9_500))
    assert (renewed.starts_on, renewed.matures_on) == (date(2027, 1, 31), date(2028, 1, 31))
    kept, _, _ = deposit.instructed(MaturityInstruction.RENEW_PRINCIPAL).matured(
        YEAR, replace(RATES, agreed=Decimal("0.008"))
    )
    assert kept.principal == cny(1_000_000)


def test_notice_that_is_taken_on_its_day_earns_the_notice_rate() -> None:
    """100,000 yuan for 36 days at 0.3 %: 30.00; without notice at 0.05 %: 5.00."""
    deposit = opened(WEEK, 10_000_000)
    on = START + timedelta(days=36)
    noticed = deposit.noticed(cny(10_000_000), WEEK, on - timedelta(days=7))
    assert noticed.withdrawn(None, WEEK, on, RATES)[1].interest == cny(3_000)
    assert deposit.withdrawn(None, WEEK, on, RATES)[1].interest == cny(500)
    assert noticed.withdrawn(None, WEEK, on - timedelta(days=1), RATES)[1].interest == cny(486)


def test_what_differs_from_the_notice_earns_less() -> None:
    deposit = opened(WEEK, 20_000_000)
    on = START + timedelta(days=36)
    noticed = deposit.noticed(cny(10_000_000), WEEK, on - timedelta(days=7))
    # What goes beyond the notice earns the demand rate.
    assert noticed.withdrawn(cny(15_000_000), WEEK, on, RATES)[1].interest == cny(3_000 + 250)
    # Below the least withdrawal all of it does.
    assert noticed.withdrawn(cny(4_999_999), WEEK, on, RATES)[1].interest == cny(250)
    # A notice that is taken back costs its days.
    cancelled = noticed.notice_forfeited(WEEK)
    assert (cancelled.notice, cancelled.forfeited) == (None, 70_000_000)
    again = cancelled.noticed(cny(20_000_000), WEEK, on - timedelta(days=7))
    assert again.withdrawn(None, WEEK, on, RATES)[1].interest == cny(6_000 - 583)
    with pytest.raises(domain.TermDepositMustTakeNotice):
        opened(YEAR, 1_000_000).noticed(cny(1_000), YEAR, START)


def test_what_ships_is_whole() -> None:
    assert {product.rate_code for product in store.PRODUCTS.values()} <= {rate.rate_code for rate in rate_store.SHIPPED}
    assert all(bool(product.months) is not bool(product.notice_days) for product in store.PRODUCTS.values())
    assert set(store.RULES) == {"OPENED", "PAID", "INTEREST_KEPT", "ACCRUED"}


@given(
    parts=st.lists(st.integers(1_000, 400_000), min_size=1, max_size=5),
    days=st.integers(0, 800),
)
def test_however_it_is_taken_no_more_principal_is_paid_than_there_was(parts: list[int], days: int) -> None:
    deposit, paid_out = opened(YEAR, 1_000_000), 0
    assert deposit.matures_on
    on = deposit.matures_on + timedelta(days=days)
    for part in parts:
        if part > deposit.principal.minor_units - 5_000:
            break
        deposit, paid = deposit.withdrawn(cny(part), YEAR, on, RATES)
        paid_out += paid.principal.minor_units
    deposit, paid = deposit.withdrawn(None, YEAR, on, RATES)
    assert paid_out + paid.principal.minor_units == 1_000_000
    assert paid.closed
