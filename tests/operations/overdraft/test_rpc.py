"""Overdrafts through the door."""

from datetime import date, timedelta
from typing import Any

from google.type.decimal_pb2 import Decimal

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import overdraft_pb2 as v1
from zhongtai.runtime.convert import date_message

FIRST = date(2026, 6, 1)
DAY = timedelta(days=1)
MILLION = 100_000_000


async def firm(bank: Bank, product: str = "corporate_demand_deposit") -> str:
    opened = await bank.door.call(
        account_pb2.OpenAccountRequest(
            request_id=bank.request_id(),
            customer_id="cus_firm",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product=product,
            currency_code="CNY",
        )
    )
    return str(opened.account_id)


def asked(bank: Bank, account_id: str, **other: Any) -> v1.AgreeOverdraftRequest:
    terms: dict[str, Any] = {
        "agreed": cny(2 * MILLION),
        "rate": Decimal(value="0.06"),
        "overdue_rate": Decimal(value="0.09"),
        "days_most": 30,
        "ends_on": date_message(date(2026, 12, 31)),
    }
    return v1.AgreeOverdraftRequest(request_id=bank.request_id(), account_id=account_id, **terms | other)


async def nights(bank: Bank, first: date, last: date) -> None:
    on = first
    while on <= last:
        bank.door.today(on + DAY)
        more = True
        while more:
            request = v1.AccrueOverdraftsRequest(request_id=bank.request_id(), business_date=date_message(on))
            more = (await bank.door.call(request)).more
        on += DAY


async def overdraft(bank: Bank, account_id: str) -> v1.Overdraft:
    found: v1.Overdraft = (await bank.door.call(v1.GetOverdraftRequest(account_id=account_id))).overdraft
    return found


async def test_an_account_is_overdrawn_as_far_as_agreed_and_pays_for_the_days(bank: Bank) -> None:
    bank.door.today(FIRST)
    account_id = await firm(bank)
    agreed = asked(bank, account_id)
    await bank.door.call(agreed)
    await bank.door.call(agreed)
    beyond = bank.entry((account_id, "DEBIT", 2 * MILLION + 1), ("1001", "CREDIT", 2 * MILLION + 1))
    assert (await bank.door.refused(beyond)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    await bank.post((account_id, "DEBIT", MILLION), ("1001", "CREDIT", MILLION))
    await nights(bank, FIRST, date(2026, 6, 19))
    # 1,000,000.00 × 6 % × 19 / 360 = 3,166.67
    assert (await overdraft(bank, account_id)).accrued.minor_units == 316_667
    assert (await bank.balance("1132"), await bank.balance("6011")) == (316_667, 316_667)
    await nights(bank, date(2026, 6, 20), date(2026, 6, 20))
    found = await overdraft(bank, account_id)
    assert (found.accrued.minor_units, found.due.minor_units, found.days_overdrawn) == (0, 0, 20)
    # What was charged on the 21st is overdrawn from then on: 1,003,333.33 × 6 % / 360 = 167.22.
    assert (await bank.balance(account_id), await bank.balance("1132")) == (-100_333_333, 0)
    await nights(bank, date(2026, 6, 21), date(2026, 6, 21))
    assert (await overdraft(bank, account_id)).accrued.minor_units == 16_722
    (charged,) = await bank.door.facts(v1.OverdraftInterestCharged)
    assert (charged.amount.minor_units, charged.through.day) == (333_333, 20)
    # A night done again changes nothing.
    bank.door.today(date(2026, 6, 22))
    again = v1.AccrueOverdraftsRequest(request_id=bank.request_id(), business_date=date_message(date(2026, 6, 21)))
    assert not (await bank.door.call(again)).accrued
    await bank.must_be_sound()


async def test_a_late_booking_takes_back_what_was_accrued_too_much(bank: Bank) -> None:
    bank.door.today(FIRST)
    account_id = await firm(bank)
    await bank.door.call(asked(bank, account_id))
    await bank.post((account_id, "DEBIT", MILLION), ("1001", "CREDIT", MILLION))
    await nights(bank, FIRST, FIRST + 2 * DAY)
    assert await bank.balance("1132") == 50_000
    await bank.post(("1001", "DEBIT", MILLION), (account_id, "CREDIT", MILLION), value_date=date_message(FIRST + DAY))
    await nights(bank, FIRST + 3 * DAY, FIRST + 3 * DAY)
    assert (await bank.balance("1132"), await bank.balance("6011")) == (16_667, 16_667)


async def test_who_is_overdrawn_too_long_is_lent_no_more_until_it_is_paid(bank: Bank) -> None:
    bank.door.today(FIRST)
    account_id = await firm(bank)
    await bank.door.call(asked(bank, account_id, days_most=3))
    await bank.post((account_id, "DEBIT", MILLION), ("1001", "CREDIT", MILLION))
    await nights(bank, FIRST, FIRST + 3 * DAY)
    found = await overdraft(bank, account_id)
    assert (found.status, found.days_overdrawn) == (v1.OVERDRAFT_STATUS_OVERDUE, 4)
    more = bank.entry((account_id, "DEBIT", 1), ("1001", "CREDIT", 1))
    assert (await bank.door.refused(more)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    await bank.post(("1001", "DEBIT", MILLION), (account_id, "CREDIT", MILLION))
    await nights(bank, FIRST + 4 * DAY, FIRST + 4 * DAY)
    assert (await overdraft(bank, account_id)).status == v1.OVERDRAFT_STATUS_STANDING
    await bank.post((account_id, "DEBIT", 1), ("1001", "CREDIT", 1))
    assert [moved.status for moved in await bank.door.facts(v1.OverdraftMoved)] == [
        v1.OVERDRAFT_STATUS_OVERDUE,
        v1.OVERDRAFT_STATUS_STANDING,
    ]
    listed = await bank.door.call(v1.ListOverdraftsRequest(status=v1.OVERDRAFT_STATUS_STANDING))
    assert [each.account_id for each in listed.overdrafts] == [account_id]


async def test_an_overdraft_that_is_ended_is_settled_once_the_last_interest_is_taken(bank: Bank) -> None:
    bank.door.today(FIRST)
    account_id = await firm(bank)
    await bank.door.call(asked(bank, account_id))
    await bank.post((account_id, "DEBIT", MILLION), ("1001", "CREDIT", MILLION))
    for _ in range(2):
        await bank.door.call(v1.EndOverdraftRequest(request_id=bank.request_id(), account_id=account_id))
    more = bank.entry((account_id, "DEBIT", 1), ("1001", "CREDIT", 1))
    assert (await bank.door.refused(more)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    await nights(bank, FIRST, FIRST)
    await bank.post(("1001", "DEBIT", MILLION), (account_id, "CREDIT", MILLION))
    await nights(bank, FIRST + DAY, FIRST + DAY)
    found = await overdraft(bank, account_id)
    assert (found.status, found.due.minor_units) == (v1.OVERDRAFT_STATUS_ENDED, 16_667)
    await bank.post(("1001", "DEBIT", 20_000), (account_id, "CREDIT", 20_000))
    await nights(bank, FIRST + 2 * DAY, FIRST + 2 * DAY)
    assert (await overdraft(bank, account_id)).status == v1.OVERDRAFT_STATUS_SETTLED
    assert (await bank.balance(account_id), await bank.balance("1132")) == (3_333, 0)
    await bank.must_be_sound()


async def test_what_is_not_offered_is_refused(bank: Bank) -> None:
    bank.door.today(FIRST)
    account_id = await firm(bank)
    person = await bank.deposit()
    nostro = await bank.internal("nostro", "acc_nostro_cny")

    async def reason(request: Any) -> str:
        return str((await bank.door.refused(request)).reason)

    assert await reason(asked(bank, person)) == "OVERDRAFT_MUST_BE_OFFERED"
    assert await reason(asked(bank, nostro)) == "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"
    assert await reason(asked(bank, account_id, agreed=cny(1, "USD"))) == "CURRENCY_MUST_MATCH"
    assert await reason(asked(bank, account_id, days_most=91)) == "OVERDRAFT_MUST_BE_IN_BOUNDS"
    assert await reason(v1.EndOverdraftRequest(request_id="e", account_id=account_id)) == "OVERDRAFT_NOT_FOUND"
    await bank.door.call(asked(bank, account_id))
    assert await reason(asked(bank, account_id, rate=Decimal(value="0.05"))) == "OVERDRAFT_RATES_MUST_STAY"
    today = v1.AccrueOverdraftsRequest(request_id="a", business_date=date_message(FIRST))
    assert await reason(today) == "OVERDRAFT_DAY_MUST_BE_OVER"
