"""How the ledger rests: entries and legs that are only ever added, the head of the chain, one closing balance a day.

`ledger_balance` has a row for each code or account, currency and booking date that was ever posted on, holding the
balance at the end of that date. An entry adds to the row of its own date and, where it is back-dated, to every later
one; so the balance at any date is the last row on or before it, one look-up in the index.
"""

import json as json_text
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, case, exists, func, select
from sqlalchemy import text as sql

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Side
from zhongtai.operations.book_day import store as book_day_store
from zhongtai.operations.ledger.domain import (
    Chart,
    Draft,
    Entry,
    EntryNotFound,
    GeneralAccount,
    Leg,
    Sealed,
)
from zhongtai.operations.ledger.engine import Books, Head, Posting
from zhongtai.operations.posting_rule.domain import LoanRole, PostingRule
from zhongtai.runtime.plain import instant_text, reader
from zhongtai.runtime.store import Records, day, instant, integer, money, text
from zhongtai.runtime.unit import Unit, View

PAGE = 1_000

metadata = MetaData()
ENTRY = Table(
    "ledger_entry",
    metadata,
    integer("number", primary_key=True, autoincrement=False),
    text("entry_id", unique=True),
    day("booking_date"),
    day("value_date"),
    text("reference", index=True),
    text("narrative"),
    text("reverses", nullable=True, unique=True),
    instant("posted_at"),
    text("posted_by"),
    text("previous_hash"),
    text("hash"),
)
LEG = Table(
    "ledger_leg",
    metadata,
    integer("number", primary_key=True, autoincrement=False),
    integer("position", primary_key=True, autoincrement=False),
    text("account_code"),
    text("account_id"),
    text("side"),
    *money("amount"),
    Index("ix_ledger_leg_account_id", "account_id", "number"),
)
BALANCE = Table(
    "ledger_balance",
    metadata,
    text("owner", primary_key=True),
    text("currency", primary_key=True),
    day("booking_date", primary_key=True),
    integer("closing_minor"),
)
HEAD = Table(
    "ledger_head",
    metadata,
    text("ledger", primary_key=True),
    integer("number"),
    text("hash"),
    day("latest_booking_date"),
)


@dataclass(frozen=True, slots=True)
class EntryNumber:
    """An entry's number, by which pages of entries are turned."""

    number: int


entry_numbers = Records(ENTRY, EntryNumber)
BOOK = "general"

_READ_HEAD = select(HEAD.c.number, HEAD.c.hash, HEAD.c.latest_booking_date).where(HEAD.c.ledger == BOOK)
_ADD_HEAD = HEAD.insert()
_MOVE_HEAD = (
    HEAD.update()
    .where(HEAD.c.ledger == BOOK)
    .values(number=bindparam("new_number"), hash=bindparam("new_hash"), latest_booking_date=bindparam("new_latest"))
)
_ADD_ENTRY = ENTRY.insert()
_ADD_LEG = LEG.insert()

# The same text on SQLite and PostgreSQL: a new day begins with the closing balance of the day before.
_MOVE_BALANCE = sql(
    """
    INSERT INTO ledger_balance (owner, currency, booking_date, closing_minor)
    SELECT CAST(:owner AS TEXT), CAST(:currency AS TEXT), CAST(:booking_date AS TEXT),
        CAST(:moved AS BIGINT) + COALESCE(
            (SELECT before.closing_minor FROM ledger_balance AS before
             WHERE before.owner = :owner AND before.currency = :currency AND before.booking_date < :booking_date
             ORDER BY before.booking_date DESC LIMIT 1), 0)
    WHERE true
    ON CONFLICT (owner, currency, booking_date)
    DO UPDATE SET closing_minor = ledger_balance.closing_minor + CAST(:moved AS BIGINT)
    """
)
_MOVE_LATER = (
    BALANCE.update()
    .where(
        BALANCE.c.owner == bindparam("of_owner"),
        BALANCE.c.currency == bindparam("of_currency"),
        BALANCE.c.booking_date > bindparam("after"),
    )
    .values(closing_minor=BALANCE.c.closing_minor + bindparam("moved"))
)

_ENTRY_BY_ID = select(ENTRY).where(ENTRY.c.entry_id == bindparam("entry_id"))
_REVERSAL_OF = select(ENTRY).where(ENTRY.c.reverses == bindparam("entry_id"))
_ENTRIES_BETWEEN = (
    select(ENTRY).where(ENTRY.c.number.between(bindparam("first"), bindparam("last"))).order_by(ENTRY.c.number)
)
_LEGS_BETWEEN = (
    select(LEG)
    .where(LEG.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(LEG.c.number, LEG.c.position)
)
_HASH_AT = select(ENTRY.c.hash).where(ENTRY.c.number == bindparam("number"))

_EARLIER = BALANCE.alias("earlier")
_LAST_DAY = (
    select(func.max(_EARLIER.c.booking_date))
    .where(
        _EARLIER.c.owner == BALANCE.c.owner,
        _EARLIER.c.currency == BALANCE.c.currency,
        _EARLIER.c.booking_date <= bindparam("on"),
    )
    .scalar_subquery()
)
_CLOSING = select(BALANCE.c.owner, BALANCE.c.currency, BALANCE.c.closing_minor).where(
    BALANCE.c.booking_date == _LAST_DAY
)
_CLOSING_OF_OWNER = _CLOSING.where(BALANCE.c.owner == bindparam("owner")).order_by(BALANCE.c.currency)
_SUM_OF_LEGS = select(
    LEG.c.account_code,
    LEG.c.amount_currency,
    func.sum(case((LEG.c.side == Side.DEBIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor)),
).group_by(LEG.c.account_code, LEG.c.amount_currency)


def _shipped(name: str) -> Any:
    return json_text.loads((files(__package__) / name).read_text(encoding="utf-8"))


CHART = Chart({line["account_code"]: reader(GeneralAccount)(line) for line in _shipped("chart.json")})
_CLOSING_OF_CODES = _CLOSING.where(BALANCE.c.owner.in_(CHART.accounts))
ROLES = {role["role"]: reader(LoanRole)(role) for role in _shipped("loan_roles.json")}
RULES = {rule["on"]: reader(PostingRule)(rule) for rule in _shipped("posting_rules.json")}


def books(view: View, drafts: Sequence[Draft]) -> Books:
    """What posting these drafts needs to know; refuses where an account is not there."""
    moved = dict.fromkeys(leg.account_id for draft in drafts for leg in draft.legs if leg.account_id)
    return Books(CHART, head(view), account_store.load_all(view, tuple(moved)))


def post(unit: Unit, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
    """Posts drafts in this unit of work, all of them or none, and tells of each; refuses what the books refuse."""
    today, who = unit.business_date, unit.caller.subject
    dates = book_day_store.dates(unit, BOOK)
    drafts = [draft.on(dates.booking_date(draft.booking_date, today, who, draft.narrative)) for draft in drafts]
    posting = books(unit, drafts).post(drafts, unit.now, dates.present(today), who)
    save(unit, posting)
    unit.record_all([entry.posted() for entry in posting.entries])
    return posting.entries


def save(unit: Unit, posting: Posting) -> None:
    """Writes what a posting changes: one statement for each kind of row, however many entries there are."""
    unit.execute(_ADD_ENTRY, [_entry_row(entry) for entry in posting.entries])
    unit.execute(
        _ADD_LEG,
        [_leg_row(entry.number, position, leg) for entry in posting.entries for position, leg in enumerate(entry.legs)],
    )
    _save_movements(unit, posting)
    if posting.accounts:
        account_store.accounts.save_all(unit, posting.accounts)
    after = posting.head
    latest = after.latest_booking_date.isoformat()
    if posting.before.number:
        unit.execute(_MOVE_HEAD, {"new_number": after.number, "new_hash": after.hash, "new_latest": latest})
    else:
        unit.execute(
            _ADD_HEAD,
            {"ledger": BOOK, "number": after.number, "hash": after.hash, "latest_booking_date": latest},
        )


def head(view: View) -> Head:
    """The end of the chain."""
    rows = view.rows(_READ_HEAD)
    return Head(rows[0][0], rows[0][1], date.fromisoformat(rows[0][2])) if rows else Head()


def hash_before(view: View, number: int) -> str | None:
    """The hash that the entry of that number must carry; None where the entry before it is not there."""
    if number == 1:
        return Head().hash
    rows = view.rows(_HASH_AT, {"number": number - 1})
    return str(rows[0][0]) if rows else None


def load(view: View, entry_id: str) -> Entry:
    """One entry; refuses where it is not there."""
    found = _found(view, view.rows(_ENTRY_BY_ID, {"entry_id": entry_id}))
    if not found:
        raise EntryNotFound(entry_id=entry_id)
    return found[0]


def reversal_of(view: View, entry_id: str) -> Entry | None:
    """The entry that reversed this one, if one did."""
    return next(iter(_found(view, view.rows(_REVERSAL_OF, {"entry_id": entry_id}))), None)


def about(account_code: str, account_id: str, reference: str) -> list[ColumnElement[bool]]:
    """The conditions on entries with a leg on a code or an account, or with a reference; empty texts ask nothing."""
    conditions: list[ColumnElement[bool]] = []
    if account_code:
        conditions.append(exists().where(LEG.c.number == ENTRY.c.number, LEG.c.account_code == account_code))
    if account_id:
        conditions.append(ENTRY.c.number.in_(select(LEG.c.number).where(LEG.c.account_id == account_id)))
    if reference:
        conditions.append(ENTRY.c.reference == reference)
    return conditions


def numbered(view: View, numbers: Sequence[EntryNumber]) -> list[Entry]:
    """The entries of these numbers, in their order."""
    chosen = ENTRY.c.number.in_([found.number for found in numbers])
    entries = {entry.number: entry for entry in _found(view, view.rows(select(ENTRY).where(chosen)))}
    return [entries[found.number] for found in numbers]


def stream(view: View, first: int, most: int) -> Iterator[Sealed]:
    """At most so many entries from a number on, as they rest, read page by page; it ends at an empty page."""
    for start in range(first, first + most, PAGE):
        last = min(start + PAGE, first + most) - 1
        rows = view.rows(_ENTRIES_BETWEEN, {"first": start, "last": last})
        legs = _by_number(view.rows(_LEGS_BETWEEN, {"first": start, "last": last}))
        yield from (_sealed(row, legs.get(row.number, [])) for row in rows)
        if not rows:
            return


def closings_of(view: View, owner: str, on: date) -> list[tuple[str, int]]:
    """The closing balance of a code or account at a date in each currency, debits above zero."""
    rows = view.rows(_CLOSING_OF_OWNER, {"owner": owner, "on": on.isoformat()})
    return [(currency, closing) for _, currency, closing in rows]


def closings_of_codes(view: View, on: date) -> dict[tuple[str, str], int]:
    """The closing balance of every code and currency at a date, debits above zero."""
    return {
        (owner, currency): closing for owner, currency, closing in view.rows(_CLOSING_OF_CODES, {"on": on.isoformat()})
    }


def sums_of_legs(view: View) -> dict[tuple[str, str], int]:
    """What all legs of every code and currency come to, debits above zero."""
    return {(code, currency): total for code, currency, total in view.rows(_SUM_OF_LEGS)}


def _save_movements(unit: Unit, posting: Posting) -> None:
    # The latest date first: an earlier one then begins from a balance without the later ones, and is added to them.
    movements = sorted(posting.movements.items(), key=lambda movement: movement[0][2], reverse=True)
    unit.execute(
        _MOVE_BALANCE,
        [
            {"owner": owner, "currency": currency, "booking_date": booked.isoformat(), "moved": signed}
            for (owner, currency, booked), signed in movements
        ],
    )
    unit.execute(
        _MOVE_LATER,
        [
            {"of_owner": owner, "of_currency": currency, "after": booked.isoformat(), "moved": signed}
            for (owner, currency, booked), signed in movements
            if booked < posting.head.latest_booking_date
        ],
    )


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "entry_id": entry.entry_id,
        "booking_date": entry.booking_date.isoformat(),
        "value_date": entry.value_date.isoformat(),
        "reference": entry.reference,
        "narrative": entry.narrative,
        "reverses": entry.reverses,
        "posted_at": instant_text(entry.posted_at),
        "posted_by": entry.posted_by,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _leg_row(number: int, position: int, leg: Leg) -> dict[str, Any]:
    return {
        "number": number,
        "position": position,
        "account_code": leg.account_code,
        "account_id": leg.account_id,
        "side": str(leg.side),
        "amount_minor": leg.amount.minor_units,
        "amount_currency": leg.amount.currency,
    }


def _found(view: View, rows: Sequence[Any]) -> list[Entry]:
    """The entries of rows, each with its legs, read with one more query."""
    if not rows:
        return []
    numbers = [row.number for row in rows]
    first, last = min(numbers), max(numbers)
    if last - first < 2 * PAGE:
        found = view.rows(_LEGS_BETWEEN, {"first": first, "last": last})
    else:
        found = view.rows(select(LEG).where(LEG.c.number.in_(numbers)).order_by(LEG.c.number, LEG.c.position))
    legs = _by_number(found)
    return [_entry(row, legs[row.number]) for row in rows]


def _by_number(legs: Sequence[Any]) -> dict[int, list[Any]]:
    return {number: list(part) for number, part in groupby(legs, key=lambda row: row.number)}


def _sealed(row: Any, legs: Sequence[Any]) -> Sealed:
    return Sealed(
        str(row.number),
        str(row.entry_id),
        str(row.booking_date),
        str(row.value_date),
        str(row.reference),
        str(row.narrative),
        str(row.reverses or ""),
        str(row.posted_at),
        str(row.posted_by),
        tuple(
            (str(leg.account_code), str(leg.account_id), str(leg.side), str(leg.amount_currency), str(leg.amount_minor))
            for leg in legs
        ),
        str(row.previous_hash),
        str(row.hash),
    )


def _leg(row: Any) -> Leg:
    return Leg(row.account_code, row.account_id, Side(row.side), Money(row.amount_currency, row.amount_minor))


def _entry(row: Any, legs: Sequence[Any]) -> Entry:
    return Entry(
        entry_id=row.entry_id,
        number=row.number,
        booking_date=date.fromisoformat(row.booking_date),
        value_date=date.fromisoformat(row.value_date),
        reference=row.reference,
        narrative=row.narrative,
        legs=tuple(map(_leg, legs)),
        reverses=row.reverses,
        posted_at=datetime.fromisoformat(row.posted_at),
        posted_by=row.posted_by,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
