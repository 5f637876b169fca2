"""The tables of holdings and of what loans locked of them."""

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.confirmed_credit.domain import Financing, Holding, HoldingNotFound
from zhongtai.runtime.store import Records, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

HOLDING = Table(
    "credit_receivable_holding",
    metadata,
    text("receivable_id", primary_key=True),
    text("holding_id", primary_key=True),
    text("holder_id"),
    text("from_holding_id"),
    *money("amount"),
    *money("locked"),
    Index("credit_receivable_holding_of", "holder_id", "receivable_id", "holding_id"),
)
FINANCING = Table(
    "credit_receivable_financing",
    metadata,
    text("loan_id", primary_key=True),
    text("receivable_id"),
    text("holding_id"),
    *money("amount"),
    Index("credit_receivable_financing_of", "receivable_id", "loan_id"),
)

holdings = Records(HOLDING, Holding, missing=HoldingNotFound)
financings = Records(FINANCING, Financing)

_OF_RECEIVABLE = holdings.query(HOLDING.c.receivable_id == bindparam("receivable_id"), order_by=HOLDING.c.holding_id)
_FIRST = holdings.query(HOLDING.c.receivable_id == bindparam("receivable_id"), HOLDING.c.from_holding_id == "")
_FINANCINGS_OF = financings.query(FINANCING.c.receivable_id == bindparam("receivable_id"), order_by=FINANCING.c.loan_id)
_COUNT = select(func.count()).where(HOLDING.c.receivable_id == bindparam("receivable_id"))


def number_of(view: View, receivable_id: str) -> int:
    """How many holdings a receivable is split into."""
    return int(view.rows(_COUNT, {"receivable_id": receivable_id})[0][0])


def of_receivable(view: View, receivable_id: str) -> list[Holding]:
    """All holdings of a receivable."""
    return _OF_RECEIVABLE(view, receivable_id=receivable_id)


def sellers(view: View, receivable_id: str) -> Holding:
    """The holding that the debtor's promise was first in."""
    (found,) = _FIRST(view, receivable_id=receivable_id)
    return found


def financings_of(view: View, receivable_id: str) -> list[Financing]:
    """What loans locked of a receivable."""
    return _FINANCINGS_OF(view, receivable_id=receivable_id)


def financing_of(view: View, holding: Holding, loan_id: str) -> Financing | None:
    """What a loan locked of this holding, if anything."""
    found = financings.find(view, loan_id)
    return found if found is not None and found.holding_id == holding.holding_id else None
