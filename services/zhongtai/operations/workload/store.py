"""What the workload reads: the work orders that nobody has decided, counted where they lie."""

from datetime import datetime

from sqlalchemy import bindparam, case, func, select

from zhongtai.operations.work_order.domain import LIVE
from zhongtai.operations.work_order.store import WORK_ORDER
from zhongtai.operations.workload.domain import LiveOrders
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.unit import View

_C = WORK_ORDER.c
# Orders of one hour are alike: the first thirteen characters of an instant are its date and hour.
_HOUR = func.substr(_C.opened_at, 1, 13)
_LIVE = (
    select(
        _C.queue_id,
        _C.role,
        _C.claimed_by,
        func.min(_C.opened_at),
        func.count(),
        func.sum(case((_C.due_at < bindparam("now"), 1), else_=0)),
    )
    .where(_C.status.in_([status.value for status in LIVE]))
    .group_by(_C.queue_id, _C.role, _C.claimed_by, _HOUR)
)


def live_orders(view: View, now: datetime) -> list[LiveOrders]:
    """The orders that nobody has decided, those of one queue, role, holder and hour together."""
    return [
        LiveOrders(queue_id, role, claimed_by, datetime.fromisoformat(opened_at), int(count), int(overdue))
        for queue_id, role, claimed_by, opened_at, count, overdue in view.rows(_LIVE, {"now": instant_text(now)})
    ]
