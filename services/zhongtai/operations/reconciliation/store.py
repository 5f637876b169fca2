"""How reconciliations rest, and the set-based ways to the open lines and items; a member has one match by its own row.

Whoever takes members writes only rows that are still free and counts them: two at once cannot take the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Index, MetaData, Table, Text, and_, bindparam, case, cast, func, literal, select, union_all

from zhongtai.operations.account.domain import Side
from zhongtai.operations.bank_statement.domain import BankStatementStatus
from zhongtai.operations.bank_statement.store import BANK_STATEMENT, STATEMENT_LINE
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
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
from zhongtai.operations.reconciliation.engine import Columns, Found
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
    text("match_id"),
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
_ADD_MATCH = MATCH.insert()
_LATER_LEGS = (
    select(LEG.c.number)
    .where(LEG.c.account_id == bindparam("account_id"), LEG.c.number > bindparam("after"), LEG.c.posted == 1)
    .order_by(LEG.c.number)
    .limit(bindparam("most"))
    .subquery()
)
_REACH = select(func.coalesce(func.max(_LATER_LEGS.c.number), 0), func.count()).select_from(_LATER_LEGS)
_SIGNED = case((LEG.c.side == bindparam("grows", type_=Text), LEG.c.amount_minor), else_=-LEG.c.amount_minor)
_PULL = ITEM.insert().from_select(
    [column.name for column in ITEM.columns],
    select(
        ENTRY.c.entry_id + literal("-") + cast(LEG.c.position, Text),
        LEG.c.account_id,
        LEG.c.number,
        ENTRY.c.entry_id,
        ENTRY.c.value_date,
        _SIGNED,
        LEG.c.amount_currency,
        ENTRY.c.reference,
        func.coalesce(PAYMENT.c.end_to_end_id, ""),
        # The entry of a difference that was agreed to is part of its match already.
        func.coalesce(MATCH.c.match_id, ""),
        literal(0),
    )
    .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
    .outerjoin(PAYMENT, PAYMENT.c.payment_id == ENTRY.c.reference)
    .outerjoin(MATCH, MATCH.c.entry_id == ENTRY.c.entry_id)
    .where(
        LEG.c.account_id == bindparam("of_account"),
        LEG.c.number > bindparam("behind"),
        LEG.c.number <= bindparam("last"),
        LEG.c.posted == 1,
    ),
)
# The members of both sides by what they are called: the table, its key, and what else must be true of an open one.
# Lines of a statement that is still landing are nobody's yet.
LANDED = STATEMENT_LINE.c.statement_id.in_(
    select(BANK_STATEMENT.c.statement_id).where(BANK_STATEMENT.c.status == BankStatementStatus.LANDED.value)
)
_RECEIVING = select(BANK_STATEMENT.c.statement_id).where(
    BANK_STATEMENT.c.account_id == bindparam("account_id"),
    BANK_STATEMENT.c.status == BankStatementStatus.RECEIVING.value,
)
_KEYS = {ItemSide.STATEMENT: STATEMENT_LINE.c.line_id, ItemSide.LEDGER: ITEM.c.item_id}
_OPEN_LINE = (STATEMENT_LINE.c.account_id == bindparam("account_id"), STATEMENT_LINE.c.match_id == "", LANDED)
_OPEN_ITEM = (ITEM.c.account_id == bindparam("account_id"), ITEM.c.match_id == "")
_OPEN = {ItemSide.STATEMENT: _OPEN_LINE, ItemSide.LEDGER: _OPEN_ITEM}

_LINES = select(
    STATEMENT_LINE.c.line_id,
    STATEMENT_LINE.c.value_date,
    STATEMENT_LINE.c.amount_minor,
    STATEMENT_LINE.c.reference,
    STATEMENT_LINE.c.end_to_end_id,
    STATEMENT_LINE.c.remittance_information + literal(" ") + STATEMENT_LINE.c.bank_transaction_code,
).where(*_OPEN_LINE, STATEMENT_LINE.c.by_hand <= bindparam("by_hand"))
_ITEMS = select(
    ITEM.c.item_id,
    ITEM.c.value_date,
    ITEM.c.amount_minor,
    ITEM.c.reference,
    ITEM.c.end_to_end_id,
    literal(""),
).where(*_OPEN_ITEM, ITEM.c.by_hand <= bindparam("by_hand"))
_COUNTS = {side: select(func.count()).select_from(column.table).where(*_OPEN[side]) for side, column in _KEYS.items()}
_TAKE = {
    side: column.table.update()
    .where(column == bindparam("member_id"), column.table.c.match_id == "")
    .values(match_id=bindparam("new_match"))
    for side, column in _KEYS.items()
}
_FREE = {
    side: column.table.update()
    .where(column.table.c.account_id == bindparam("of_account"), column.table.c.match_id == bindparam("old_match"))
    .values(match_id="", by_hand=1)
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
_NEXT_ACCOUNTS = (
    select(RECONCILIATION.c.account_id)
    .where(RECONCILIATION.c.account_id >= bindparam("from_account"))
    .order_by(RECONCILIATION.c.account_id)
    .limit(2)
)
_KNOWN_BREAKS = select(BREAK.c.member_id).where(*_OPEN_BREAKS)


def accounts_from(view: View, account_id: str) -> list[str]:
    """The account of that id, or else the next one that is reconciled, and the one behind it."""
    return [row[0] for row in view.rows(_NEXT_ACCOUNTS, {"from_account": account_id})]


def open_columns(view: View, account_id: str, *, by_hand: bool) -> tuple[Columns, Columns]:
    """The open lines and items of an account; those that only people match are among them where `by_hand` says so."""
    both = []
    for statement in (_LINES, _ITEMS):
        rows = view.rows(statement, {"account_id": account_id, "by_hand": int(by_hand)})
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * 6
        ordinals = {text: date.fromisoformat(text).toordinal() for text in set(columns[1])}
        both.append(Columns(columns[0], [ordinals[text] for text in columns[1]], *columns[2:]))
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


def take(unit: Unit, side: ItemSide, match_ids: Sequence[str], members: Sequence[Sequence[str]]) -> None:
    """Gives each match its members; refuses where another has taken one meanwhile."""
    taken = [
        {"member_id": member, "new_match": match_id}
        for match_id, of_match in zip(match_ids, members, strict=True)
        for member in of_match
    ]
    if taken and unit.execute(_TAKE[side], taken) != len(taken):
        raise MatchMemberMustBeFree(member_id=taken[0]["member_id"])


def free(unit: Unit, match: Match) -> None:
    """Opens the members of a match again, for people only."""
    for statement in _FREE.values():
        unit.execute(statement, {"of_account": match.account_id, "old_match": match.match_id})


def pull(unit: Unit, account_id: str, side: Side, after: int, most: int) -> tuple[int, bool]:
    """Makes items of about so many legs of an account behind an entry's number, in one statement.

    Answers the number of the last entry that was taken over, and whether there may be more. An account is of one book,
    so that the numbers of its entries order them; what only holds is left out.
    """
    reach = unit.rows(_REACH, {"account_id": account_id, "after": after, "most": most})
    last, legs = int(reach[0][0]), int(reach[0][1])
    if legs:
        unit.execute(_PULL, {"of_account": account_id, "behind": after, "last": last, "grows": side.value})
    return max(after, last), legs == most


def add_alike(unit: Unit, first: Match, made: Iterable[tuple[str, Found, int]]) -> None:
    """Adds matches without a difference, each by its id, what was found and what either side comes to.

    In all else they are as the first is. Row by row through `matches`, the hundred thousand of a statement would take
    half as long again to match.
    """
    row = matches.row(first)
    rows = [
        {
            **row,
            "match_id": match_id,
            "rule": found.rule.name,
            "lines": len(found.lines),
            "items": len(found.items),
            "amount_minor": minor_units,
        }
        for match_id, found, minor_units in made
    ]
    unit.execute(_ADD_MATCH, rows)


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
