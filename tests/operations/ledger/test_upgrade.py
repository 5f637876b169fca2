"""A ledger that the first release wrote comes through the upgrade: its chain, its balances and its holds are kept."""

import json
from collections import defaultdict
from hashlib import sha256
from importlib import import_module
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from tests.operations.bank import Bank
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime import migrate
from zhongtai.runtime.engines import Engines
from zhongtai.testing.doors import opened

SAVINGS, NOSTRO = "acc_savings", "acc_nostro"
CODES = {SAVINGS: "2011", NOSTRO: "1003"}
# Booking date, reference, narrative, which entry it reverses, legs of (code or account, debits above zero).
ENTRIES: tuple[tuple[str, str, str, str | None, dict[str, int]], ...] = (
    ("2026-01-02", "till 1", "存款 “现金”", None, {"1001": 1_000, SAVINGS: -1_000}),
    ("2025-12-30", "fee", 'back\\slash "quoted"\ttab', None, {"1001": 50, "6011": -50}),
    ("2026-01-05", "pay_1", "", None, {SAVINGS: 300, NOSTRO: -300}),
    ("2026-01-05", "fee", "", "ent_2", {"1001": -50, "6011": 50}),
)
HOLD = {
    "hold_id": "hold_1",
    "amount": {"currency": "CNY", "minor_units": 200},
    "expires_at": "2026-03-01T00:00:00.000000+00:00",
    "reason": "court",
}


def first_release(connection: Connection) -> None:
    """Puts accounts and ledger back as the first revisions made them."""
    for table in ("account", "ledger_entry", "ledger_leg", "ledger_balance", "ledger_head"):
        connection.execute(text(f"DROP TABLE {table}"))
    if connection.dialect.name == "postgresql":
        for table in ("ledger_entry", "ledger_leg"):
            connection.execute(text(f"DROP FUNCTION {table}_append_only"))
    for noun in ("account", "ledger"):
        with Operations.context(MigrationContext.configure(connection)):
            import_module(f"zhongtai.operations.migrations.{noun}_0001").upgrade()
        connection.execute(
            text("UPDATE alembic_version SET version_num = :first WHERE version_num = :last"),
            {"first": f"{noun}_0001", "last": next(head for head in migrate.heads("operations") if of(head) == noun)},
        )


def of(revision: str) -> str:
    """The noun of a revision."""
    return revision.rpartition("_")[0]


def add(connection: Connection, table: str, **row: Any) -> None:
    """Adds a row."""
    names = ", ".join(row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{names.replace(', ', ', :')})"), row)


def write_entries(connection: Connection) -> list[str]:
    """Writes entries as the first release would have; answers the hashes of the chain."""
    hashes = ["0" * 64]
    for number, (booked, reference, narrative, reverses, legs) in enumerate(ENTRIES, 1):
        entry = {"number": number, "entry_id": f"ent_{number}", "booking_date": booked, "value_date": booked}
        told = {"reference": reference, "narrative": narrative, "reverses": reverses}
        posted = {"posted_at": f"2026-01-05T0{number}:00:00.000000+00:00", "posted_by": "teller"}
        lines = []
        for position, (owner, signed) in enumerate(legs.items()):
            code, account_id = (CODES[owner], owner) if owner in CODES else (owner, "")
            side = "DEBIT" if signed > 0 else "CREDIT"
            lines.append([code, account_id, side, "CNY", str(abs(signed))])
            amount = {"side": side, "amount_minor": abs(signed), "amount_currency": "CNY"}
            add(
                connection,
                "ledger_leg",
                number=number,
                position=position,
                account_code=code,
                account_id=account_id,
                **amount,
            )
        content = [str(part) if part is not None else "" for part in (entry | told | posted).values()]
        form = json.dumps(["zhongtai.ledger.1", *content, lines, hashes[-1]], ensure_ascii=False, separators=(",", ":"))
        hashes.append(sha256(form.encode()).hexdigest())
        add(connection, "ledger_entry", **entry, **told, **posted, previous_hash=hashes[-2], hash=hashes[-1])
    add(connection, "ledger_head", ledger="general", number=number, hash=hashes[-1], latest_booking_date="2026-01-05")
    return hashes[1:]


def write_balances(connection: Connection) -> None:
    """Writes the closing balance of each owner and date, and the accounts."""
    moves: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for booked, _, _, _, legs in ENTRIES:
        for owner, signed in legs.items():
            for each in {owner, CODES.get(owner, owner)}:
                moves[each][booked] += signed
    for owner, moved in moves.items():
        for booked in moved:
            closing = sum(signed for on, signed in moved.items() if on <= booked)
            row = {"owner": owner, "currency": "CNY", "booking_date": booked, "closing_minor": closing}
            add(connection, "ledger_balance", **row)
    shared = {"currency_code": "CNY", "status": "ACTIVE", "balance_currency": "CNY"}
    savings = {"account_id": SAVINGS, "customer_id": "cus_1", "account_class": "CUSTOMER", "product": "demand_deposit"}
    savings |= {"side": "CREDIT", "account_code": CODES[SAVINGS], "holds": json.dumps([HOLD])}
    add(connection, "account", **savings, overdraft=0, balance_minor=700, **shared)
    nostro = {
        "account_id": NOSTRO,
        "customer_id": "",
        "account_class": "INTERNAL",
        "product": "central_bank_settlement",
    }
    nostro |= {"side": "DEBIT", "account_code": CODES[NOSTRO], "holds": "[]"}
    add(connection, "account", **nostro, overdraft=1, balance_minor=-300, **shared)


async def test_a_process_that_upgrades_a_ledger_of_the_first_release_goes_on_with_its_chain(store_url: str) -> None:
    engine = Engines.open(store_url, "operations")
    with engine.begin() as connection:
        first_release(connection)
        hashes = write_entries(connection)
        write_balances(connection)
    assert migrate.upgrade(store_url, "operations")
    async with opened("operations", store_url) as door:
        bank = Bank(door)
        await bank.must_be_sound()
        kept = (await door.call(v1.ListEntriesRequest())).entries
        assert {entry.number: entry.hash for entry in kept} == dict(enumerate(hashes, 1))
        assert {(entry.book, entry.kind) for entry in kept} == {("general", v1.ENTRY_KIND_POSTED)}
        savings, nostro = await bank.account(SAVINGS), await bank.account(NOSTRO)
        assert [amount.minor_units for amount in (savings.balance, savings.held, savings.available)] == [700, 200, 500]
        assert nostro.balance.minor_units == -300
        assert [await bank.balance(code) for code in ("1001", "6011", "2011", "1003")] == [1_000, 0, 700, -300]

        over = await door.refused(bank.entry((SAVINGS, "DEBIT", 501), ("1001", "CREDIT", 501)))
        assert over.reason == "AVAILABLE_BALANCE_EXHAUSTED"
        posted = await bank.post((SAVINGS, "DEBIT", 500), (NOSTRO, "CREDIT", 500))
        assert (posted.number, posted.previous_hash) == (5, hashes[-1])
        reversal = await door.call(v1.ReverseEntryRequest(request_id="undo", entry_id="ent_3"))
        assert [leg.amount.minor_units for leg in reversal.reversal.legs] == [300, 300]
        again = await door.refused(v1.ReverseEntryRequest(request_id="again", entry_id="ent_4"))
        assert again.reason == "REVERSAL_MUST_NOT_BE_REVERSED"
        await door.call(account_pb2.ReleaseHoldRequest(request_id="release", account_id=SAVINGS, hold_id="hold_1"))
        assert (await bank.account(SAVINGS)).available.minor_units == 500
        await bank.must_be_sound()
    with engine.connect() as connection:
        forms = connection.execute(text("SELECT form FROM ledger_entry ORDER BY number")).scalars().all()
    assert forms == [1, 1, 1, 1, 2, 2]
