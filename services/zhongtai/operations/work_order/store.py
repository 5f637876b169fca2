"""How work orders rest: one row each. Which events open and withdraw orders is data, `opened_by.json`."""

import json as json_text
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, or_

from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import OpeningRule
from zhongtai.operations.work_order.domain import LIVE, WorkOrder, WorkOrderNotFound, WorkOrderStatus
from zhongtai.runtime.plain import instant_text, reader
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import View

SWEPT_AT_ONCE = 500
_LOOKED_AT_ONCE = 200

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
    instant("entered_at"),
    instant("warn_at", nullable=True),
    instant("warned_at", nullable=True),
    instant("breached_at", nullable=True),
    integer("steps_taken"),
    integer("escalations"),
    instant("next_at", nullable=True),
    Index("ix_work_order_status", "status", "role", "work_order_id"),
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
    _C.role.in_(bindparam("roles", expanding=True)),
    or_(bindparam("queue_id") == "", _C.queue_id == bindparam("queue_id")),
    _LATER,
    order_by=(_C.priority, _C.due_at, _C.work_order_id),
    limit=_LOOKED_AT_ONCE,
)


def _opening_rules() -> Mapping[str, tuple[OpeningRule, ...]]:
    lines = (files("zhongtai.operations.work_order") / "opened_by.json").read_text(encoding="utf-8")
    rules: list[OpeningRule] = reader(list[OpeningRule])(json_text.loads(lines))
    return {name: tuple(rule for rule in rules if rule.on == name) for name in {rule.on for rule in rules}}


# What an event does to orders, by the event's name.
OPENED_BY = _opening_rules()


def live_about(view: View, kind: str, subject: str) -> list[WorkOrder]:
    """The orders of a kind about a subject that nobody has decided."""
    live = _C.status.in_([status.value for status in LIVE])
    return work_orders.where(view, _C.subject == subject, _C.kind == kind, live)


def to_move(view: View, now: datetime) -> list[WorkOrder]:
    """The orders whose clock has something to do, at most one more than are swept at once."""
    return _TO_MOVE(view, now=instant_text(now))


def open_to(view: View, person: Person, queue_id: str) -> Iterator[WorkOrder]:
    """The open orders of a person's roles, most urgent first."""
    last = {"priority": 0, "due_at": "", "id": ""}
    while person.roles:
        found = _BY_URGENCY(view, roles=sorted(person.roles), queue_id=queue_id, **last)
        yield from found
        if len(found) < _LOOKED_AT_ONCE:
            return
        last = {"priority": found[-1].priority, "due_at": instant_text(found[-1].due_at), "id": found[-1].work_order_id}


def conditions(*, overdue_at: datetime | None, **wanted: str) -> list[ColumnElement[bool]]:
    """The conditions on orders whose columns hold what is wanted, overdue then; empty ones ask nothing."""
    found: list[ColumnElement[bool]] = [_C[name] == value for name, value in wanted.items() if value]
    if overdue_at:
        found.append(_C.status.in_([status.value for status in LIVE]))
        found.append(_C.due_at < instant_text(overdue_at))
    return found
