"""The table of inbox messages."""

from sqlalchemy import ColumnElement, MetaData, Table, bindparam, func, select

from zhongtai.operations.notification_inbox.domain import InboxMessage, InboxMessageNotFound
from zhongtai.runtime.store import Records, instant, text
from zhongtai.runtime.unit import View

metadata = MetaData()
INBOX_MESSAGE = Table(
    "notification_inbox_message",
    metadata,
    text("customer_id", primary_key=True),
    text("notification_id", primary_key=True),
    text("subject"),
    text("body"),
    text("category"),
    instant("arrived_at"),
    instant("read_at", nullable=True),
)
messages = Records(INBOX_MESSAGE, InboxMessage, missing=InboxMessageNotFound)
_UNREAD = select(func.count()).where(
    INBOX_MESSAGE.c.customer_id == bindparam("of_customer"), INBOX_MESSAGE.c.read_at.is_(None)
)


def unread(view: View, customer_id: str) -> int:
    """How many messages a customer has not read."""
    return int(view.rows(_UNREAD, {"of_customer": customer_id})[0][0])


def of(customer_id: str, *, only_unread: bool) -> list[ColumnElement[bool]]:
    """The conditions on messages of a customer."""
    mine: list[ColumnElement[bool]] = [INBOX_MESSAGE.c.customer_id == customer_id]
    return [*mine, INBOX_MESSAGE.c.read_at.is_(None)] if only_unread else mine
