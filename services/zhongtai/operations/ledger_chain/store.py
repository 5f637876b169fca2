"""The entries as the texts their hashes cover, written by the database: in Python it would take twice as long.

Both engines write a JSON array of texts as RFC 8785 does: no spaces, and nothing escaped that need not be.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from zhongtai.operations.account.domain import GENERAL
from zhongtai.operations.ledger.domain import GENESIS, EntryKind, EntryNotFound, LedgerFault
from zhongtai.operations.ledger.store import BALANCE, HEAD
from zhongtai.operations.ledger_chain.engine import Chain, End, EntryTexts, Extent, Fault, Place
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.runtime.unit import View

# So many entries are asked for at once: enough that asking costs nothing, few enough to hold.
PAGE = 2_048


class _TextArray(FunctionElement[str]):
    """A JSON array of texts."""

    type = Text()
    inherit_cache = True


class _Joined(FunctionElement[str]):
    """Texts of several rows as one, by commas."""

    type = Text()
    inherit_cache = True


class _Octets(FunctionElement[bytes]):
    """The UTF-8 bytes of a text, which are bytes whatever stands in the column."""

    inherit_cache = True


@compiles(_TextArray, "sqlite")
def _text_array_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(_TextArray, "postgresql")
def _text_array_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(array_to_json(ARRAY[{compiler.process(element.clauses, **options)}]) AS TEXT)"


@compiles(_Joined, "sqlite")
def _joined_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


@compiles(_Joined, "postgresql")
def _joined_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ',')"


@compiles(_Octets, "sqlite")
def _octets_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(_Octets, "postgresql")
def _octets_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"convert_to({compiler.process(element.clauses, **options)}, 'UTF8')"


_NOTHING = literal_column("''", Text)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """What stands in a column as a text, whatever it is."""
    return cast(column, Text)


def _octets(column: ColumnElement[Any]) -> ColumnElement[bytes]:
    return _Octets(func.coalesce(_text(column), _NOTHING))


def _where_there(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The text of a column that may be empty, "" where it is; a text "" in it, which nobody wrote, is no text."""
    return case((column.is_(None), _NOTHING), else_=func.nullif(_text(column), _NOTHING))


def _array(form: int, *columns: ColumnElement[Any]) -> ColumnElement[str]:
    return _TextArray(literal_column(f"'zhongtai.ledger.{form}'", Text), *columns)


# Whether an entry of its kind moves balances, which each of its legs says again.
_MOVES = case((ENTRY.c.kind.in_([kind.value for kind in EntryKind if kind.moves]), 1), else_=0)
_SAID = [LEG.c.account_code, LEG.c.account_id, LEG.c.side, LEG.c.amount_currency, LEG.c.amount_minor]
_LINE = (
    select(
        LEG.c.position,
        # A leg that says otherwise, or has what its form has not, is no leg.
        case(
            (LEG.c.posted != _MOVES, null()),
            (ENTRY.c.form == 2, _TextArray(*map(_text, [*_SAID, LEG.c.dimensions]))),
            (LEG.c.dimensions == _NOTHING, _TextArray(*map(_text, _SAID))),
        ).label("line"),
    )
    .where(LEG.c.book == ENTRY.c.book, LEG.c.number == ENTRY.c.number)
    .order_by(LEG.c.position)
    .correlate(ENTRY)
    .subquery()
)
# Legs are numbered from 0; where they are not, they are no legs.
_IN_PLACE = (func.min(_LINE.c.position) == 0) & (func.max(_LINE.c.position) == func.count() - 1)
_LINES = select(case((_IN_PLACE, _Joined(_LINE.c.line)))).scalar_subquery()
_WRITTEN = [ENTRY.c.booking_date, ENTRY.c.value_date, ENTRY.c.reference, ENTRY.c.narrative]
_FIRST_FORM = (
    (ENTRY.c.form == 1)
    & (ENTRY.c.book == literal_column(f"'{GENERAL}'", Text))
    & (ENTRY.c.kind == EntryKind.POSTED.value)
)
_HEAD = case(
    (
        ENTRY.c.form == 2,
        _array(
            2,
            *map(_text, [ENTRY.c.book, ENTRY.c.number, ENTRY.c.entry_id, ENTRY.c.kind, *_WRITTEN]),
            *map(_where_there, [ENTRY.c.reverses, ENTRY.c.resolves, ENTRY.c.expires_at]),
            *map(_text, [ENTRY.c.posted_at, ENTRY.c.posted_by]),
        ),
    ),
    (
        _FIRST_FORM & ENTRY.c.resolves.is_(None) & ENTRY.c.expires_at.is_(None),
        _array(
            1,
            *map(_text, [ENTRY.c.number, ENTRY.c.entry_id, *_WRITTEN]),
            _where_there(ENTRY.c.reverses),
            *map(_text, [ENTRY.c.posted_at, ENTRY.c.posted_by]),
        ),
    ),
)
_OF_BOOK: Any = bindparam("of_book")
_TEXTS = (
    select(
        ENTRY.c.number,
        ENTRY.c.form,
        _MOVES.label("moves"),
        _octets(ENTRY.c.booking_date).label("booking_date"),
        _octets(_HEAD).label("head"),
        _octets(_LINES).label("lines"),
        _octets(ENTRY.c.previous_hash).label("previous_hash"),
        _octets(ENTRY.c.hash).label("hash"),
    )
    .where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(ENTRY.c.number)
)
_HASHES = (
    select(ENTRY.c.hash)
    .where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(ENTRY.c.number)
)
_ENTRY_AT = select(ENTRY.c.entry_id, ENTRY.c.hash).where(
    ENTRY.c.book == _OF_BOOK, ENTRY.c.number == bindparam("number")
)
_PLACE_OF = select(ENTRY.c.book, ENTRY.c.number).where(ENTRY.c.entry_id == bindparam("entry_id"))
_EXTENT = select(
    func.count(),
    func.coalesce(func.max(ENTRY.c.number), 0),
    func.coalesce(func.max(ENTRY.c.booking_date), ""),
    func.coalesce(func.max(ENTRY.c.posted_at), ""),
).where(ENTRY.c.book == _OF_BOOK)
_LEGS = select(func.count()).select_from(LEG).where(LEG.c.book == _OF_BOOK)
_STRAY_ENTRY = select(ENTRY.c.number).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number < 1).order_by(ENTRY.c.number)
_ITS_ENTRY = exists().where(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number)
_STRAY_LEG = select(LEG.c.number).where(LEG.c.book == _OF_BOOK, ~_ITS_ENTRY).order_by(LEG.c.number)
_BALANCES = select(BALANCE.c.owner, BALANCE.c.currency, BALANCE.c.booking_date, BALANCE.c.closing_minor).where(
    BALANCE.c.book == _OF_BOOK
)
_HEAD_OF = select(HEAD.c.number, HEAD.c.hash, HEAD.c.latest_booking_date, HEAD.c.latest_posted_at).where(
    HEAD.c.book == _OF_BOOK
)
# The books of a table, one look-up in its index for each.
_NEXT_BOOK = {
    table: select(func.min(table.c.book)).where(table.c.book > bindparam("after"))
    for table in (HEAD, ENTRY, LEG, BALANCE)
}


def books(view: View) -> tuple[str, ...]:
    """The books of which anything is there."""
    return tuple(sorted({book for statement in _NEXT_BOOK.values() for book in books_by(view, statement)}))


def books_by(view: View, next_book: Executable) -> Iterator[str]:
    """The books that a statement finds, each behind the one before."""
    after: str | None = ""
    while (after := view.rows(next_book, {"after": after})[0][0]) is not None:
        yield after


def texts_between(view: View, book: str, first: int, last: int) -> Sequence[EntryTexts]:
    """The entries of these numbers that are there, in their order."""
    found: Sequence[EntryTexts] = view.rows(_TEXTS, {"of_book": book, "first": first, "last": last})
    return found


def chain_between(view: View, book: str, first: int, last: int) -> Chain:
    """The chain from an entry to another one, read up to the first that is bad or not there."""
    _, behind = entry_at(view, book, first - 1)
    chain = Chain(first - 1, behind)
    if not behind:
        chain.fault = Fault(LedgerFault.NUMBER_MISSING, first - 1, "the entry before is not there")
    for start in range(first, last + 1, PAGE):
        if chain.fault:
            break
        end = min(start + PAGE - 1, last)
        chain.read(texts_between(view, book, start, end))
        chain.must_reach(end)
    return chain


def hashes_between(view: View, book: str, first: int, last: int) -> list[str]:
    """The hashes of the entries of these numbers that are there, in their order."""
    return [found for (found,) in view.rows(_HASHES, {"of_book": book, "first": first, "last": last})]


def place_of(view: View, entry_id: str) -> tuple[str, int]:
    """The book and the number of an entry; refuses where it is not there."""
    rows = view.rows(_PLACE_OF, {"entry_id": entry_id})
    if not rows:
        raise EntryNotFound(entry_id=entry_id)
    return rows[0][0], rows[0][1]


def entry_at(view: View, book: str, number: int) -> tuple[str, str]:
    """The id and the hash of an entry; for number 0 the hash before the first, and no texts where it is not there."""
    rows = view.rows(_ENTRY_AT, {"of_book": book, "number": number}) if number else [("", GENESIS)]
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


def head(view: View, book: str) -> End:
    """The end of the chain as its head has it."""
    rows = view.rows(_HEAD_OF, {"of_book": book})
    return End(*rows[0]) if rows else End()


def extent(view: View, book: str) -> Extent:
    """What there is of a book."""
    ((entries, last_number, *latest),) = view.rows(_EXTENT, {"of_book": book})
    ((legs,),) = view.rows(_LEGS, {"of_book": book})
    return Extent(entries, legs, last_number, *latest)


def stray(view: View, book: str) -> int:
    """The number of the first entry before the chain, or of the first leg without an entry; 0 where there is none."""
    rows = [*view.rows(_STRAY_ENTRY, {"of_book": book}), *view.rows(_STRAY_LEG, {"of_book": book})]
    return int(rows[0][0]) if rows else 0


def balances(view: View, book: str) -> dict[Place, int]:
    """The balance that is kept for every owner and currency at the end of every date that was posted on."""
    rows = view.rows(_BALANCES, {"of_book": book})
    return {(owner, currency, day): closing for owner, currency, day, closing in rows}
