"""The entries as the texts their hashes cover, written by the database a page at a time.

In Python it would take several times as long, and while the database writes a page the interpreter hashes another one.
Both engines write a JSON array of texts as RFC 8785 does: no spaces, and nothing escaped that need not be.
"""

import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import cycle
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from zhongtai.operations.account.domain import GENERAL
from zhongtai.operations.ledger.domain import GENESIS, EntryKind, EntryNotFound, LedgerFault
from zhongtai.operations.ledger.store import BALANCE, HEAD
from zhongtai.operations.ledger_chain.engine import Chain, End, Extent, Fault, Page, Place
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.runtime.unit import View

# So many entries are asked for at once: enough that asking costs nothing, few enough to hold.
PAGE = 8_192
# How long one thread keeps the interpreter while another waits for it, in seconds.
_TURN_S = 0.001


class _TextArray(FunctionElement[str]):
    """A JSON array of texts."""

    type = Text()
    inherit_cache = True


class _Joined(FunctionElement[str]):
    """Texts of several rows as one: the text, what stands between, and by what the rows are ordered."""

    type = Text()
    inherit_cache = True


class _Whole(FunctionElement[Any]):
    """A long text as it is fetched soonest: SQLite's may hold what is no UTF-8, and comes as bytes."""

    inherit_cache = True


@compiles(_TextArray, "sqlite")
def _text_array_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(_TextArray, "postgresql")
def _text_array_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(array_to_json(ARRAY[{compiler.process(element.clauses, **options)}]) AS TEXT)"


@compiles(_Joined, "sqlite")
def _joined_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # Rows are read in the order of the primary key; were they ever not, no hash would fit.
    joined, between, _ = element.clauses
    return f"group_concat({compiler.process(joined, **options)}, {compiler.process(between, **options)})"


@compiles(_Joined, "postgresql")
def _joined_postgres(element: Any, compiler: Any, **options: Any) -> str:
    joined, between, order = (compiler.process(part, **options) for part in element.clauses)
    return f"string_agg({joined}, {between} ORDER BY {order})"


@compiles(_Whole, "sqlite")
def _whole_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(_Whole, "postgresql")
def _whole_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


_NOTHING = literal_column("''", Text)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """What stands in a column as a text, whatever it is."""
    return cast(column, Text)


def _where_there(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The text of a column that may be empty, "" where it is; a text "" in it, which nobody wrote, is no text."""
    return case((column.is_(None), _NOTHING), else_=func.nullif(_text(column), _NOTHING))


def _array(form: int, *columns: ColumnElement[Any]) -> ColumnElement[str]:
    return _TextArray(literal_column(f"'zhongtai.ledger.{form}'", Text), *columns)


# Whether an entry of its kind moves balances, which each of its legs says again.
_MOVES = case((or_(*(ENTRY.c.kind == kind.value for kind in EntryKind if kind.moves)), 1), else_=0)
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
_FIRST: Any = bindparam("first")
_LAST: Any = bindparam("last")


_LINE_FEED = literal_column("'\n'", Text)


def _listed(
    column: ColumnElement[Any], number: ColumnElement[Any], between: ColumnElement[str] = _LINE_FEED
) -> ColumnElement[Any]:
    """A text of each entry of a page, by line feeds."""
    return _Whole(func.coalesce(_Joined(func.coalesce(_text(column), _NOTHING), between, number), _NOTHING))


_HEADS = select(
    _listed(_MOVES, ENTRY.c.number, _NOTHING),
    *(
        _listed(column, ENTRY.c.number)
        for column in (
            ENTRY.c.booking_date,
            _HEAD,
            ENTRY.c.previous_hash,
            ENTRY.c.hash,
        )
    ),
).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number.between(_FIRST, _LAST))
_SAID = [LEG.c.account_code, LEG.c.account_id, LEG.c.side, LEG.c.amount_currency, LEG.c.amount_minor, LEG.c.dimensions]
_LEG = _TextArray(*map(_text, _SAID))
# Legs are numbered from 0 and agree whether they move balances; where they do not, they are no legs.
_IN_PLACE = (
    (func.min(LEG.c.position) == 0)
    & (func.max(LEG.c.position) == func.count() - 1)
    & (func.min(LEG.c.posted) == func.max(LEG.c.posted))
)
_LEGS_OF_EACH = (
    select(
        LEG.c.number,
        func.min(LEG.c.posted).label("posted"),
        case((_IN_PLACE, _Joined(_LEG, literal_column("','", Text), LEG.c.position))).label("legs"),
    )
    .where(LEG.c.book == _OF_BOOK, LEG.c.number.between(_FIRST, _LAST))
    .group_by(LEG.c.number)
    .subquery()
)
_LEGS = select(
    _listed(_LEGS_OF_EACH.c.posted, _LEGS_OF_EACH.c.number, _NOTHING),
    _listed(_LEGS_OF_EACH.c.legs, _LEGS_OF_EACH.c.number),
)
_HASHES = (
    select(ENTRY.c.hash).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.number.between(_FIRST, _LAST)).order_by(ENTRY.c.number)
)
_ENTRY_AT = select(ENTRY.c.entry_id, ENTRY.c.hash).where(
    ENTRY.c.book == _OF_BOOK, ENTRY.c.number == bindparam("number")
)
_PLACE_OF = select(ENTRY.c.book, ENTRY.c.number).where(ENTRY.c.entry_id == bindparam("entry_id"))
_LATEST = select(
    func.coalesce(func.max(ENTRY.c.booking_date), ""), func.coalesce(func.max(ENTRY.c.posted_at), "")
).where(ENTRY.c.book == _OF_BOOK)
# Each is one look-up in the primary key.
_ENDS = select(
    *(
        select(end(table.c.number)).where(table.c.book == _OF_BOOK).scalar_subquery()
        for table in (ENTRY, LEG)
        for end in (func.min, func.max)
    )
)
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


def page_of(view: View, book: str, first: int, last: int) -> Page:
    """The entries from a number to a number, as far as they are there."""
    parameters = {"of_book": book, "first": first, "last": last}
    ((moves, dates, heads, previous_hashes, hashes),) = map(_encoded, view.rows(_HEADS, parameters))
    ((legs_move, legs),) = map(_encoded, view.rows(_LEGS, parameters))
    return Page(first, last, moves, legs_move, dates, heads, legs, previous_hashes, hashes)


def _encoded(row: Sequence[str | bytes]) -> list[bytes]:
    return [text.encode() if isinstance(text, str) else text for text in row]


def pages_of(view: View, book: str, first: int, last: int) -> Generator[Page, None, None]:
    """The pages from an entry to another one."""
    for start in range(first, last + 1, PAGE):
        yield page_of(view, book, start, min(start + PAGE - 1, last))


def pages_ahead(views: Sequence[View], book: str, first: int, last: int) -> Generator[Page, None, None]:
    """The pages from an entry to another one, as many of them asked for ahead as there are views to ask."""
    waiting: deque[Future[Page]] = deque()
    # Whoever asks needs the interpreter for moments, between which the database works.
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        with ThreadPoolExecutor(len(views)) as pool:
            for view, start in zip(cycle(views), range(first, last + 1, PAGE), strict=False):
                if len(waiting) == len(views):
                    yield waiting.popleft().result()
                waiting.append(pool.submit(page_of, view, book, start, min(start + PAGE - 1, last)))
            while waiting:
                yield waiting.popleft().result()
    finally:
        sys.setswitchinterval(before)


def chain_between(view: View, book: str, first: int, last: int) -> Chain:
    """The chain from an entry to another one, read up to the first that is bad or not there."""
    _, behind = entry_at(view, book, first - 1)
    chain = Chain(first - 1, behind)
    if not behind:
        chain.fault = Fault(LedgerFault.NUMBER_MISSING, first - 1, "the entry before is not there")
    for page in () if chain.fault else pages_of(view, book, first, last):
        chain.read(page, partial(page_of, view, book))
        if chain.fault:
            break
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
    """How far a book goes."""
    (latest,) = view.rows(_LATEST, {"of_book": book})
    ends = [number for number in view.rows(_ENDS, {"of_book": book})[0] if number is not None]
    return Extent(min(ends, default=1), max(ends, default=0), *latest)


def balances(view: View, book: str) -> dict[Place, int]:
    """The balance that is kept for every owner and currency at the end of every date that was posted on."""
    rows = view.rows(_BALANCES, {"of_book": book})
    return {(owner, currency, day): closing for owner, currency, day, closing in rows}
