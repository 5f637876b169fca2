"""What moves an account: its entries by date, for statements, and its legs by number, for what follows them.

An account is of one book, so that the numbers of its entries order them. What only holds is left out.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select, tuple_

from zhongtai.operations.ledger.domain import Entry
from zhongtai.operations.ledger_entry.store import ENTRY, LEG, EntryNumber, numbered
from zhongtai.runtime.unit import View

_ENTRIES = (
    select(ENTRY.c.book, ENTRY.c.number)
    .where(
        tuple_(ENTRY.c.book, ENTRY.c.number).in_(
            select(LEG.c.book, LEG.c.number).where(LEG.c.account_id == bindparam("account_id"), LEG.c.posted == 1)
        ),
        ENTRY.c.booking_date.between(bindparam("from_date"), bindparam("to_date")),
    )
    .order_by(ENTRY.c.booking_date, ENTRY.c.number)
    .limit(bindparam("most"))
)
_LEGS = (
    select(
        LEG.c.number,
        LEG.c.position,
        LEG.c.side,
        LEG.c.amount_minor,
        ENTRY.c.entry_id,
        ENTRY.c.reference,
        ENTRY.c.value_date,
    )
    .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
    .where(LEG.c.account_id == bindparam("account_id"), LEG.c.number > bindparam("after"), LEG.c.posted == 1)
    .order_by(LEG.c.number, LEG.c.position)
    .limit(bindparam("most"))
)


def entries_of_account(view: View, account_id: str, from_date: date, to_date: date, most: int) -> list[Entry]:
    """The entries that move an account, booked from one date to another, in the order of their dates."""
    asked = {"account_id": account_id, "from_date": from_date.isoformat(), "to_date": to_date.isoformat(), "most": most}
    return numbered(view, [EntryNumber(row.book, row.number) for row in view.rows(_ENTRIES, asked)])


def legs_of_account(view: View, account_id: str, after: int, most: int) -> Sequence[Any]:
    """At most so many legs of an account behind an entry's number, as rows.

    Columns: number, position, side, amount_minor, entry_id, reference, value_date (ISO 8601).
    """
    return view.rows(_LEGS, {"account_id": account_id, "after": after, "most": most})
