"""How the ledger rests: entries and legs that are only ever added, the head of the chain, one closing balance a day.

`ledger_balance` has a row for each code or account, currency and booking date that was ever posted on, holding the
balance at the end of that date. An entry adds to the row of its own date and, where it is back-dated, to every later
one; so the balance at any date is the last row on or before it, one look-up in the index. The head of each chain and
the latest balances stay in the writer's memory: thousands of callers who move one account wait for no row, and what
they change is written once for all who share a commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Table,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy import text as sql

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import GENERAL, Account, Side
from zhongtai.operations.book_day import store as book_day_store
from zhongtai.operations.book_day.domain import BookDates
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.ledger.domain import (
    Draft,
    Entry,
)
from zhongtai.operations.ledger.engine import Head, Place, Posting
from zhongtai.operations.ledger_entry import store as entry_store
from zhongtai.operations.ledger_entry.store import LEG
from zhongtai.operations.pending_entry.domain import PendingEntry
from zhongtai.operations.posting_rule.domain import LoanRole, PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.resident import ResidentRecords
from zhongtai.runtime.store import FEW, IN_MAX, day, instant, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = entry_store.metadata
BALANCE = Table(
    "ledger_balance",
    metadata,
    text("book", primary_key=True),
    text("owner", primary_key=True),
    text("currency", primary_key=True),
    day("booking_date", primary_key=True),
    integer("closing_minor"),
    sqlite_with_rowid=False,
)
HEAD = Table(
    "ledger_head",
    metadata,
    text("book", primary_key=True),
    integer("number"),
    text("hash"),
    day("latest_booking_date"),
    instant("latest_posted_at"),
)


@dataclass(frozen=True, slots=True)
class Closing:
    """The balance of a code or an account at the end of a booking date, in minor units, debits above zero."""

    book: str
    owner: str
    currency: str
    booking_date: str
    closing_minor: int


heads = ResidentRecords(HEAD, Head)
closings = ResidentRecords(BALANCE, Closing)
_LAST_CLOSING = (
    select(*closings.columns)
    .where(
        BALANCE.c.book == bindparam("of_book"),
        BALANCE.c.owner == bindparam("of_owner"),
        BALANCE.c.currency == bindparam("of_currency"),
    )
    .order_by(BALANCE.c.booking_date.desc())
    .limit(1)
)

# The same text on SQLite and PostgreSQL: a new day begins with the closing balance of the day before.
_MOVE_BALANCE = sql(
    """
    INSERT INTO ledger_balance (book, owner, currency, booking_date, closing_minor)
    SELECT CAST(:book AS TEXT), CAST(:owner AS TEXT), CAST(:currency AS TEXT), CAST(:booking_date AS TEXT),
        CAST(:moved AS BIGINT) + COALESCE(
            (SELECT before.closing_minor FROM ledger_balance AS before
             WHERE before.book = :book AND before.owner = :owner AND before.currency = :currency
                AND before.booking_date < :booking_date
             ORDER BY before.booking_date DESC LIMIT 1), 0)
    WHERE true
    ON CONFLICT (book, owner, currency, booking_date)
    DO UPDATE SET closing_minor = ledger_balance.closing_minor + CAST(:moved AS BIGINT)
    """
)
_MOVE_LATER = (
    BALANCE.update()
    .where(
        BALANCE.c.book == bindparam("of_book"),
        BALANCE.c.owner == bindparam("of_owner"),
        BALANCE.c.currency == bindparam("of_currency"),
        BALANCE.c.booking_date > bindparam("after"),
    )
    .values(closing_minor=BALANCE.c.closing_minor + bindparam("moved"))
)

_OF_BOOK: Any = bindparam("of_book")
_EARLIER = BALANCE.alias("earlier")
_LAST_DAY = (
    select(func.max(_EARLIER.c.booking_date))
    .where(
        _EARLIER.c.book == BALANCE.c.book,
        _EARLIER.c.owner == BALANCE.c.owner,
        _EARLIER.c.currency == BALANCE.c.currency,
        _EARLIER.c.booking_date <= bindparam("on"),
    )
    .scalar_subquery()
)
_CLOSING = select(BALANCE.c.owner, BALANCE.c.currency, BALANCE.c.closing_minor).where(
    BALANCE.c.booking_date == _LAST_DAY, BALANCE.c.book == _OF_BOOK
)
_LAST_CLOSINGS = select(*closings.columns).where(
    BALANCE.c.booking_date == _LAST_DAY, BALANCE.c.owner.in_(bindparam("owners", expanding=True))
)
_CLOSING_OF_OWNER = _CLOSING.where(BALANCE.c.owner == bindparam("owner")).order_by(BALANCE.c.currency)
_SUM_OF_LEGS = (
    select(
        LEG.c.account_code,
        LEG.c.amount_currency,
        func.sum(case((LEG.c.side == Side.DEBIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor)),
    )
    .where(LEG.c.book == _OF_BOOK, LEG.c.posted == 1)
    .group_by(LEG.c.account_code, LEG.c.amount_currency)
)


_CLOSING_OF_CODES = _CLOSING.where(BALANCE.c.owner.in_(bindparam("codes", expanding=True)))
ROLES = {role["role"]: reader(LoanRole)(role) for role in shipped(__package__, "loan_roles.json")}
RULES = {rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")}


class _Books:
    """The books as a unit of work finds them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.chart = chart_store.in_force(unit)

    def dates(self, book: str) -> BookDates:
        """What a book says about the dates of its entries."""
        return book_day_store.dates(self._unit, book)

    def head(self, book: str) -> Head:
        """The end of a book's chain."""
        return head(self._unit, book)

    def account(self, account_id: str) -> Account:
        """An account."""
        return account_store.accounts.load(self._unit, account_id)

    def pending(self, entry_id: str) -> PendingEntry:
        """A pending entry."""
        return entry_store.pending(self._unit, entry_id)

    def code_balance(self, book: str, account_code: str, currency: str) -> int:
        """The latest balance of a code."""
        found = _last_closing(self._unit, (book, account_code, currency))
        return found.closing_minor if found else 0


def try_out(unit: Unit, drafts: Sequence[Draft]) -> Posting:
    """What drafts would change, all of them or none; refuses what the books refuse. Nothing is written."""
    if len(drafts) > 1:
        moved = dict.fromkeys(leg.account_id for draft in drafts for leg in draft.legs if leg.account_id)
        account_store.accounts.load_all(unit, tuple(moved))
    posting = Posting(_Books(unit), unit.now, unit.business_date, unit.caller.subject)
    for draft in drafts:
        posting.post(draft)
    return posting


def post(unit: Unit, drafts: Sequence[Draft]) -> list[Entry]:
    """Posts drafts in this unit of work, all of them or none, and tells of each; refuses what the books refuse."""
    for draft in drafts:
        entry_store.must_be_new(unit, draft.entry_id)
        if draft.reverses:
            entry_store.must_not_be_reversed(unit, draft.reverses)
    posting = try_out(unit, drafts)
    for entry in posting.entries:
        entry_store.add(unit, entry)
    _save_accounts(unit, posting)
    _save_movements(unit, posting.movements)
    heads.save_all(unit, posting.heads.values())
    unit.record_all([entry.posted for entry in posting.entries])
    return posting.entries


def _save_accounts(unit: Unit, posting: Posting) -> None:
    """A balance is written as a closing balance; the account's own row changes with its holds only."""
    for account_id, account in posting.accounts.items():
        if posting.before[account_id].holds is account.holds:
            unit.remember(account_store.accounts, (account_id,), account)
        else:
            account_store.accounts.save(unit, account)


def head(view: View, book: str = GENERAL) -> Head:
    """The end of the chain of a book."""
    return heads.find(view, book) or Head(book)


def _last_closing(unit: Unit, place: tuple[str, str, str]) -> Closing | None:
    """The latest closing balance of a code or an account in a book and a currency, kept in memory."""
    known: Closing | None = unit.recall(closings, place)
    if known is None:
        book, owner, currency = place
        # As they rest: what waits to be written is in memory.
        found = unit.look_up(_LAST_CLOSING, {"of_book": book, "of_owner": owner, "of_currency": currency})
        if found:
            known = closings.value(found[0])
            unit.remember(closings, place, known)
    return known


def _recall_closings(unit: Unit, movements: Iterable[Place]) -> None:
    """Reads the latest closing balances of many owners into memory at once, where they are not there yet."""
    owners = list(
        {owner for book, owner, currency, _ in movements if not unit.recall(closings, (book, owner, currency))}
    )
    for start in range(0, len(owners), IN_MAX):
        asked = {"owners": owners[start : start + IN_MAX], "on": date.max.isoformat()}
        for closing in map(closings.value, unit.look_up(_LAST_CLOSINGS, asked)):
            key = closings.key(closing)[:3]
            if not unit.recall(closings, key):
                unit.remember(closings, key, closing)


def closings_of(view: View, owner: str, on: date, book: str = GENERAL) -> list[tuple[str, int]]:
    """The closing balance of a code or account at a date in each currency, debits above zero."""
    rows = view.rows(_CLOSING_OF_OWNER, {"of_book": book, "owner": owner, "on": on.isoformat()})
    return [(currency, closing) for _, currency, closing in rows]


def closings_of_codes(view: View, on: date, book: str = GENERAL) -> dict[tuple[str, str], int]:
    """The closing balance of every code and currency at a date, debits above zero."""
    codes = list(chart_store.in_force(view).accounts)
    rows = view.rows(_CLOSING_OF_CODES, {"of_book": book, "on": on.isoformat(), "codes": codes})
    return {(owner, currency): closing for owner, currency, closing in rows}


def sums_of_legs(view: View, book: str = GENERAL) -> dict[tuple[str, str], int]:
    """What all legs of every code and currency come to, debits above zero."""
    return {(code, currency): total for code, currency, total in view.rows(_SUM_OF_LEGS, {"of_book": book})}


def _save_movements(unit: Unit, movements: Mapping[Place, int]) -> None:
    """Adds what moved to the closing balances: on the latest date from memory, on an earlier one in the tables.

    The latest date comes first: an earlier one is then added to it, too.
    """
    if len(movements) > FEW:
        _recall_closings(unit, movements)
    for (book, owner, currency, booked), signed in sorted(movements.items(), key=_latest_first):
        place, on = (book, owner, currency), booked.isoformat()
        last = _last_closing(unit, place)
        if last is None:
            last = Closing(book, owner, currency, on, 0)
        elif on > last.booking_date:
            # What the day before closed with may itself still wait to be written under this place.
            closings.save(unit, last)
        elif on < last.booking_date:
            _move_back_dated(unit, place, on, signed)
            on = last.booking_date
        unit.settle(closings, place, Closing(book, owner, currency, on, last.closing_minor + signed))


def _latest_first(moved: tuple[Place, int]) -> int:
    return -moved[0][3].toordinal()


def _move_back_dated(unit: Unit, place: tuple[str, str, str], on: str, signed: int) -> None:
    """Adds to the closing balances of an earlier date and of those between it and the last."""
    book, owner, currency = place
    unit.execute(
        _MOVE_BALANCE, {"book": book, "owner": owner, "currency": currency, "booking_date": on, "moved": signed}
    )
    later = {"of_book": book, "of_owner": owner, "of_currency": currency, "after": on, "moved": signed}
    unit.execute(_MOVE_LATER, later)
