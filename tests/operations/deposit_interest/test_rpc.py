"""The accrual and payment of interest through the door."""

from datetime import date, timedelta

import pytest

from tests.operations.bank import Bank
from zhongtai.operations.deposit_interest import accruing
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.operations.v1 import deposit_interest_pb2 as v1
from zhongtai.runtime.convert import date_message

DAY = timedelta(days=1)


async def accrue(bank: Bank, on: date) -> v1.DepositAccrual:
    """Accrues a date to its end."""
    while True:
        request = v1.AccrueDepositsRequest(request_id=bank.request_id(), business_date=date_message(on))
        reply = await bank.door.call(request)
        if not reply.more:
            accrual: v1.DepositAccrual = reply.accrual
            return accrual


async def through(bank: Bank, first: date, last: date) -> v1.DepositAccrual:
    """Accrues days one by one, each on the day after, and each as its preview said."""
    accrual = v1.DepositAccrual()
    on = first
    while on <= last:
        bank.door.today(on + DAY)
        told = await bank.door.call(v1.PreviewDepositAccrualRequest(business_date=date_message(on)))
        accrual = await accrue(bank, on)
        # A day of settlement pays each account rounded by itself.
        if not any(line.paid.minor_units for line in accrual.lines):
            assert (list(told.lines), told.entries_left) == (list(accrual.lines), 0)
        on += DAY
    return accrual


async def earned(bank: Bank, account_id: str) -> int:
    found = await bank.door.call(v1.GetDepositInterestRequest(account_id=account_id))
    return int(found.deposit_interest.interest.minor_units)


async def test_a_quarter_is_accrued_by_day_and_paid_on_the_day_after_the_twentieth(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(100_000_000)
    await bank.deposit(0, customer_id="cus_2")
    accrual = await through(bank, date(2026, 6, 1), date(2026, 6, 19))
    # A million yuan at 0.05 % over 360 earns 1.3889 yuan a day: 19 days are 26.39.
    (line,) = accrual.lines
    assert (line.plan, line.payable.minor_units, line.paid.minor_units) == ("personal_demand", 2639, 0)
    assert await bank.balance("2231") == 2639
    assert await bank.balance("6411") == 2639
    assert await earned(bank, account_id) == 2639
    accrual = await through(bank, date(2026, 6, 20), date(2026, 6, 20))
    (line,) = accrual.lines
    assert (line.payable.minor_units, line.paid.minor_units, accrual.accounts_settled) == (0, 2778, 1)
    assert await bank.balance(account_id) == 100_002_778
    assert await bank.balance("2231") == 0
    (paid,) = await bank.door.facts(v1.DepositInterestPaid)
    assert (paid.amount.minor_units, paid.from_day.day, paid.through.day) == (2778, 1, 20)
    entries = await bank.door.call(ledger_pb2.ListEntriesRequest(account_id=account_id))
    assert [entry.booking_date.day for entry in entries.entries] == [1, 21]
    # What was paid earns from the next day on.
    await through(bank, date(2026, 6, 21), date(2026, 6, 21))
    interest = (await bank.door.call(v1.GetDepositInterestRequest(account_id=account_id))).deposit_interest
    assert interest.product == "100002700"
    await bank.must_be_sound()


async def test_what_is_booked_late_or_ahead_counts_from_its_value_date(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accruing, "ENTRIES", 1)
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(100_000_000)
    await bank.post(
        ("1001", "DEBIT", 100_000_000), (account_id, "CREDIT", 100_000_000), value_date=date_message(date(2026, 6, 4))
    )
    await through(bank, date(2026, 6, 1), date(2026, 6, 3))
    assert await bank.balance("2231") == 417
    await through(bank, date(2026, 6, 4), date(2026, 6, 5))
    assert await bank.balance("2231") == 972
    await bank.post(
        ("1001", "DEBIT", 100_000_000), (account_id, "CREDIT", 100_000_000), value_date=date_message(date(2026, 6, 2))
    )
    # One million on the first day, two on the second and third, three on the fourth and fifth.
    assert await earned(bank, account_id) == 1528
    await through(bank, date(2026, 6, 6), date(2026, 6, 6))
    assert await bank.balance("2231") == 1944


async def test_an_account_is_settled_by_itself_before_it_is_closed(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(100_000_000)
    other = await bank.deposit(100_000_000, customer_id="cus_2")
    await through(bank, date(2026, 6, 1), date(2026, 6, 4))
    bank.door.today(date(2026, 6, 11))
    settled = await bank.door.call(v1.SettleDepositInterestRequest(request_id=bank.request_id(), account_id=account_id))
    assert settled.interest.minor_units == 1389
    again = await bank.door.call(v1.SettleDepositInterestRequest(request_id=bank.request_id(), account_id=account_id))
    assert (again.entry_id, again.interest.minor_units) == ("", 0)
    balance = await bank.balance(account_id)
    await bank.post((account_id, "DEBIT", balance), ("1001", "CREDIT", balance))
    await bank.door.call(account_pb2.CloseAccountRequest(request_id=bank.request_id(), account_id=account_id))
    accrual = await through(bank, date(2026, 6, 5), date(2026, 6, 19))
    assert accrual.lines[0].payable.minor_units == 2639
    assert await earned(bank, other) == 2639
    await through(bank, date(2026, 6, 20), date(2026, 6, 21))
    assert await bank.balance("2231") == 139
    await bank.must_be_sound()


async def test_days_are_accrued_in_order_once_they_are_over(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 3))
    await bank.deposit(100)

    async def refused(on: date) -> str:
        request = v1.AccrueDepositsRequest(request_id=bank.request_id(), business_date=date_message(on))
        return (await bank.door.refused(request)).reason

    assert await refused(date(2026, 6, 3)) == "DEPOSIT_DAY_MUST_BE_OVER"
    await accrue(bank, date(2026, 6, 1))
    bank.door.today(date(2026, 6, 5))
    assert await refused(date(2026, 6, 3)) == "DEPOSIT_DAYS_MUST_BE_ACCRUED_IN_ORDER"
    again = await accrue(bank, date(2026, 6, 1))
    found = await bank.door.call(v1.GetDepositAccrualRequest(business_date=date_message(date(2026, 6, 1))))
    assert found.accrual == again
    listed = await bank.door.call(v1.ListDepositAccrualsRequest())
    assert list(listed.accruals) == [again]
    missing = await bank.door.refused(v1.GetDepositAccrualRequest(business_date=date_message(date(2026, 6, 2))))
    assert missing.reason == "DEPOSIT_ACCRUAL_NOT_FOUND"


async def test_an_account_without_a_plan_earns_nothing(bank: Bank) -> None:
    nostro = await bank.internal("nostro", "acc_nostro_cny")
    refused = await bank.door.refused(v1.GetDepositInterestRequest(account_id=nostro))
    assert refused.reason == "ACCOUNT_MUST_EARN_INTEREST"
