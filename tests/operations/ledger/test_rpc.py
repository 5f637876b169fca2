"""The ledger through the door: posting, reversing, balances at any date, and a chain that shows whoever touches it."""

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.operations.bank import Bank, cny, drafted
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.convert import date_message

TODAY = date(2026, 1, 5)


async def test_an_entry_moves_accounts_and_is_told(bank: Bank) -> None:
    account_id = await bank.deposit(10_000)
    (told,) = await bank.door.facts(v1.EntryPosted)
    entry = (await bank.door.call(v1.GetEntryRequest(entry_id=told.entry_id))).entry
    assert (told.number, told.hash, told.booking_date) == (entry.number, entry.hash, date_message(TODAY))
    assert [(leg.account_code, leg.account_id, leg.side) for leg in told.legs] == [
        ("1001", "", v1.SIDE_DEBIT),
        ("2011", account_id, v1.SIDE_CREDIT),
    ]
    assert (await bank.account(account_id)).balance == cny(10_000)
    assert await bank.balance(account_id) == await bank.balance("2011") == await bank.balance("1001") == 10_000


async def test_what_may_not_be_posted_leaves_no_trace(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    before = await bank.door.envelopes()
    reasons = {
        "ENTRY_MUST_BALANCE": bank.entry(("1001", "DEBIT", 2), ("4001", "CREDIT", 1)),
        "ACCOUNT_CODE_NOT_FOUND": bank.entry(("8888", "DEBIT", 1), ("4001", "CREDIT", 1)),
        "ACCOUNT_CODE_MUST_TAKE_POSTINGS": bank.entry(("1001", "DEBIT", 1), ("2011", "CREDIT", 1)),
        "ACCOUNT_NOT_FOUND": bank.entry(("1001", "DEBIT", 1), ("acc_none", "CREDIT", 1)),
        "AVAILABLE_BALANCE_EXHAUSTED": bank.entry((account_id, "DEBIT", 101), ("1001", "CREDIT", 101)),
        "CURRENCY_MUST_MATCH": bank.entry((account_id, "CREDIT", 1), ("1001", "DEBIT", 1), currency="USD"),
        "BOOKING_DATE_MUST_NOT_BE_AHEAD": bank.entry(
            ("1001", "DEBIT", 1), ("4001", "CREDIT", 1), booking_date=date_message(TODAY + timedelta(days=1))
        ),
        "BOOKING_DATE_MUST_BE_IN_REACH": bank.entry(
            ("1001", "DEBIT", 1), ("4001", "CREDIT", 1), booking_date=date_message(TODAY - timedelta(days=401))
        ),
    }
    for reason, request in reasons.items():
        assert (await bank.door.refused(request)).reason == reason
    one_leg = await bank.door.refused(bank.entry(("1001", "DEBIT", 1)))
    assert one_leg.kind == "Invalid"
    assert await bank.door.envelopes() == before
    assert await bank.balance(account_id) == 100


async def test_a_batch_is_posted_whole_in_its_order_or_not_at_all(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    spend = drafted((account_id, "DEBIT", 60), ("1001", "CREDIT", 60))
    refused = await bank.door.refused(v1.PostEntriesRequest(request_id="b1", drafts=[spend, spend]))
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert await bank.balance(account_id) == 100
    fund = drafted(("1001", "DEBIT", 20), (account_id, "CREDIT", 20))
    posted = await bank.door.call(v1.PostEntriesRequest(request_id="b2", drafts=[spend, fund, spend]))
    assert (posted.first_number, posted.last_number, len(posted.entry_ids)) == (2, 4, 3)
    assert await bank.balance(account_id) == 0
    last = (await bank.door.call(v1.GetEntryRequest(entry_id=posted.entry_ids[-1]))).entry
    assert (last.number, last.hash) == (posted.last_number, posted.last_hash)
    await bank.must_be_sound()


async def test_an_entry_is_reversed_once_however_often_it_is_asked(bank: Bank) -> None:
    account_id = await bank.deposit(500)
    entry = await bank.post((account_id, "DEBIT", 200), ("1001", "CREDIT", 200))
    first = await bank.door.call(v1.ReverseEntryRequest(request_id="v1", entry_id=entry.entry_id))
    again = await bank.door.call(v1.ReverseEntryRequest(request_id="v2", entry_id=entry.entry_id))
    assert first.reversal_entry_id == again.reversal_entry_id
    assert first.reversal.reverses == entry.entry_id
    assert await bank.balance(account_id) == 500
    refused = await bank.door.refused(v1.ReverseEntryRequest(request_id="v3", entry_id=first.reversal_entry_id))
    assert refused.reason == "REVERSAL_MUST_NOT_BE_REVERSED"
    missing = await bank.door.refused(v1.ReverseEntryRequest(request_id="v4", entry_id="ent_none"))
    assert missing.reason == "ENTRY_NOT_FOUND"
    await bank.must_be_sound()


async def test_a_back_dated_entry_changes_the_balance_of_every_later_date(bank: Bank) -> None:
    for day, fen in ((1, 100), (3, 30), (2, 7)):
        bank.door.today(date(2026, 1, 5))
        await bank.post(("1001", "DEBIT", fen), ("4001", "CREDIT", fen), booking_date=date_message(date(2026, 1, day)))

    async def on(day: int) -> int:
        found = await bank.door.call(v1.GetBalanceRequest(account_code="1001", on=date_message(date(2026, 1, day))))
        return sum(amount.minor_units for amount in found.balances)

    assert [await on(day) for day in (1, 2, 3, 4)] == [100, 107, 137, 137]
    before = await bank.door.call(v1.GetBalanceRequest(account_code="1001", on=date_message(date(2025, 12, 31))))
    assert not before.balances


async def test_a_batch_over_several_dates_lands_on_each_of_them(bank: Bank) -> None:
    def dated(day: int, fen: int) -> v1.EntryDraft:
        booked = date_message(date(2026, 1, day))
        return drafted(("1001", "DEBIT", fen), ("4001", "CREDIT", fen), booking_date=booked)

    await bank.door.call(v1.PostEntriesRequest(request_id="b1", drafts=[dated(2, 1), dated(4, 10)]))
    await bank.door.call(
        v1.PostEntriesRequest(request_id="b2", drafts=[dated(3, 100), dated(1, 1_000), dated(4, 10_000), dated(2, 5)])
    )
    found = {}
    for day in range(1, 6):
        reply = await bank.door.call(v1.GetBalanceRequest(account_code="4001", on=date_message(date(2026, 1, day))))
        found[day] = reply.balances[0].minor_units
    assert found == {1: 1_000, 2: 1_006, 3: 1_106, 4: 11_116, 5: 11_116}


@pytest.mark.parametrize("seed", range(3))
async def test_under_any_order_every_balance_at_every_date_is_the_sum_of_its_legs(bank: Bank, seed: int) -> None:
    chance = random.Random(seed)
    bank.door.today(TODAY)
    deposits = [await bank.deposit(currency=currency) for currency in ("CNY", "CNY", "USD")]
    currencies = dict(zip(deposits, ("CNY", "CNY", "USD"), strict=True))
    sums: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    posted = []
    for number in range(60):
        account_id = chance.choice(deposits)
        currency = currencies[account_id]
        booked = TODAY - timedelta(days=chance.randrange(6))
        size, out = chance.randint(1, 50), chance.random() < 0.4
        sides = ("DEBIT", "CREDIT") if out else ("CREDIT", "DEBIT")
        request = bank.entry(
            (account_id, sides[0], size), ("1001", sides[1], size), currency=currency, booking_date=date_message(booked)
        )
        if out and size > await bank.balance(account_id):
            assert (await bank.door.refused(request)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
            continue
        entry = (await bank.door.call(request)).entry
        posted.append(entry)
        if number % 7 == 0:
            # The same request again is the same entry, not another one.
            assert (await bank.door.call(request)).entry == entry
        for leg in entry.legs:
            signed = leg.amount.minor_units if leg.side == v1.SIDE_DEBIT else -leg.amount.minor_units
            for owner in {leg.account_code, leg.account_id or leg.account_code}:
                sums[owner, currency][booked] += signed
    for (owner, currency), by_date in sums.items():
        name = "account_id" if owner.startswith("acc_") else "account_code"
        grows = 1 if owner == "1001" else -1
        for back in range(7):
            on = TODAY - timedelta(days=back)
            reply = await bank.door.call(v1.GetBalanceRequest(**{name: owner}, on=date_message(on)))
            kept = {amount.currency_code: amount.minor_units for amount in reply.balances}
            assert kept.get(currency, 0) == grows * sum(moved for booked, moved in by_date.items() if booked <= on)
    for back in range(7):
        trial = await bank.door.call(v1.GetTrialBalanceRequest(on=date_message(TODAY - timedelta(days=back))))
        assert trial.balanced
    assert [entry.number for entry in posted] == list(range(1, len(posted) + 1))
    await bank.must_be_sound()


async def test_the_trial_balance_names_every_code_with_a_balance(bank: Bank) -> None:
    await bank.deposit(100)
    await bank.post(("1001", "DEBIT", 7), ("4001", "CREDIT", 7), currency="USD")
    trial = await bank.door.call(v1.GetTrialBalanceRequest())
    lines = [(line.account_code, line.name_zh, line.debit.minor_units, line.credit.minor_units) for line in trial.lines]
    assert lines == [
        ("1001", "库存现金", 100, 0),
        ("1001", "库存现金", 7, 0),
        ("2011", "吸收存款", 0, 100),
        ("4001", "实收资本", 0, 7),
    ]
    assert [(total.debit, total.credit) for total in trial.totals] == [
        (cny(100), cny(100)),
        (cny(7, "USD"), cny(7, "USD")),
    ]


async def test_entries_are_found_by_account_code_reference_and_page(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    for number in range(4):
        await bank.post(("1001", "DEBIT", 1), ("4001", "CREDIT", 1), reference=f"loan_{number % 2}")

    async def numbers(**asked: Any) -> list[int]:
        found = await bank.door.call(v1.ListEntriesRequest(**asked))
        return [entry.number for entry in found.entries]

    assert await numbers() == [1, 2, 3, 4, 5]
    assert await numbers(account_id=account_id) == [1]
    assert await numbers(account_code="4001") == [2, 3, 4, 5]
    assert await numbers(reference="loan_1") == [3, 5]
    first = await bank.door.call(v1.ListEntriesRequest(page=PageRequest(size=3)))
    rest = await bank.door.call(v1.ListEntriesRequest(page=PageRequest(size=3, token=first.page.next_token)))
    assert [entry.number for entry in (*first.entries, *rest.entries)] == [1, 2, 3, 4, 5]
    last = await bank.door.call(v1.ListEntriesRequest(page=PageRequest(size=3, newest_first=True)))
    page = PageRequest(size=3, newest_first=True, token=last.page.next_token)
    before = await bank.door.call(v1.ListEntriesRequest(page=page))
    assert [entry.number for entry in (*last.entries, *before.entries)] == [5, 4, 3, 2, 1]
    assert not before.page.next_token
    refused = await bank.door.refused(v1.ListEntriesRequest(account_code="4001", reference="loan_1"))
    assert refused.kind == "Invalid"


async def test_the_chart_ships_with_its_codes(bank: Bank) -> None:
    chart = {line.account_code: line for line in (await bank.door.call(v1.GetChartRequest())).accounts}
    assert (chart["1303"].name_zh, chart["1303"].side) == ("贷款", v1.SIDE_DEBIT)
    assert chart["6011"].category == v1.ACCOUNT_CATEGORY_INCOME
    assert not chart["2011"].takes_postings


async def test_an_empty_ledger_is_sound(bank: Bank) -> None:
    await bank.must_be_sound()


async def test_a_long_chain_is_verified_in_parts(bank: Bank) -> None:
    draft = drafted(("1001", "DEBIT", 1), ("4001", "CREDIT", 1))
    await bank.door.call(v1.PostEntriesRequest(request_id="b", drafts=[draft] * 2_500))
    first = await bank.door.call(v1.VerifyLedgerRequest(maximum_entries=2_000))
    assert (first.intact, first.entries_read, first.next_number) == (True, 2_000, 2_001)
    rest = await bank.door.call(v1.VerifyLedgerRequest(from_number=first.next_number))
    assert (rest.intact, rest.entries_read, rest.next_number) == (True, 500, 0)


TAMPER = {
    "an amount": ("UPDATE ledger_leg SET amount_minor = 99 WHERE number = 3", "CONTENT_CHANGED", 3),
    "an amount that is no number": ("UPDATE ledger_leg SET amount_minor = 'x' WHERE number = 3", "CONTENT_CHANGED", 3),
    "a side": ("UPDATE ledger_leg SET side = 'LEFT' WHERE number = 2 AND position = 0", "CONTENT_CHANGED", 2),
    "a code": ("UPDATE ledger_leg SET account_code = '1303' WHERE number = 4 AND position = 0", "CONTENT_CHANGED", 4),
    "a leg": ("DELETE FROM ledger_leg WHERE number = 2 AND position = 1", "CONTENT_CHANGED", 2),
    "a date": ("UPDATE ledger_entry SET booking_date = '2020-01-01' WHERE number = 2", "CONTENT_CHANGED", 2),
    "who posted": ("UPDATE ledger_entry SET posted_by = 'nobody' WHERE number = 5", "CONTENT_CHANGED", 5),
    "a hash": ("UPDATE ledger_entry SET hash = 'ff' WHERE number = 2", "CONTENT_CHANGED", 2),
    "a link": ("UPDATE ledger_entry SET previous_hash = 'ff' WHERE number = 4", "LINK_BROKEN", 4),
    "an entry": ("DELETE FROM ledger_entry WHERE number = 3", "NUMBER_MISSING", 3),
    "the last entry": ("DELETE FROM ledger_entry WHERE number = 5", "NUMBER_MISSING", 5),
    "the head": ("UPDATE ledger_head SET hash = 'ff'", "LINK_BROKEN", 5),
    "a balance": ("UPDATE ledger_balance SET closing_minor = 0 WHERE owner = '1001'", "BALANCE_WRONG", 0),
}


def tamper(intruder: Connection, statement: str) -> None:
    """Goes round the triggers that keep entries as they are, as somebody with the database's password could."""
    if intruder.dialect.name == "postgresql":
        intruder.execute(text("SET LOCAL session_replication_role = replica"))
        intruder.execute(text(statement))
        intruder.commit()
        return
    for trigger in intruder.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        intruder.execute(text(f"DROP TRIGGER {trigger}"))
    intruder.execute(text(statement))
    intruder.commit()


@pytest.mark.parametrize("what", TAMPER)
async def test_whoever_touches_the_books_behind_our_back_is_found(bank: Bank, what: str) -> None:
    statement, fault, number = TAMPER[what]
    for _ in range(5):
        await bank.post(("1001", "DEBIT", 10), ("4001", "CREDIT", 10))
    await bank.must_be_sound()
    with bank.door.service.store.engine.connect() as intruder:
        if intruder.dialect.name == "postgresql" and "'x'" in statement:
            pytest.skip("PostgreSQL takes no text for a number")
        tamper(intruder, statement)
    found = await bank.door.call(v1.VerifyLedgerRequest())
    assert not found.intact
    assert (v1.LedgerFault.Name(found.fault), found.bad_number) == (f"LEDGER_FAULT_{fault}", number), found.detail


@pytest.mark.parametrize("change", ["UPDATE ledger_entry SET reference = 'x'", "DELETE FROM ledger_leg"])
async def test_the_database_itself_refuses_to_change_an_entry(bank: Bank, change: str) -> None:
    await bank.post(("1001", "DEBIT", 10), ("4001", "CREDIT", 10))
    with bank.door.service.store.engine.connect() as intruder, pytest.raises(DBAPIError, match="append-only"):
        intruder.execute(text(change))
