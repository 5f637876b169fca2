"""Balances of any date as of any moment, against the plain sum of what entries say."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.operations.bank import Bank
from zhongtai.operations.balance_history import domain
from zhongtai.operations.v1 import balance_history_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.runtime.convert import date_message, date_of, instant_message, instant_of

TODAY = date(2026, 5, 6)
BEGAN = datetime(2026, 5, 6, 1, tzinfo=UTC)
NEVER = datetime(2099, 1, 1, tzinfo=UTC)
KINDS = {v1.DATE_KIND_BOOKING: "booking_date", v1.DATE_KIND_VALUE: "value_date"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles so small that a short story fills some."""
    monkeypatch.setattr(domain, "TILE", 7)
    monkeypatch.setattr(domain, "PIECE", 5)


async def extended(bank: Bank, calls: int = 1_000) -> int:
    """How many calls summed what there is, at most so many."""
    for call in range(calls):
        if not (await bank.door.call(v1.ExtendBalanceHistoryRequest(request_id=bank.request_id()))).more:
            return call + 1
    return calls


async def story(bank: Bank, chance: random.Random, turns: int) -> list[str]:
    """Entries of every kind on several dates, a minute after each other or none, summed now and then."""
    bank.door.today(TODAY)
    bank.door.now(BEGAN)
    owners = [await bank.deposit(100_000) for _ in range(3)]
    dollars = await bank.deposit(100_000, currency="USD")
    for turn in range(turns):
        bank.door.now(BEGAN + timedelta(minutes=chance.choice([turn, turn + 1])))
        one, two = chance.sample([*owners, "1001", "6011"], 2)
        amount = chance.randint(1, 99)
        dates = {
            "booking_date": date_message(TODAY - timedelta(chance.randint(0, 4))),
            "value_date": date_message(TODAY + timedelta(chance.randint(-5, 3))),
        }
        entry = await bank.post((one, "DEBIT", amount), (two, "CREDIT", amount), **dates)
        if chance.random() < 0.2:
            await bank.door.call(ledger_pb2.ReverseEntryRequest(request_id=bank.request_id(), entry_id=entry.entry_id))
        if chance.random() < 0.2:
            await bank.post((owners[0], "DEBIT", 3), ("1001", "CREDIT", 3), kind="ENTRY_KIND_PENDING")
            await bank.post((dollars, "DEBIT", 2), ("1001", "CREDIT", 2), currency="USD")
        if chance.random() < 0.3:
            await extended(bank, chance.randint(1, 3))
    return [*owners, dollars, "1001", "6011"]


async def all_entries(bank: Bank) -> list[ledger_pb2.Entry]:
    """Every entry of the book that moves balances, by number."""
    found: list[ledger_pb2.Entry] = []
    request = ledger_pb2.ListEntriesRequest()
    while True:
        reply = await bank.door.call(request)
        found += reply.entries
        request.page.token = reply.page.next_token
        if not request.page.token:
            return [entry for entry in found if entry.kind in (0, ledger_pb2.ENTRY_KIND_POSTED)]


def summed(entries: list[ledger_pb2.Entry], owner: str, by: str, on: date, as_of: datetime) -> dict[str, int]:
    """What the legs of an owner come to by currency, debits above zero, one by one."""
    total: Counter[str] = Counter()
    moved = set()
    for entry in entries:
        if date_of(getattr(entry, by)) <= on and instant_of(entry.posted_at) <= as_of:
            for leg in entry.legs:
                if owner in (leg.account_id, leg.account_code):
                    moved.add(leg.amount.currency_code)
                    signed = 1 if leg.side == ledger_pb2.SIDE_DEBIT else -1
                    total[leg.amount.currency_code] += signed * leg.amount.minor_units
    return {currency: total[currency] for currency in moved}


async def asked(bank: Bank, owner: str, **question: Any) -> dict[str, int]:
    """The answer, debits above zero."""
    question["account_code" if owner.isdecimal() else "account_id"] = owner
    reply = await bank.door.call(v1.GetBalanceAsOfRequest(**question))
    sign = 1 if reply.side == ledger_pb2.SIDE_DEBIT else -1
    return {amount.currency_code: sign * amount.minor_units for amount in reply.balances}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_balance_is_the_sum_of_its_legs(bank: Bank, seed: int) -> None:
    chance = random.Random(seed)
    owners = await story(bank, chance, 25)
    entries = await all_entries(bank)
    for _ in range(60):
        owner, (kind, by) = chance.choice([*owners, "2011"]), chance.choice([*KINDS.items()])
        on = TODAY + timedelta(chance.randint(-6, 4))
        as_of = BEGAN + timedelta(minutes=chance.randint(-1, 27))
        found = await asked(bank, owner, by=kind, on=date_message(on), as_of=instant_message(as_of))
        assert found == summed(entries, owner, by, on, as_of)
        now = await asked(bank, owner, by=kind, on=date_message(on))
        assert now == summed(entries, owner, by, on, NEVER)


@pytest.mark.usefixtures("small")
async def test_trial_balances_balance_on_every_date_and_agree_with_the_ledgers(bank: Bank) -> None:
    await story(bank, random.Random(4), 20)
    for days in range(-5, 4):
        on = date_message(TODAY + timedelta(days))
        told = await bank.door.call(ledger_pb2.GetTrialBalanceRequest(on=on))
        found = await bank.door.call(v1.GetTrialBalanceAsOfRequest(on=on))
        assert (found.lines, found.totals, found.balanced) == (told.lines, told.totals, True)
        by_value = await bank.door.call(
            v1.GetTrialBalanceAsOfRequest(
                on=on, by=v1.DATE_KIND_VALUE, as_of=instant_message(BEGAN + timedelta(minutes=9))
            )
        )
        assert by_value.balanced
        assert by_value.through_number < found.through_number


async def test_what_was_back_dated_later_was_not_known_then(bank: Bank) -> None:
    bank.door.today(TODAY)
    bank.door.now(BEGAN)
    account_id = await bank.deposit(100)
    bank.door.now(BEGAN + timedelta(hours=1))
    late = date_message(TODAY - timedelta(1))
    await bank.post(("1001", "DEBIT", 7), (account_id, "CREDIT", 7), booking_date=late, value_date=late)
    for calls in (0, 1):
        await extended(bank, calls)
        assert await asked(bank, account_id, on=late) == {"CNY": -7}
        assert await asked(bank, account_id, on=late, as_of=instant_message(BEGAN)) == {}
        assert await asked(bank, account_id, as_of=instant_message(BEGAN)) == {"CNY": -100}


async def test_a_book_has_a_history_of_its_own(bank: Bank) -> None:
    await bank.post(("1001", "DEBIT", 5), ("6011", "CREDIT", 5), book="branch")
    await extended(bank)
    assert await asked(bank, "1001", book="branch") == {"CNY": 5}
    assert await asked(bank, "1001") == {}
    trial = await bank.door.call(v1.GetTrialBalanceAsOfRequest(book="branch"))
    assert (len(trial.lines), trial.balanced, trial.through_number) == (2, True, 1)


async def test_summing_again_changes_nothing(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    assert await extended(bank) == 1
    assert await extended(bank) == 1
    assert await asked(bank, account_id) == {"CNY": -100}


async def test_what_cannot_be_told_is_refused(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = bank.door.refused
    assert (await refused(v1.GetBalanceAsOfRequest(account_code="9999"))).reason == "ACCOUNT_CODE_NOT_FOUND"
    assert (await refused(v1.GetBalanceAsOfRequest(account_id="acc_x"))).reason == "ACCOUNT_NOT_FOUND"
    assert (await refused(v1.GetBalanceAsOfRequest())).reason == "REQUEST_INVALID"
    assert (await refused(v1.GetBalanceAsOfRequest(account_code="1001", by=7))).reason == "REQUEST_INVALID"  # type: ignore[arg-type]
    monkeypatch.setattr(domain, "TAIL_MAX", 0)
    await bank.deposit(100)
    late = await refused(v1.GetTrialBalanceAsOfRequest())
    assert (late.reason, late.metadata["entries"]) == ("BALANCE_HISTORY_MUST_BE_EXTENDED", "1")
    await extended(bank)
    assert (await bank.door.call(v1.GetTrialBalanceAsOfRequest())).balanced
