"""The tables of pledges and of the calls for cover."""

from collections.abc import Sequence

from sqlalchemy import Index, MetaData, Table, bindparam, select

from zhongtai.credit.collateral import store as collateral_store
from zhongtai.credit.collateral.domain import Collateral
from zhongtai.credit.pledge.domain import Pledge, PledgeNotFound, PledgeStatus, Shortfall
from zhongtai.runtime.store import Records, day, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

PLEDGE = Table(
    "credit_pledge",
    metadata,
    text("collateral_id", primary_key=True),
    text("pledge_id", primary_key=True),
    text("loan_id"),
    *money("secured"),
    integer("rank"),
    text("status"),
    Index("credit_pledge_of_loan", "loan_id", "status"),
)
SHORTFALL = Table(
    "credit_pledge_shortfall",
    metadata,
    text("loan_id", primary_key=True),
    *money("amount"),
    day("called_on"),
    day("due_on"),
    text("status"),
)

pledges = Records(PLEDGE, Pledge, missing=PledgeNotFound)
shortfalls = Records(SHORTFALL, Shortfall)

SWEPT_AT_ONCE = 100
_STANDS = PLEDGE.c.status == PledgeStatus.STANDING.value
_STANDING_ON = pledges.query(PLEDGE.c.collateral_id == bindparam("collateral_id"), _STANDS, order_by=PLEDGE.c.rank)
_STANDING_FOR = pledges.query(
    PLEDGE.c.loan_id == bindparam("loan_id"), _STANDS, order_by=(PLEDGE.c.collateral_id, PLEDGE.c.rank)
)


_PLEDGED = (
    select(PLEDGE.c.loan_id)
    .distinct()
    .where(PLEDGE.c.loan_id > bindparam("position"), _STANDS)
    .order_by(PLEDGE.c.loan_id)
    .limit(SWEPT_AT_ONCE)
)


def pledged_loans(view: View, position: str) -> list[str]:
    """The next loans behind a position that something is pledged for."""
    return [row[0] for row in view.rows(_PLEDGED, {"position": position})]


def standing_on(view: View, collateral_id: str) -> list[Pledge]:
    """The pledges that stand on an item, by rank."""
    return _STANDING_ON(view, collateral_id=collateral_id)


def standing_for(view: View, loan_id: str) -> list[Pledge]:
    """The pledges that secure a loan, by item and rank."""
    return _STANDING_FOR(view, loan_id=loan_id)


def securing(view: View, loan_id: str) -> list[tuple[Collateral, Sequence[Pledge]]]:
    """The items pledged for a loan, each with every pledge that stands on it."""
    collateral_ids = dict.fromkeys(pledge.collateral_id for pledge in standing_for(view, loan_id))
    return [(collateral_store.items.load(view, one), standing_on(view, one)) for one in collateral_ids]
