"""How sums of legs rest: a row for each tile of entries, owner, currency, booking date and value date.

An owner is an account code or an account id. The rows of one owner lie together, so that an answer reads them in one
go: one or two for every 65,536 entries of the book in which the owner moved. What lies behind the tiles is read from
the legs, an account's by its index, a code's by the numbers of the entries.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Table, and_, bindparam, case, func, select
from sqlalchemy import text as sql

from zhongtai.operations.account.domain import Side
from zhongtai.operations.balance_history import domain
from zhongtai.operations.balance_history.domain import Cut, DateKind, Extent, cut, number_as_of
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
SUM = Table(
    "balance_history_sum",
    metadata,
    text("book", primary_key=True),
    text("owner", primary_key=True),
    text("currency", primary_key=True),
    integer("tile", primary_key=True, autoincrement=False),
    day("booking_date", primary_key=True),
    day("value_date", primary_key=True),
    integer("moved_minor"),
    sqlite_with_rowid=False,
)
EXTENT = Table("balance_history_extent", metadata, text("book", primary_key=True), integer("number"))
extents = Records(EXTENT, Extent)

_LEGS = """
    SELECT {owner} AS owner, leg.amount_currency AS currency, (leg.number - 1) / CAST(:tile AS BIGINT) AS tile,
        entry.booking_date, entry.value_date,
        CASE leg.side WHEN 'DEBIT' THEN leg.amount_minor ELSE -leg.amount_minor END AS moved
    FROM ledger_leg AS leg JOIN ledger_entry AS entry ON entry.book = leg.book AND entry.number = leg.number
    WHERE leg.book = :book AND leg.number BETWEEN :first AND :last AND leg.posted = 1 AND {owner} <> ''
"""
# The same text on SQLite and PostgreSQL; "WHERE true" tells SQLite that the ON behind it is no join's.
_EXTEND = sql(
    f"""
    INSERT INTO balance_history_sum (book, owner, currency, tile, booking_date, value_date, moved_minor)
    SELECT CAST(:book AS TEXT), owner, currency, tile, booking_date, value_date, CAST(SUM(moved) AS BIGINT)
    FROM ({_LEGS.format(owner="leg.account_code")} UNION ALL
        {_LEGS.format(owner="leg.account_id")}) AS moved_legs
    WHERE true
    GROUP BY owner, currency, tile, booking_date, value_date
    ON CONFLICT (book, owner, currency, tile, booking_date, value_date)
    DO UPDATE SET moved_minor = balance_history_sum.moved_minor + excluded.moved_minor
    """
)

_OF_BOOK: Any = bindparam("of_book")
_ON: Any = bindparam("on")
_SIGNED = case((LEG.c.side == Side.DEBIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor)
_LAST = select(func.coalesce(func.max(ENTRY.c.number), 0)).where(ENTRY.c.book == _OF_BOOK)
_POSTED_AT = select(ENTRY.c.posted_at).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number == bindparam("number"))
_NEXT_BOOK = select(func.min(ENTRY.c.book)).where(ENTRY.c.book > bindparam("after_book"))
_DATES = {
    DateKind.BOOKING: (SUM.c.booking_date, ENTRY.c.booking_date),
    DateKind.VALUE: (SUM.c.value_date, ENTRY.c.value_date),
}


def _tiles(kind: DateKind, owners: ColumnElement[bool]) -> Any:
    """What the tiles before one come to by owner and currency, of entries on or before a date."""
    return (
        select(SUM.c.owner, SUM.c.currency, func.sum(SUM.c.moved_minor))
        .where(SUM.c.book == _OF_BOOK, owners, SUM.c.tile < bindparam("tiles"), _DATES[kind][0] <= _ON)
        .group_by(SUM.c.owner, SUM.c.currency)
    )


def _tail(kind: DateKind, owner: ColumnElement[str], owners: ColumnElement[bool]) -> Any:
    """What the legs behind the tiles come to by owner and currency, of entries on or before a date."""
    return (
        select(owner, LEG.c.amount_currency, func.sum(_SIGNED))
        .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
        .where(
            LEG.c.book == _OF_BOOK,
            LEG.c.number > bindparam("after"),
            LEG.c.number <= bindparam("through"),
            LEG.c.posted == 1,
            owners,
            _DATES[kind][1] <= _ON,
        )
        .group_by(owner, LEG.c.amount_currency)
    )


_OWNER: Any = bindparam("of_owner")
_CODES: Any = bindparam("codes", expanding=True)
_OF_ACCOUNT = {
    kind: (_tiles(kind, SUM.c.owner == _OWNER), _tail(kind, LEG.c.account_id, LEG.c.account_id == _OWNER))
    for kind in DateKind
}
_OF_CODES = {
    kind: (_tiles(kind, SUM.c.owner.in_(_CODES)), _tail(kind, LEG.c.account_code, LEG.c.account_code.in_(_CODES)))
    for kind in DateKind
}


def extend(unit: Unit, book: str) -> bool:
    """Adds the next piece of a book to its tiles; answers whether there is more."""
    extent = extents.find(unit, book)
    last = last_number(unit, book)
    first, behind = (extent or Extent(book)).piece(last)
    if first > behind:
        return False
    unit.execute(_EXTEND, {"book": book, "first": first, "last": behind, "tile": domain.TILE})
    (extents.save if extent else extents.add)(unit, Extent(book, behind))
    return behind < last


def books(view: View) -> list[str]:
    """The books that have entries, one look-up in the index for each."""
    found: list[str] = []
    while (book := view.rows(_NEXT_BOOK, {"after_book": found[-1] if found else ""})[0][0]) is not None:
        found.append(book)
    return found


def last_number(view: View, book: str) -> int:
    """The number of the last entry of a book; 0 where it has none."""
    return int(view.rows(_LAST, {"of_book": book})[0][0])


def last_number_as_of(view: View, book: str, moment: datetime) -> int:
    """The number of the last entry of a book that was posted at a moment or before; 0 where none was."""

    def posted_at(number: int) -> str:
        return str(view.rows(_POSTED_AT, {"of_book": book, "number": number})[0][0])

    return number_as_of(last_number(view, book), posted_at, instant_text(moment))


def cut_as_of(view: View, book: str, moment: datetime | None) -> Cut:
    """Where a book is cut as of a moment; not given, as of now. Refuses `BalanceHistoryMustBeExtended`."""
    through = last_number(view, book) if moment is None else last_number_as_of(view, book, moment)
    return cut(extents.find(view, book) or Extent(book), through)


def balances_of_account(
    view: View, at: Cut, account_id: str, kind: DateKind, on: date
) -> Mapping[tuple[str, str], int]:
    """The balance of an account by its id and currency, debits above zero."""
    return _added(view, at, _OF_ACCOUNT[kind], on, {"of_owner": account_id})


def balances_of_codes(
    view: View, at: Cut, codes: Sequence[str], kind: DateKind, on: date
) -> Mapping[tuple[str, str], int]:
    """The balance of each of these codes that was moved, by code and currency, debits above zero."""
    return _added(view, at, _OF_CODES[kind], on, {"codes": list(codes)})


def _added(
    view: View, at: Cut, statements: tuple[Any, Any], on: date, owners: Mapping[str, Any]
) -> dict[tuple[str, str], int]:
    tiles, tail = statements
    asked = {"of_book": at.book, "on": on.isoformat(), **owners}
    rows = [
        *view.rows(tiles, {**asked, "tiles": at.tiles}),
        *view.rows(tail, {**asked, "after": at.after, "through": at.through}),
    ]
    found: dict[tuple[str, str], int] = {}
    for owner, currency, moved in rows:
        found[owner, currency] = found.get((owner, currency), 0) + int(moved)
    return found
