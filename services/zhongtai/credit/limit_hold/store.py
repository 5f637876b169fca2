"""The table of holds: one row each, kept for ever."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.limit_hold.domain import Hold, HoldNotFound, HoldStatus
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
LAPSE_AT_ONCE = 50

HOLD = Table(
    "credit_limit_hold",
    metadata,
    text("limit_id", primary_key=True),
    text("hold_id", primary_key=True),
    *money("amount"),
    instant("expires_at"),
    text("status"),
    text("counterparty_id"),
    text("scenario_id"),
    *money("restored", nullable=True),
    Index("credit_limit_hold_due", "limit_id", "status", "expires_at"),
    Index("credit_limit_hold_lapsing", "status", "expires_at"),
)

holds = Records(HOLD, Hold, missing=HoldNotFound)

_LAPSING = (
    select(HOLD.c.limit_id)
    .where(HOLD.c.status == HoldStatus.OPEN.value, HOLD.c.expires_at <= bindparam("now"))
    .order_by(HOLD.c.expires_at)
    .limit(LAPSE_AT_ONCE)
)
_IN_USE = holds.query(
    HOLD.c.limit_id == bindparam("limit_id"),
    HOLD.c.status == HoldStatus.COMMITTED.value,
    func.coalesce(HOLD.c.restored_minor, 0) < HOLD.c.amount_minor,
    order_by=HOLD.c.hold_id,
)
_DUE = holds.query(
    HOLD.c.limit_id == bindparam("limit_id"),
    HOLD.c.status == HoldStatus.OPEN.value,
    HOLD.c.expires_at <= bindparam("now"),
    order_by=(HOLD.c.expires_at, HOLD.c.hold_id),
)


def lapsing(view: View, now: datetime) -> list[str]:
    """Limits that have a hold which expired and still counts: the oldest first, not more than can be done at once."""
    return list(dict.fromkeys(row[0] for row in view.rows(_LAPSING, {"now": instant_text(now)})))


def in_use(view: View, limit_id: str, hold_id: str) -> list[Hold]:
    """The holds of a limit that are in use: the one that is named, or the oldest first where none is."""
    if hold_id:
        return [holds.load(view, limit_id, hold_id)]
    return _IN_USE(view, limit_id=limit_id)


def due(view: View, limit_id: str, now: datetime) -> list[Hold]:
    """The open holds of a limit that have expired. Each is found once by a change, so its maker has paid for it."""
    return _DUE(view, limit_id=limit_id, now=instant_text(now))


def due_of(view: View, limit_ids: Sequence[str], now: datetime) -> dict[str, list[Hold]]:
    """The same for many limits at once, by limit."""
    found: defaultdict[str, list[Hold]] = defaultdict(list)
    conditions = (
        HOLD.c.limit_id.in_(limit_ids),
        HOLD.c.status == HoldStatus.OPEN.value,
        HOLD.c.expires_at <= instant_text(now),
    )
    for hold in holds.where(view, *conditions, order_by=(HOLD.c.limit_id, HOLD.c.expires_at, HOLD.c.hold_id)):
        found[hold.limit_id].append(hold)
    return found
