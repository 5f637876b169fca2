"""How reconciliations rest, and the set-based ways to the open lines and items; a member has one match by its own row.

Whoever takes members writes only rows that are still free and counts them: two at once cannot take the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Index, MetaData, Table, bindparam, func, literal, select, union_all

from zhongtai.operations.bank_statement.domain import BankStatementStatus
from zhongtai.operations.bank_statement.store import BANK_STATEMENT, STATEMENT_LINE
from zhongtai.operations.payment.store import PAYMENT
from zhongtai.operations.reconciliation.domain import (
    BreakState,
    ItemSide,
    LedgerItem,
    Match,
    MatchMemberMustBeFree,
    MatchNotFound,
    Reconciliation,
    ReconciliationBreak,
    ReconciliationNotFound,
)
from zhongtai.operations.reconciliation.engine import Columns
from zhongtai.runtime.store import Records, day, instant, integer, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
RECONCILIATION = Table(
    "reconciliation",
    metadata,
    text("account_id", primary_key=True),
    text("rule_set"),
    integer("break_after_days"),
    integer("last_number"),
    day("reconciled_on", nullable=True),
    integer("lines_open"),
    integer("items_open"),
)
ITEM = Table(
    "reconciliation_item",
    metadata,
    text("item_id", primary_key=True),
    text("account_id"),
    integer("number"),
    text("entry_id"),
    day("value_date"),
    *money("amount"),
    text("reference"),
    text("end_to_end_id"),
    text("match_id", index=True),
    integer("by_hand"),
    Index("ix_reconciliation_item_open", "account_id", "match_id"),
)
MATCH = Table(
    "reconciliation_match",
    metadata,
    text("match_id", primary_key=True),
    text("account_id"),
    text("rule"),
    integer("lines"),
    integer("items"),
    *money("amount"),
    *money("difference"),
    text("difference_code"),
    text("difference_status"),
    day("made_on"),
    instant("made_at"),
    text("made_by"),
    text("reason"),
    text("status"),
    text("decided_by"),
    text("entry_id", index=True),
    Index("ix_reconciliation_match_difference", "account_id", "difference_status"),
)
BREAK = Table(
    "reconciliation_break",
    metadata,
    text("break_id", primary_key=True),
    text("account_id"),
    text("side"),
    text("member_id"),
    *money("amount"),
    day("value_date"),
    text("proposal"),
    day("found_on"),
    text("state"),
    day("resolved_on", nullable=True),
    Index("ix_reconciliation_break_state", "account_id", "state"),
)
reconciliations = Records(RECONCILIATION, Reconciliation, missing=ReconciliationNotFound)
items = Records(ITEM, LedgerItem)
matches = Records(MATCH, Match, missing=MatchNotFound)
breaks = Records(BREAK, ReconciliationBreak)

_IN_MAX = 10_000
# The members of both sides by what they are called: the table, its key, and what else must be true of an open one.
_LANDED = STATEMENT_LINE.c.statement_id.in_(
    select(BANK_STATEMENT.c.statement_id).where(BANK_STATEMENT.c.status == BankStatementStatus.LANDED.value)
)
_RECEIVING = select(BANK_STATEMENT.c.statement_id).where(
    BANK_STATEMENT.c.account_id == bindparam("account_id"),
    BANK_STATEMENT.c.status == BankStatementStatus.RECEIVING.value,
)
_KEYS = {ItemSide.STATEMENT: STATEMENT_LINE.c.line_id, ItemSide.LEDGER: ITEM.c.item_id}
_OPEN_LINE = (STATEMENT_LINE.c.account_id == bindparam("account_id"), STATEMENT_LINE.c.match_id == "", _LANDED)
_OPEN_ITEM = (ITEM.c.account_id == bindparam("account_id"), ITEM.c.match_id == "")
_OPEN = {ItemSide.STATEMENT: _OPEN_LINE, ItemSide.LEDGER: _OPEN_ITEM}

_LINES = select(
    STATEMENT_LINE.c.line_id,
    STATEMENT_LINE.c.value_date,
    STATEMENT_LINE.c.amount_minor,
    STATEMENT_LINE.c.reference,
    STATEMENT_LINE.c.end_to_end_id,
    STATEMENT_LINE.c.by_hand,
    STATEMENT_LINE.c.remittance_information + literal(" ") + STATEMENT_LINE.c.bank_transaction_code,
).where(*_OPEN_LINE)
_ITEMS = select(
    ITEM.c.item_id,
    ITEM.c.value_date,
    ITEM.c.amount_minor,
    ITEM.c.reference,
    ITEM.c.end_to_end_id,
    ITEM.c.by_hand,
    literal(""),
).where(*_OPEN_ITEM)
_COUNTS = {side: select(func.count()).select_from(column.table).where(*_OPEN[side]) for side, column in _KEYS.items()}
_TAKE = {
    side: column.table.update()
    .where(column == bindparam("member_id"), column.table.c.match_id == "")
    .values(match_id=bindparam("new_match"))
    for side, column in _KEYS.items()
}
_FREE = {
    side: column.table.update().where(column.table.c.match_id == bindparam("old_match")).values(match_id="", by_hand=1)
    for side, column in _KEYS.items()
}
_OPEN_BREAKS = (BREAK.c.account_id == bindparam("account_id"), BREAK.c.state == BreakState.OPEN.value)
_GONE = union_all(
    select(BREAK.c.break_id)
    .join(STATEMENT_LINE, STATEMENT_LINE.c.line_id == BREAK.c.member_id)
    .where(*_OPEN_BREAKS, STATEMENT_LINE.c.match_id != ""),
    select(BREAK.c.break_id)
    .join(ITEM, ITEM.c.item_id == BREAK.c.member_id)
    .where(*_OPEN_BREAKS, ITEM.c.match_id != ""),
)
_KNOWN_BREAKS = select(BREAK.c.member_id).where(*_OPEN_BREAKS)


def open_columns(view: View, account_id: str, *, by_hand: bool) -> tuple[Columns, Columns]:
    """The open lines and items of an account; those that only people match are among them where `by_hand` says so."""
    both = []
    for statement in (_LINES, _ITEMS):
        rows = [row for row in view.rows(statement, {"account_id": account_id}) if by_hand or not row.by_hand]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * 7
        days = [date.fromisoformat(text).toordinal() for text in columns[1]]
        both.append(Columns(columns[0], days, columns[2], columns[3], columns[4], columns[6]))
    return both[0], both[1]


def open_counts(view: View, account_id: str) -> tuple[int, int]:
    """How many lines and items of an account are open."""
    lines, ledger = (int(view.rows(statement, {"account_id": account_id})[0][0]) for statement in _COUNTS.values())
    return lines, ledger


def open_among(view: View, account_id: str, side: ItemSide, member_ids: Sequence[str]) -> dict[str, int]:
    """Those of some members of an account that are open, with their amounts in minor units."""
    key = _KEYS[side]
    columns = key.table.c
    landing = {row[0] for row in view.rows(_RECEIVING, {"account_id": account_id})}
    brought_by = columns.statement_id if side is ItemSide.STATEMENT else literal("")
    found: dict[str, int] = {}
    for part in _parts(member_ids):
        # By the key alone: the index of what is open would lead through all that is.
        statement = select(key, columns.amount_minor, columns.account_id, columns.match_id, brought_by)
        for row in view.rows(statement.where(key.in_(part))):
            if row[2] == account_id and not row[3] and row[4] not in landing:
                found[row[0]] = int(row[1])
    return found


def must_be_open(view: View, account_id: str, side: ItemSide, member_ids: Sequence[str]) -> int:
    """What some members come to, in minor units; refuses where one is not open."""
    found = open_among(view, account_id, side, member_ids)
    for member_id in member_ids:
        if member_id not in found:
            raise MatchMemberMustBeFree(member_id=member_id)
    return sum(found.values())


def take(unit: Unit, side: ItemSide, members: Sequence[tuple[str, str]]) -> None:
    """Gives members (their ids) to matches (theirs); refuses where another has taken one meanwhile."""
    if not members:
        return
    touched = unit.execute(_TAKE[side], [{"member_id": member, "new_match": match} for member, match in members])
    if touched != len(members):
        raise MatchMemberMustBeFree(member_id=members[0][0])


def free(unit: Unit, match_id: str) -> None:
    """Opens the members of a match again, for people only."""
    for statement in _FREE.values():
        unit.execute(statement, {"old_match": match_id})


def end_to_end_ids(view: View, references: Iterable[str]) -> dict[str, str]:
    """The end-to-end ids of payments, by payment id, as far as these references are payments."""
    found: dict[str, str] = {}
    for part in _parts(sorted(set(references))):
        chosen = select(PAYMENT.c.payment_id, PAYMENT.c.end_to_end_id).where(PAYMENT.c.payment_id.in_(part))
        found |= {row[0]: row[1] for row in view.rows(chosen)}
    return found


def matches_of_entries(view: View, entry_ids: Iterable[str]) -> dict[str, str]:
    """The matches whose differences were posted as these entries, by entry."""
    found: dict[str, str] = {}
    for part in _parts(sorted(set(entry_ids))):
        chosen = select(MATCH.c.entry_id, MATCH.c.match_id).where(MATCH.c.entry_id.in_(part))
        found |= {row[0]: row[1] for row in view.rows(chosen)}
    return found


def resolved(view: View, account_id: str) -> list[ReconciliationBreak]:
    """The open breaks of an account whose members have found a match."""
    ids = [row[0] for row in view.rows(_GONE, {"account_id": account_id})]
    return [one for part in _parts(ids) for one in breaks.where(view, BREAK.c.break_id.in_(part))]


def known_breaks(view: View, account_id: str) -> frozenset[str]:
    """The members of an account that are open breaks already."""
    return frozenset(row[0] for row in view.rows(_KNOWN_BREAKS, {"account_id": account_id}))


def _parts(values: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while part := list(islice(rest, _IN_MAX)):
        yield part
