"""Whoever changes a book straight in the database is found, and where: a thousand random changes of every kind."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.operations.bank import Bank, drafted
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_seal import store
from zhongtai.operations.ledger_seal.verification import Verification, Verifying
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.operations.v1 import ledger_seal_pb2 as v1
from zhongtai.runtime.call import Call
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.transactions import Reading
from zhongtai.runtime.unit import View
from zhongtai.testing.doors import TESTER, opened

HOW_OFTEN = 1_000
TODAY = date(2026, 5, 6)
SIZES = (3, 255, 40, 60)


@dataclass
class Books:
    """A sealed book, open to an intruder whose changes are looked at and then taken back."""

    connection: Connection
    statements: Statements
    public_keys: dict[str, bytes]
    published: tuple[Any, ...] = ()

    @property
    def view(self) -> View:
        """The store as the intruder sees it."""
        return View(Reading(self.connection, self.statements), Call(TESTER), None, TODAY)  # type: ignore[arg-type]

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """What a statement answers."""
        return list(self.connection.execute(text(statement), parameters))

    def change(self, statement: str, **parameters: Any) -> None:
        """Changes what the triggers would not let anybody change."""
        self.connection.execute(text(statement), parameters)

    def verified(self, *, published: bool = True) -> Verification:
        """What verification finds."""
        found = [
            Verifying(self.view, book, self.public_keys).verify(
                published=[seal for seal in self.published if published and seal.book == book]
            )
            for book in store.books(self.view)
        ]
        return min(found, key=lambda one: (one.fault is None, one.book != "general"))

    @contextmanager
    def intruded(self) -> Iterator[None]:
        """Lets changes be made, and takes them back."""
        with self.connection.begin():
            if self.connection.dialect.name == "postgresql":
                self.change("SET LOCAL session_replication_role = replica")
            else:
                for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                    self.change(f"DROP TRIGGER {name}")
            yield
            self.connection.rollback()


@pytest.fixture
async def books(store_url: str) -> Any:
    """A book of some hundred entries on several dates, in two currencies, some reversed, under four seals."""
    chance = random.Random(6)
    async with opened("operations", store_url) as door:
        bank = Bank(door)
        door.today(TODAY)
        deposits = [await bank.deposit(1_000) for _ in range(4)]
        dollars = await bank.deposit(1_000, currency="USD")
        for size in SIZES:
            drafts = []
            for _ in range(size - 2):
                owner = chance.choice(["4001", *deposits])
                booked = date_message(date(2026, 5, chance.randint(1, 6)))
                amount = chance.randint(1, 999)
                narrative = chance.choice(["", "现金", 'a "quote", a \\ and\ta tab'])
                legs = (("1001", "DEBIT", amount), (owner, "CREDIT", amount))
                drafts.append(drafted(*legs, booking_date=booked, narrative=narrative))
            reply = await door.call(ledger_pb2.PostEntriesRequest(request_id=bank.request_id(), drafts=drafts))
            await door.call(
                ledger_pb2.ReverseEntryRequest(request_id=bank.request_id(), entry_id=chance.choice(reply.entry_ids))
            )
            await bank.post(("1001", "DEBIT", 5), (dollars, "CREDIT", 5), currency="USD")
            legs = (("1001", "DEBIT", 8), ("4001", "CREDIT", 8))
            held = await bank.post((deposits[0], "DEBIT", 8), ("4001", "CREDIT", 8), kind="ENTRY_KIND_PENDING")
            kind = chance.choice(["ENTRY_KIND_POST_PENDING", "ENTRY_KIND_VOID_PENDING"])
            await bank.post(kind=kind, resolves=held.entry_id)
            await bank.post(*legs, book="branch")
            await door.call(v1.SealLedgerRequest(request_id=bank.request_id()))
        await bank.post(("1001", "DEBIT", 9), ("4001", "CREDIT", 9))
        engine, keys = door.service.store.engine, door.service.signer.public_keys
        with engine.connect() as connection:
            found = Books(connection, Statements(engine.dialect), keys)
            found.published = tuple(store.behind(found.view, "general", 0))
            assert store.books(found.view) == ("branch", "general")
            connection.rollback()
            yield found


def test_an_untouched_book_is_intact_in_process(books: Books) -> None:
    with books.intruded():
        found = books.verified()
    assert found.fault is None
    assert (found.entries, found.seals) == (sum(SIZES) + 2 * len(SIZES) + 6, 4)


TABLES = {
    "ledger_entry": ["book", "number"],
    "ledger_leg": ["book", "number", "position"],
    "ledger_balance": ["book", "owner", "currency", "booking_date"],
    "ledger_head": ["book"],
    "ledger_seal": ["book", "seal_number"],
    "ledger_seal_node": ["book", "level", "position"],
}
Change = Callable[[Books, random.Random], Callable[[Verification], bool] | None]


def at(number: int) -> Callable[[Verification], bool]:
    """The first bad entry is that one."""
    return lambda found: found.fault is not None and found.fault.number == number


def under_seal(books: Books, seal_number: int) -> Callable[[Verification], bool]:
    """What is bad is the seal of that number, or an entry under it that no earlier one covers."""
    before = [seal.size for seal in books.published if seal.seal_number < seal_number]
    return at(max(before, default=0) + 1)


def named(*words: str) -> Callable[[Verification], bool]:
    """What is told has these words in it."""
    return lambda found: found.fault is not None and all(word in found.fault.detail for word in words)


def flip(books: Books, chance: random.Random) -> Callable[[Verification], bool] | None:
    """Changes one value of one row of any table."""
    table = chance.choice([*TABLES, "ledger_entry", "ledger_leg"])
    row = chance.choice(books.rows(f"SELECT * FROM {table} WHERE book = 'general'"))._mapping
    column = chance.choice([*row])
    old = row[column]
    new = other(old, chance, [found for (found,) in books.rows(f"SELECT {column} FROM {table}")])
    where = " AND ".join(f"{key} = :key_{key}" for key in TABLES[table])
    parameters = {f"key_{key}": row[key] for key in TABLES[table]}
    books.change(f"UPDATE {table} SET {column} = :new WHERE {where}", new=new, **parameters)
    if table == "ledger_leg" and column == "number" and 0 < new < row["number"]:
        return at(new)
    if table == "ledger_head":
        return lambda found: found.fault is not None
    if table in ("ledger_entry", "ledger_leg"):
        return at(row["number"])
    if table == "ledger_balance":
        return named(row["owner"], row["booking_date"])
    if table == "ledger_seal":
        return under_seal(books, row["seal_number"])
    return lambda found: found.fault is not None


def other(old: Any, chance: random.Random, seen: list[Any]) -> Any:
    """Another value of the same kind: one that stands in the column already, or one made up."""
    rest = [value for value in seen if value not in (old, None)]
    if rest and chance.random() < 0.5:
        return chance.choice(rest)
    if isinstance(old, int):
        return old + chance.choice([-1, 1, 7, 1_000_000])
    if not old:
        return chance.choice(["x", "ent_" + "0" * 26, ""] if old is None else ["x", " "])
    place = chance.randrange(len(old))
    return old[:place] + chance.choice([letter for letter in "0f Z\u4e00" if letter != old[place]]) + old[place + 1 :]


def delete(books: Books, chance: random.Random) -> Callable[[Verification], bool]:
    """Takes a row away."""
    table = chance.choice([*TABLES])
    row = chance.choice(books.rows(f"SELECT * FROM {table} WHERE book = 'general'"))._mapping
    where = " AND ".join(f"{key} = :{key}" for key in TABLES[table])
    books.change(f"DELETE FROM {table} WHERE {where}", **{key: row[key] for key in TABLES[table]})
    if table in ("ledger_entry", "ledger_leg"):
        return at(row["number"])
    if table == "ledger_balance":
        return named(row["owner"], row["booking_date"])
    if table == "ledger_seal":
        return under_seal(books, row["seal_number"])
    return lambda found: found.fault is not None


def insert(books: Books, chance: random.Random) -> Callable[[Verification], bool]:
    """Adds a row made of another one."""
    table = chance.choice([*TABLES])
    row = dict(chance.choice(books.rows(f"SELECT * FROM {table} WHERE book = 'general'"))._mapping)
    expected: Callable[[Verification], bool] = lambda found: found.fault is not None  # noqa: E731
    if table == "ledger_entry":
        last = books.rows("SELECT max(number) FROM ledger_entry WHERE book = 'general'")[0][0]
        row |= {"number": chance.choice([last + 1, 0]), "entry_id": "ent_forged", "reverses": None}
        expected = at(row["number"])
    elif table == "ledger_leg":
        row["position"] = chance.choice([-1, 2, 9])
        expected = at(row["number"])
    elif table == "ledger_balance":
        row["booking_date"] = chance.choice(["2026-04-30", "2026-05-07"])
        expected = named(row["owner"], row["booking_date"])
    elif table == "ledger_seal":
        row["seal_number"] = chance.choice([0, 5])
    else:
        row[TABLES[table][-1]] = 99 if table == "ledger_seal_node" else "other"
        if table == "ledger_head":
            row["book"] = "forged"
    names = ", ".join(row)
    books.change(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})", **row)
    return expected


def swap(books: Books, chance: random.Random) -> Callable[[Verification], bool]:
    """Gives two entries each other's place, with or without their legs."""
    numbers = [number for (number,) in books.rows("SELECT number FROM ledger_entry WHERE book = 'general'")]
    one, two = chance.sample(numbers, 2)
    for table in chance.choice([("ledger_entry",), ("ledger_leg",), ("ledger_entry", "ledger_leg")]):
        for old, new in ((one, -1), (two, one), (-1, two)):
            books.change(f"UPDATE {table} SET number = :new WHERE number = :old AND book = 'general'", old=old, new=new)
        same = (
            "SELECT account_code, account_id, side, amount_minor, amount_currency, posted FROM ledger_leg "
            "WHERE number = :n AND book = 'general'"
        )
        if table == "ledger_leg" and books.rows(same, n=one) == books.rows(same, n=two):
            return lambda found: True
    return at(min(one, two))


def truncate(books: Books, chance: random.Random) -> Callable[[Verification], bool]:
    """Cuts the end of the book off, and lets the head agree with what is left where seals still tell."""
    sealed = books.published[-1].size
    keep = chance.randrange(1, sealed)
    books.change("DELETE FROM ledger_leg WHERE number > :keep AND book = 'general'", keep=keep)
    books.change("DELETE FROM ledger_entry WHERE number > :keep AND book = 'general'", keep=keep)
    if chance.random() < 0.5:
        left = "FROM ledger_entry WHERE book = 'general'"
        books.change(
            f"UPDATE ledger_head SET number = :keep, hash = (SELECT hash {left} AND number = :keep), "
            f"latest_booking_date = (SELECT max(booking_date) {left}), "
            f"latest_posted_at = (SELECT max(posted_at) {left}) WHERE book = 'general'",
            keep=keep,
        )
    return at(keep + 1)


@pytest.mark.slow
def test_a_thousand_changes_are_found_and_located_in_process(books: Books) -> None:
    chance = random.Random(2026)
    kinds: list[Change] = [flip, flip, flip, delete, insert, swap, truncate]
    missed: list[str] = []
    made = 0
    for turn in count():
        if made == HOW_OFTEN:
            break
        kind = kinds[turn % len(kinds)]
        try:
            with books.intruded():
                expected = kind(books, chance)
                found = books.verified()
        except DBAPIError:
            continue  # The database itself does not take the change.
        made += 1
        if expected is not None and not expected(found):
            missed.append(f"{turn} {kind.__name__}: {found.fault} {found.bad_entry_id}")
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("back", [1, 2, 45, 200])
def test_whoever_makes_a_new_chain_from_an_entry_on_is_found_by_the_seals_in_process(books: Books, back: int) -> None:
    with books.intruded():
        last = books.published[-1].size
        first = last - back
        books.change("UPDATE ledger_entry SET narrative = 'forged' WHERE number = :n AND book = 'general'", n=first)
        forge(books, first)
        found = books.verified()
    assert found.fault
    assert found.fault.fault == "SEAL_BROKEN"
    broken = next(seal for seal in books.published if seal.size >= first)
    assert under_seal(books, broken.seal_number)(found)


def forge(books: Books, first: int) -> None:
    """Hashes the chain anew from an entry on, as an intruder would who knows how it is made."""
    of_number = "WHERE book = 'general' AND number = :number"
    ((previous,),) = books.rows(f"SELECT hash FROM ledger_entry {of_number}", number=first - 1)
    number = first
    while chain_store.page_of(books.view, "general", number, number).texts():
        books.change(f"UPDATE ledger_entry SET previous_hash = :hash {of_number}", hash=previous, number=number)
        (found,) = chain_store.page_of(books.view, "general", number, number).texts()
        previous = sha256(found).hexdigest()
        books.change(f"UPDATE ledger_entry SET hash = :hash {of_number}", hash=previous, number=number)
        number += 1
    books.change("UPDATE ledger_head SET hash = :hash WHERE book = 'general'", hash=previous)


def test_whoever_cuts_the_seals_too_is_found_by_those_that_were_published_in_process(books: Books) -> None:
    with books.intruded():
        books.change("DELETE FROM ledger_seal WHERE seal_number = 4 AND book = 'general'")
        assert books.verified(published=False).fault is None
        found = books.verified()
    assert found.fault
    assert under_seal(books, 4)(found)


def test_a_seal_by_another_key_is_no_seal_in_process(books: Books) -> None:
    with books.intruded():
        books.public_keys = {key_id: bytes(32) for key_id in books.public_keys}
        found = books.verified()
    assert found.fault
    assert "not signed by a key of the bank" in found.fault.detail
