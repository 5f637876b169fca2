"""Interest that is paid with a tax on it, through the door: withheld, posted, told; and nothing of it today."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.operations.bank import Bank, cny
from tests.operations.deposit_interest.test_rpc import through
from tests.operations.term_deposit.test_rpc import accrue, deposited, mature
from zhongtai.operations.interest_tax import store
from zhongtai.operations.interest_tax.domain import InterestTaxRate
from zhongtai.operations.v1 import deposit_interest_pb2, term_deposit_pb2
from zhongtai.operations.v1 import interest_tax_pb2 as v1

TAX = "222101"


@pytest.fixture
def taxed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tax of 20 % that goes down to 5 % on 11 June 2026."""
    rates = (
        InterestTaxRate(date(2020, 1, 1), Decimal("0.2"), ""),
        InterestTaxRate(date(2026, 6, 11), Decimal("0.05"), ""),
    )
    monkeypatch.setattr(store, "RATES", rates)


@pytest.mark.usefixtures("taxed")
async def test_demand_interest_is_paid_without_its_tax(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(100_000_000)
    await through(bank, date(2026, 6, 1), date(2026, 6, 20))
    # 27.78 yuan for 20 days, ten of them at 20 % and ten at 5 %: 3.47.
    assert await bank.balance(account_id) == 100_000_000 + 2_778 - 347
    assert (await bank.balance(TAX), await bank.balance("2231"), await bank.balance("6411")) == (347, 0, 2_778)
    (paid,) = await bank.door.facts(deposit_interest_pb2.DepositInterestPaid)
    assert (paid.amount.minor_units, paid.tax.minor_units) == (2_778, 347)
    bank.door.today(date(2026, 6, 30))
    asked = deposit_interest_pb2.GetDepositInterestRequest(account_id=account_id)
    told = (await bank.door.call(asked)).deposit_interest
    settled = await bank.door.call(
        deposit_interest_pb2.SettleDepositInterestRequest(request_id="s1", account_id=account_id)
    )
    assert (settled.interest.minor_units, settled.tax.minor_units) == (1_250, 63)
    assert (told.interest, told.tax) == (settled.interest, settled.tax)
    await bank.must_be_sound()


@pytest.mark.usefixtures("taxed")
async def test_a_term_deposit_is_paid_without_its_tax(bank: Bank) -> None:
    deposit = await deposited(bank)
    await accrue(bank, date(2026, 6, 1))
    await mature(bank, date(2026, 6, 1))
    # 162.50 yuan at 20 %.
    assert await bank.balance(deposit.settlement_account_id) == 10_000_100 + 16_250 - 3_250
    assert (await bank.balance(TAX), await bank.balance("2231")) == (3_250, 0)
    (paid,) = await bank.door.facts(term_deposit_pb2.TermDepositPaid)
    assert (paid.interest.minor_units, paid.tax.minor_units) == (16_250, 3_250)
    await bank.must_be_sound()


@pytest.mark.usefixtures("taxed")
async def test_a_renewed_deposit_keeps_what_is_left_of_its_interest(bank: Bank) -> None:
    deposit = await deposited(bank, instruction=term_deposit_pb2.MATURITY_INSTRUCTION_RENEW_ALL)
    await accrue(bank, date(2026, 6, 1))
    await mature(bank, date(2026, 6, 1))
    assert await bank.balance(deposit.account_id) == 10_000_000 + 16_250 - 3_250
    bank.door.today(date(2026, 6, 2) + timedelta(days=36))
    asked = term_deposit_pb2.QuoteTermDepositRequest(term_deposit_id=deposit.term_deposit_id)
    quote = await bank.door.call(asked)
    withdrawn = await bank.door.call(
        term_deposit_pb2.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id)
    )
    # 100,130.00 yuan for 36 days at 0.05 %: 5.01, nine days at 20 % and 27 at 5 %: 0.44.
    assert (withdrawn.interest, withdrawn.tax) == (cny(501), cny(44))
    assert (quote.principal, quote.interest, quote.tax) == (withdrawn.principal, withdrawn.interest, withdrawn.tax)
    assert await bank.balance(TAX) == 3_250 + 44
    await bank.must_be_sound()


async def test_today_nothing_is_withheld(bank: Bank) -> None:
    deposit = await deposited(bank)
    await accrue(bank, date(2026, 6, 1))
    await mature(bank, date(2026, 6, 1))
    assert await bank.balance(deposit.settlement_account_id) == 10_000_100 + 16_250
    assert await bank.balance(TAX) == 0
    told = await bank.door.call(v1.ListInterestTaxRatesRequest())
    assert [rate.rate.value for rate in told.rates] == ["0.2", "0.05", "0"]
    assert list(told.account_products) == ["demand_deposit"]
