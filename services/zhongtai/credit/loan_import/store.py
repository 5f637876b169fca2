"""The tables of loans taken over: which loan each reference became, and which lines landed together.

A row of `credit_imported_loan` is written when its line was checked, and so reserves the reference; it is removed with
an import that is given up. What landed is written by statements over many loans.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Index, MetaData, Table, bindparam, func, literal, select
from sqlalchemy import text as sql

from zhongtai.credit.limit.domain import Limit
from zhongtai.credit.limit.store import LIMIT, limits
from zhongtai.credit.loan.store import INSTALMENT, LOAN_CHANGE
from zhongtai.credit.loan_import.domain import Batch, ImportedLoanNotFound, LoanReference
from zhongtai.credit.product.store import PRODUCT, RETIREMENT
from zhongtai.runtime.store import Records, integer, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

IMPORTED_LOAN = Table(
    "credit_imported_loan",
    metadata,
    text("reference", primary_key=True),
    text("import_id"),
    integer("line"),
    text("loan_id"),
    *money("opening"),
    Index("credit_imported_loan_of_import", "import_id", "line"),
    # One tree instead of two: there are as many rows as loans.
    sqlite_with_rowid=False,
)
BATCH = Table(
    "credit_imported_loan_batch",
    metadata,
    text("batch_id", primary_key=True),
    text("import_id"),
    integer("first_line"),
    integer("last_line"),
    *money("opening"),
)

imported = Records(IMPORTED_LOAN, LoanReference, missing=ImportedLoanNotFound)
batches = Records(BATCH, Batch)

_LINES = select(IMPORTED_LOAN.c.line).where(
    IMPORTED_LOAN.c.import_id == bindparam("of_import"),
    IMPORTED_LOAN.c.line.between(bindparam("first"), bindparam("last")),
)
_FIRST_LINE = select(func.min(IMPORTED_LOAN.c.line)).where(IMPORTED_LOAN.c.import_id == bindparam("of_import"))
_FORGET = IMPORTED_LOAN.delete().where(
    IMPORTED_LOAN.c.import_id == bindparam("of_import"), IMPORTED_LOAN.c.line < bindparam("before")
)
_FORGET_LINE = IMPORTED_LOAN.delete().where(
    IMPORTED_LOAN.c.import_id == bindparam("of_import"), IMPORTED_LOAN.c.line == bindparam("of_line")
)
_VERSIONS = select(PRODUCT.c.valid_from, PRODUCT.c.valid_to).where(PRODUCT.c.product_id == bindparam("product_id"))
_RETIRED = select(RETIREMENT.c.retired_from, literal(None)).where(RETIREMENT.c.product_id == bindparam("product_id"))
_LAST_DAY = date.max.isoformat()
# Of a fixed length, so that it is compiled once; what is left over asks again for the last.
_NAMES_AT_ONCE = 32
_LIMITS_OF = select(LIMIT).where(
    LIMIT.c.customer_id.in_([bindparam(f"customer_{place}") for place in range(_NAMES_AT_ONCE)])
)
_ADD_INSTALMENTS = INSTALMENT.insert()
_ADD_CHANGES = LOAN_CHANGE.insert()
# An entry of the ledger about a batch is one about each of its loans: what it moved is told of them, and of it no more.
_SHARE_OUT = sql(
    """
    INSERT INTO credit_ledger_exposure (loan_id, currency_code, balance)
    SELECT loan_id, opening_currency, :sign * opening_minor FROM credit_imported_loan
    WHERE import_id = :import_id AND line BETWEEN :first AND :last AND opening_currency = :currency
    UNION ALL SELECT :batch_id, :currency, -:sign * :whole
    ON CONFLICT (loan_id, currency_code) DO UPDATE SET balance = credit_ledger_exposure.balance + excluded.balance
    """
)


def turning_days(view: View, product_id: str) -> list[date]:
    """The days, in order, on which another version of a product may come to be the one offered."""
    of = {"product_id": product_id}
    rows = [*view.rows(_VERSIONS, of), *view.rows(_RETIRED, of)]
    days = {date.fromisoformat(first) for first, _ in rows}
    return sorted(
        days | {date.fromisoformat(last) + timedelta(days=1) for _, last in rows if last and last < _LAST_DAY}
    )


def among(view: View, references: Sequence[str]) -> list[LoanReference]:
    """Those of the references that are imported, or staged to be."""
    return imported.where(view, IMPORTED_LOAN.c.reference.in_(references))


def staged_lines(view: View, import_id: str, first: int, last: int) -> set[int]:
    """The lines of an import, between two, that are good."""
    return {int(row[0]) for row in view.rows(_LINES, {"of_import": import_id, "first": first, "last": last})}


def forget(unit: Unit, import_id: str, most: int) -> bool:
    """Removes what so many lines of an import staged, the first ones; answers whether there were any."""
    first = unit.rows(_FIRST_LINE, {"of_import": import_id})[0][0]
    if first is not None:
        unit.execute(_FORGET, {"of_import": import_id, "before": int(first) + most})
    return first is not None


def forget_lines(unit: Unit, import_id: str, lines: Iterable[int]) -> None:
    """Removes what lines staged that cannot land any more."""
    unit.execute(_FORGET_LINE, [{"of_import": import_id, "of_line": line} for line in lines])


def limits_by_id(view: View, limit_ids: Sequence[str]) -> list[Limit]:
    """The limits of these ids, as far as there are such."""
    return limits.where(view, LIMIT.c.limit_id.in_(limit_ids)) if limit_ids else []


def limits_of(view: View, customer_ids: Sequence[str]) -> list[Limit]:
    """All limits of these customers."""
    found: list[Limit] = []
    for first in range(0, len(customer_ids), _NAMES_AT_ONCE):
        asked = customer_ids[first : first + _NAMES_AT_ONCE]
        padded = [*asked, *[asked[-1]] * (_NAMES_AT_ONCE - len(asked))]
        names = {f"customer_{place}": name for place, name in enumerate(padded)}
        found += [limits.value(row) for row in view.rows(_LIMITS_OF, names)]
    return found


def add_instalments(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes the lines of loans that land."""
    unit.execute(_ADD_INSTALMENTS, rows)


def add_changes(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes that loans began today, so that the end of day finds them."""
    unit.execute(_ADD_CHANGES, rows)


def share_out(unit: Unit, batch: Batch, sign: int) -> None:
    """Tells what the ledger booked of a batch (1), or took back (-1), as booked of each of its loans."""
    unit.execute(
        _SHARE_OUT,
        {
            "sign": sign,
            "import_id": batch.import_id,
            "first": batch.first_line,
            "last": batch.last_line,
            "currency": batch.opening.currency,
            "batch_id": batch.batch_id,
            "whole": batch.opening.minor_units,
        },
    )
