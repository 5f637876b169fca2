"""The tables of credit limits.

Grants and holds have rows of their own; a limit's row keeps their sums, so a command costs the same
however many there were.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.limit.domain import (
    Grant,
    GrantNotFound,
    GrantStatus,
    Hold,
    HoldNotFound,
    HoldStatus,
    Limit,
    LimitNotFound,
)
from zhongtai.kernel.money import Money
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(LIMIT)` is one.
LIMIT = Table(
    "credit_limit",
    metadata,
    text("limit_id", primary_key=True),
    text("customer_id"),
    text("product_line"),
    *money("granted"),
    *money("held"),
    *money("used"),
    text("status"),
    *money("standing"),
    Index("credit_limit_one_per_product_line", "customer_id", "product_line", unique=True),
)
GRANT = Table(
    "credit_limit_grant",
    metadata,
    text("limit_id", primary_key=True),
    text("grant_id", primary_key=True),
    *money("amount"),
    text("status"),
)
HOLD = Table(
    "credit_limit_hold",
    metadata,
    text("limit_id", primary_key=True),
    text("hold_id", primary_key=True),
    *money("amount"),
    instant("expires_at"),
    text("status"),
    Index("credit_limit_hold_due", "limit_id", "status", "expires_at"),
)

limits = Records(LIMIT, Limit, missing=LimitNotFound)
grants = Records(GRANT, Grant, missing=GrantNotFound)
holds = Records(HOLD, Hold, missing=HoldNotFound)

_OF_CUSTOMER = select(LIMIT).where(
    LIMIT.c.customer_id == bindparam("customer_id"), LIMIT.c.product_line == bindparam("product_line")
)
_DUE = (
    select(HOLD)
    .where(
        HOLD.c.limit_id == bindparam("limit_id"),
        HOLD.c.status == HoldStatus.OPEN.value,
        HOLD.c.expires_at <= bindparam("now"),
    )
    .order_by(HOLD.c.expires_at, HOLD.c.hold_id)
)
_HIGHEST_OTHER = select(func.max(GRANT.c.amount_minor)).where(
    GRANT.c.limit_id == bindparam("limit_id"),
    GRANT.c.grant_id != bindparam("grant_id"),
    GRANT.c.status == GrantStatus.STANDING.value,
)


def find_of(view: View, customer_id: str, product_line: str) -> Limit | None:
    """The one limit of a customer under a product line, if there is one."""
    rows = view.rows(_OF_CUSTOMER, {"customer_id": customer_id, "product_line": product_line})
    return limits.value(rows[0]) if rows else None


def due_holds(view: View, limit_id: str, now: datetime) -> list[Hold]:
    """The open holds of a limit that have expired. Each is found once by a change, so its maker has paid for it."""
    return [holds.value(row) for row in view.rows(_DUE, {"limit_id": limit_id, "now": instant_text(now)})]


def due_holds_of(view: View, limit_ids: Sequence[str], now: datetime) -> dict[str, list[Hold]]:
    """The same for many limits at once, by limit."""
    due = defaultdict(list)
    conditions = (
        HOLD.c.limit_id.in_(limit_ids),
        HOLD.c.status == HoldStatus.OPEN.value,
        HOLD.c.expires_at <= instant_text(now),
    )
    for hold in holds.where(view, *conditions, order_by=(HOLD.c.limit_id, HOLD.c.expires_at, HOLD.c.hold_id)):
        due[hold.limit_id].append(hold)
    return due


def highest_other_grant(view: View, grant: Grant) -> Money | None:
    """The highest grant of the same limit that stands beside this one."""
    highest = view.rows(_HIGHEST_OTHER, {"limit_id": grant.limit_id, "grant_id": grant.grant_id})[0][0]
    return None if highest is None else Money(grant.amount.currency, highest)
