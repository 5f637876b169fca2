"""What moves an account: its entries by date, for statements. What only holds is left out."""

from datetime import date

from sqlalchemy import bindparam, select, tuple_

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


def entries_of_account(view: View, account_id: str, from_date: date, to_date: date, most: int) -> list[Entry]:
    """The entries that move an account, booked from one date to another, in the order of their dates."""
    asked = {"account_id": account_id, "from_date": from_date.isoformat(), "to_date": to_date.isoformat(), "most": most}
    return numbered(view, [EntryNumber(row.book, row.number) for row in view.rows(_ENTRIES, asked)])
