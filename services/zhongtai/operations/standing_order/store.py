"""How standing orders rest: one row each."""

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.operations.standing_order.domain import StandingOrder, StandingOrderNotFound, StandingOrderStatus
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
STANDING = Table(
    "standing_order",
    metadata,
    text("standing_order_id", primary_key=True),
    text("customer_id", index=True),
    text("initiating_party"),
    text("debtor_account_id"),
    text("creditor_account_id"),
    json("outside_party", nullable=True),
    text("rail"),
    *money("amount"),
    text("remittance_information"),
    text("frequency"),
    day("first_date"),
    day("last_date", nullable=True),
    integer("tries"),
    text("status"),
    integer("occasion"),
    integer("tried"),
    day("due_on"),
    integer("paid_count"),
    integer("missed_count"),
    text("last_reason_code"),
    Index("ix_standing_order_due", "status", "due_on"),
)
standing_orders = Records(STANDING, StandingOrder, missing=StandingOrderNotFound)
AT_ONCE = 100
_DUE = standing_orders.query(
    STANDING.c.status == StandingOrderStatus.ACTIVE.value,
    STANDING.c.due_on <= bindparam("today"),
    order_by=(STANDING.c.due_on, STANDING.c.standing_order_id),
    limit=AT_ONCE,
)


def due(view: View) -> list[StandingOrder]:
    """The next standing orders whose bank day has come, at most `AT_ONCE`."""
    return _DUE(view, today=view.business_date.isoformat())
