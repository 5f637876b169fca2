"""How work orders rest: one row each."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, MetaData, Table

from zhongtai.operations.work_order.domain import LIVE, WorkOrder, WorkOrderNotFound
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import View

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
    Index("ix_work_order_status", "status", "role", "work_order_id"),
)
work_orders = Records(WORK_ORDER, WorkOrder, missing=WorkOrderNotFound)


def live_about(view: View, kind: str, subject: str) -> list[WorkOrder]:
    """The orders of a kind about a subject that nobody has decided."""
    live = WORK_ORDER.c.status.in_([status.value for status in LIVE])
    return work_orders.where(view, WORK_ORDER.c.subject == subject, WORK_ORDER.c.kind == kind, live)


def about(status: str, role: str, subject: str, overdue_at: datetime | None) -> list[ColumnElement[bool]]:
    """The conditions on orders that stand so, of a role, about a subject, overdue then; empty ones ask nothing."""
    conditions: list[ColumnElement[bool]] = []
    if status:
        conditions.append(WORK_ORDER.c.status == status)
    if role:
        conditions.append(WORK_ORDER.c.role == role)
    if subject:
        conditions.append(WORK_ORDER.c.subject == subject)
    if overdue_at:
        conditions.append(WORK_ORDER.c.status.in_([status.value for status in LIVE]))
        conditions.append(WORK_ORDER.c.due_at < instant_text(overdue_at))
    return conditions
