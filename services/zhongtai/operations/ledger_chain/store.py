"""The entries as the texts their hashes cover, written by the database: in Python it would take twice as long.

Both engines write a JSON array of texts as RFC 8785 does: no spaces, and nothing escaped that need not be.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from zhongtai.operations.ledger.domain import FORM, EntryNotFound
from zhongtai.operations.ledger.store import ENTRY, LEG
from zhongtai.operations.ledger_chain.engine import EntryTexts
from zhongtai.runtime.unit import View

# So many entries are asked for at once: enough that asking costs nothing, few enough to hold.
PAGE = 2_000
GENERAL = "general"


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


_LINE = (
    select(
        _TextArray(
            _text(LEG.c.account_code),
            _text(LEG.c.account_id),
            _text(LEG.c.side),
            _text(LEG.c.amount_currency),
            _text(LEG.c.amount_minor),
        ).label("line")
    )
    .where(LEG.c.number == ENTRY.c.number)
    .order_by(LEG.c.position)
    .correlate(ENTRY)
    .subquery()
)
_LINES = select(_Joined(_LINE.c.line)).scalar_subquery()
_HEAD = _TextArray(
    literal_column(f"'{FORM}'", Text),
    _text(ENTRY.c.number),
    _text(ENTRY.c.entry_id),
    _text(ENTRY.c.booking_date),
    _text(ENTRY.c.value_date),
    _text(ENTRY.c.reference),
    _text(ENTRY.c.narrative),
    func.coalesce(_text(ENTRY.c.reverses), _NOTHING),
    _text(ENTRY.c.posted_at),
    _text(ENTRY.c.posted_by),
)
_TEXTS = (
    select(
        ENTRY.c.number,
        _octets(ENTRY.c.booking_date),
        _Octets(_HEAD),
        _octets(_LINES),
        _octets(ENTRY.c.previous_hash),
        _octets(ENTRY.c.hash),
    )
    .where(ENTRY.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(ENTRY.c.number)
)


_HASHES = (
    select(ENTRY.c.hash).where(ENTRY.c.number.between(bindparam("first"), bindparam("last"))).order_by(ENTRY.c.number)
)
_NUMBER_OF = select(ENTRY.c.number).where(ENTRY.c.entry_id == bindparam("entry_id"))


def books(view: View) -> tuple[str, ...]:
    """The books there are."""
    return (GENERAL,)


def texts_between(view: View, book: str, first: int, last: int) -> Sequence[EntryTexts]:
    """The entries of these numbers that are there, in their order."""
    found: Sequence[EntryTexts] = view.rows(_TEXTS, {"first": first, "last": last})
    return found


def hashes_between(view: View, book: str, first: int, last: int) -> list[str]:
    """The hashes of the entries of these numbers that are there, in their order."""
    return [found for (found,) in view.rows(_HASHES, {"first": first, "last": last})]


def place_of(view: View, entry_id: str) -> tuple[str, int]:
    """The book and the number of an entry; refuses where it is not there."""
    rows = view.rows(_NUMBER_OF, {"entry_id": entry_id})
    if not rows:
        raise EntryNotFound(entry_id=entry_id)
    return GENERAL, rows[0][0]
