"""The table of messages to staff."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, func, select

from zhongtai.operations.staff_message.domain import StaffMessage, StaffMessageNotFound
from zhongtai.runtime.store import Records, instant, text
from zhongtai.runtime.unit import View

metadata = MetaData()
STAFF_MESSAGE = Table(
    "staff_message",
    metadata,
    text("notification_id", primary_key=True),
    text("recipient"),
    text("subject"),
    text("body"),
    text("category"),
    instant("arrived_at"),
    instant("read_at", nullable=True),
    text("read_by"),
    Index("ix_staff_message_recipient", "recipient", "notification_id"),
)
messages = Records(STAFF_MESSAGE, StaffMessage, missing=StaffMessageNotFound)
_UNREAD = select(func.count()).where(
    STAFF_MESSAGE.c.recipient.in_(bindparam("recipients", expanding=True)), STAFF_MESSAGE.c.read_at.is_(None)
)


def unread(view: View, recipients: Collection[str]) -> int:
    """How many messages to any of them nobody has read."""
    return int(view.rows(_UNREAD, {"recipients": sorted(recipients)})[0][0])


def of(recipients: Collection[str], *, only_unread: bool) -> list[ColumnElement[bool]]:
    """The conditions on messages to any of them."""
    mine: list[ColumnElement[bool]] = [STAFF_MESSAGE.c.recipient.in_(sorted(recipients))]
    return [*mine, STAFF_MESSAGE.c.read_at.is_(None)] if only_unread else mine
