"""How entries rest: a row each and one for each leg, which are only ever added.

What is posted waits to be written together with what other callers post: until then it is found by its note.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Executable, Index, MetaData, Table, bindparam, exists, select, tuple_

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Side
from zhongtai.operations.dimension.domain import Dimensions
from zhongtai.operations.ledger.domain import (
    Entry,
    EntryIdTaken,
    EntryKind,
    EntryMustNotBeReversed,
    EntryNotFound,
    EntryNumberNotFound,
    Leg,
)
from zhongtai.operations.pending_entry.domain import PendingEntry
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, day, instant, integer, money, text
from zhongtai.runtime.unit import Unit, View

PAGE = 1_000

metadata = MetaData()
ENTRY = Table(
    "ledger_entry",
    metadata,
    text("book", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("entry_id", unique=True),
    text("kind"),
    day("booking_date"),
    day("value_date"),
    text("reference", index=True),
    text("narrative"),
    text("reverses", nullable=True, unique=True),
    text("resolves", nullable=True, unique=True),
    instant("expires_at", nullable=True),
    instant("posted_at"),
    text("posted_by"),
    integer("form"),
    text("previous_hash"),
    text("hash"),
    sqlite_with_rowid=False,
)
LEG = Table(
    "ledger_leg",
    metadata,
    text("book", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    integer("position", primary_key=True, autoincrement=False),
    text("account_code"),
    text("account_id"),
    text("side"),
    *money("amount"),
    text("dimensions"),
    # Nought on the legs of entries that hold, or give back, and so move no balance.
    integer("posted"),
    Index("ix_ledger_leg_account_id", "account_id", "number"),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class EntryNumber:
    """An entry's number in its book, by which pages of entries are turned."""

    book: str
    number: int


entry_numbers = Records(ENTRY, EntryNumber)

_OF_BOOK: Any = bindparam("of_book")
_ENTRY_BY_ID = select(ENTRY).where(ENTRY.c.entry_id == bindparam("entry_id"))
_REVERSAL_OF = select(ENTRY).where(ENTRY.c.reverses == bindparam("entry_id"))
_RESOLUTION_OF = select(ENTRY).where(ENTRY.c.resolves == bindparam("entry_id"))
_ID_OF = select(ENTRY.c.entry_id).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number == bindparam("number"))
_LEGS_BETWEEN = (
    select(LEG)
    .where(LEG.c.book == _OF_BOOK, LEG.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(LEG.c.number, LEG.c.position)
)


def add(unit: Unit, entry: Entry) -> None:
    """Adds an entry and its legs, together with what other callers post."""
    unit.note(("entry", entry.entry_id), entry)
    if entry.reverses:
        unit.note(("reversal", entry.reverses), entry)
    if entry.resolves:
        unit.note(("resolution", entry.resolves), entry)
    unit.append(ENTRY, _entry_row(entry))
    moves = int(entry.kind.moves)
    for position, leg in enumerate(entry.legs):
        unit.append(LEG, _leg_row(entry, position, leg, moves))


def must_be_new(unit: Unit, entry_id: str) -> None:
    """Refuses the id of another entry; a stored one is found only when the id is to be stored again."""
    if unit.noted(("entry", entry_id)) or (unit.guarded and unit.look_up(_ENTRY_BY_ID, {"entry_id": entry_id})):
        raise EntryIdTaken(entry_id=entry_id)


def load(view: View, entry_id: str) -> Entry:
    """One entry; refuses where it is not there."""
    found = _noted_or_found(view, "entry", entry_id, _ENTRY_BY_ID)
    if found is None:
        raise EntryNotFound(entry_id=entry_id)
    return found


def reversal_of(view: View, entry_id: str) -> Entry | None:
    """The entry that reversed this one, if one did."""
    return _noted_or_found(view, "reversal", entry_id, _REVERSAL_OF)


def resolution_of(view: View, entry_id: str) -> Entry | None:
    """The entry that posted or voided this pending one, if one did."""
    return _noted_or_found(view, "resolution", entry_id, _RESOLUTION_OF)


def id_of(view: View, book: str, number: int) -> str:
    """The id of the entry with a number in a book; refuses where it is not there."""
    rows = view.rows(_ID_OF, {"of_book": book, "number": number})
    if not rows:
        raise EntryNumberNotFound(book=book, number=number)
    return str(rows[0][0])


def must_not_be_reversed(unit: Unit, entry_id: str) -> None:
    """Refuses where another entry reversed this one."""
    if reversal := reversal_of(unit, entry_id):
        raise EntryMustNotBeReversed(entry_id=entry_id, reversed_by=reversal.entry_id)


def about(account_code: str, account_id: str, reference: str) -> list[ColumnElement[bool]]:
    """The conditions on entries with a leg on a code or an account, or with a reference; empty texts ask nothing."""
    conditions: list[ColumnElement[bool]] = []
    if account_code:
        of_code = (LEG.c.book == ENTRY.c.book, LEG.c.number == ENTRY.c.number, LEG.c.account_code == account_code)
        conditions.append(exists().where(*of_code))
    if account_id:
        numbers = select(LEG.c.book, LEG.c.number).where(LEG.c.account_id == account_id)
        conditions.append(tuple_(ENTRY.c.book, ENTRY.c.number).in_(numbers))
    if reference:
        conditions.append(ENTRY.c.reference == reference)
    return conditions


def numbered(view: View, numbers: Sequence[EntryNumber]) -> list[Entry]:
    """The entries of these numbers, in their order."""
    chosen = tuple_(ENTRY.c.book, ENTRY.c.number).in_([(found.book, found.number) for found in numbers])
    entries = {(entry.book, entry.number): entry for entry in _found(view, view.rows(select(ENTRY).where(chosen)))}
    return [entries[found.book, found.number] for found in numbers]


def pending(unit: Unit, entry_id: str) -> PendingEntry:
    """A pending entry and what resolved it; refuses where it is not there."""
    resolution = resolution_of(unit, entry_id)
    return PendingEntry(load(unit, entry_id), resolution.entry_id if resolution else "")


def _noted_or_found(view: View, as_what: str, entry_id: str, statement: Executable) -> Entry | None:
    """An entry that waits to be written with this commit, or one that rests."""
    if isinstance(view, Unit) and (noted := view.noted((as_what, entry_id))) is not None:
        entry: Entry = noted
        return entry
    return next(iter(_found(view, view.rows(statement, {"entry_id": entry_id}))), None)


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "book": entry.book,
        "number": entry.number,
        "entry_id": entry.entry_id,
        "kind": entry.kind._value_,
        "booking_date": entry.booking_date.isoformat(),
        "value_date": entry.value_date.isoformat(),
        "reference": entry.reference,
        "narrative": entry.narrative,
        "reverses": entry.reverses,
        "resolves": entry.resolves,
        "expires_at": instant_text(entry.expires_at) if entry.expires_at else None,
        "posted_at": instant_text(entry.posted_at),
        "posted_by": entry.posted_by,
        "form": entry.form,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _leg_row(entry: Entry, position: int, leg: Leg, moves: int) -> dict[str, Any]:
    return {
        "book": entry.book,
        "number": entry.number,
        "position": position,
        "account_code": leg.account_code,
        "account_id": leg.account_id,
        "side": leg.side._value_,
        "amount_minor": leg.amount.minor_units,
        "amount_currency": leg.amount.currency,
        "dimensions": leg.dimensions.text if leg.dimensions else "",
        "posted": moves,
    }


def _found(view: View, rows: Sequence[Any]) -> list[Entry]:
    """The entries of rows, each with its legs, read with one more query for each book."""
    legs: dict[tuple[str, int], list[Any]] = {}
    for book in {row.book for row in rows}:
        numbers = [row.number for row in rows if row.book == book]
        first, last = min(numbers), max(numbers)
        if last - first < 2 * PAGE:
            found = view.rows(_LEGS_BETWEEN, {"of_book": book, "first": first, "last": last})
        else:
            chosen = (LEG.c.book == book, LEG.c.number.in_(numbers))
            found = view.rows(select(LEG).where(*chosen).order_by(LEG.c.number, LEG.c.position))
        legs |= {(book, number): part for number, part in _by_number(found).items()}
    return [_entry(row, legs[row.book, row.number]) for row in rows]


def _by_number(legs: Sequence[Any]) -> dict[int, list[Any]]:
    return {number: list(part) for number, part in groupby(legs, key=lambda row: row.number)}


def _leg(row: Any) -> Leg:
    dimensions = Dimensions.of(row.dimensions) if row.dimensions else None
    amount = Money(row.amount_currency, row.amount_minor)
    return Leg(row.account_code, row.account_id, Side(row.side), amount, dimensions)


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
        book=row.book,
        kind=EntryKind(row.kind),
        resolves=row.resolves,
        expires_at=datetime.fromisoformat(row.expires_at) if row.expires_at else None,
        form=row.form,
    )
