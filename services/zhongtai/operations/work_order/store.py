"""How work orders rest: one row each. Which events open and withdraw orders is data, `opened_by.json`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge
from itertools import islice

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, or_

from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import OpeningRule
from zhongtai.operations.work_order.domain import LIVE, WorkOrder, WorkOrderNotFound, WorkOrderStatus
from zhongtai.runtime.plain import instant_text, reader, shipped
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import View

SWEPT_AT_ONCE = 500
_LOOKED_AT_ONCE = 50
_MOST_LOOKED = 5_000

metadata = MetaData()
WORK_ORDER = Table(
    "work_order",
    metadata,
    text("work_order_id", primary_key=True),
    text("kind"),
    text("role"),
    integer("four_eyes"),
    text("subject", index=True),
    text("title"),
    text("title_zh"),
    json("details"),
    text("requested_by"),
    text("opened_by"),
    instant("opened_at"),
    instant("due_at"),
    text("status"),
    text("claimed_by"),
    instant("claimed_at", nullable=True),
    text("outcome", nullable=True),
    instant("decided_at", nullable=True),
    text("comment"),
    text("queue_id"),
    integer("priority"),
    json("skills"),
    integer("approvers_needed"),
    json("approved_by"),
    json("seen_for"),
    instant("entered_at"),
    instant("warn_at", nullable=True),
    instant("warned_at", nullable=True),
    instant("breached_at", nullable=True),
    integer("steps_taken"),
    integer("escalations"),
    instant("next_at", nullable=True),
    Index("ix_work_order_status", "status", "work_order_id"),
    Index("ix_work_order_queue", "queue_id", "status", "work_order_id"),
    Index("ix_work_order_holder", "claimed_by", "status", "work_order_id"),
    Index("ix_work_order_urgency", "status", "role", "priority", "due_at", "work_order_id"),
    Index("ix_work_order_next_at", "next_at"),
)
work_orders = Records(WORK_ORDER, WorkOrder, missing=WorkOrderNotFound)
_C = WORK_ORDER.c
_TO_MOVE = work_orders.query(
    _C.next_at <= bindparam("now"), order_by=(_C.next_at, _C.work_order_id), limit=SWEPT_AT_ONCE + 1
)
_LATER = or_(
    _C.priority > bindparam("priority"),
    (_C.priority == bindparam("priority")) & (_C.due_at > bindparam("due_at")),
    (_C.priority == bindparam("priority")) & (_C.due_at == bindparam("due_at")) & (_C.work_order_id > bindparam("id")),
)
_BY_URGENCY = work_orders.query(
    _C.status == WorkOrderStatus.OPEN.value,
    _C.role == bindparam("role"),
    or_(bindparam("any_skills") == 1, _C.skills == "[]"),
    or_(bindparam("queue_id") == "", _C.queue_id == bindparam("queue_id")),
    _LATER,
    order_by=(_C.priority, _C.due_at, _C.work_order_id),
    limit=_LOOKED_AT_ONCE,
)


# What an event does to orders, by the event's name.
OPENED_BY: Mapping[str, OpeningRule] = {
    rule.on: rule for rule in reader(list[OpeningRule])(shipped(__package__, "opened_by.json"))
}


def live_about(view: View, kind: str, subject: str) -> list[WorkOrder]:
    """The orders of a kind about a subject that nobody has decided."""
    live = _C.status.in_([status.value for status in LIVE])
    return work_orders.where(view, _C.subject == subject, _C.kind == kind, live)


def to_move(view: View, now: datetime) -> list[WorkOrder]:
    """The orders whose clock has something to do, at most one more than are swept at once."""
    return _TO_MOVE(view, now=instant_text(now))


def open_to(view: View, person: Person, queue_id: str) -> Iterator[WorkOrder]:
    """The open orders of a person's roles, most urgent first: of those, so many as are looked at in one call."""
    of_roles = (_of_role(view, role, any_skills=bool(person.skills), queue_id=queue_id) for role in person.roles)
    return islice(merge(*of_roles, key=_urgency), _MOST_LOOKED)


def _of_role(view: View, role: str, *, any_skills: bool, queue_id: str) -> Iterator[WorkOrder]:
    """The open orders of one role, most urgent first, as the index has them."""
    last, wanted = (0, "", ""), {"role": role, "any_skills": int(any_skills), "queue_id": queue_id}
    while True:
        found = _BY_URGENCY(view, **wanted, **dict(zip(("priority", "due_at", "id"), last, strict=True)))
        yield from found
        if len(found) < _LOOKED_AT_ONCE:
            return
        last = _urgency(found[-1])


def _urgency(order: WorkOrder) -> tuple[int, str, str]:
    return order.priority, instant_text(order.due_at), order.work_order_id


def conditions(*, overdue_at: datetime | None, **wanted: str) -> list[ColumnElement[bool]]:
    """The conditions on orders whose columns hold what is wanted, overdue then; empty ones ask nothing."""
    found: list[ColumnElement[bool]] = [_C[name] == value for name, value in wanted.items() if value]
    if overdue_at:
        found.append(_C.status.in_([status.value for status in LIVE]))
        found.append(_C.due_at < instant_text(overdue_at))
    return found
