"""The inbox of the bank's app (站内信).

Always true: a message is read once, and stays read.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from zhongtai.kernel.refusals import Missing


class InboxMessageNotFound(Missing):
    """There is no message {notification_id} in the inbox of {customer_id}: check both.

    客户{customer_id}的站内信中没有消息{notification_id}：请核对。
    """

    customer_id: str
    notification_id: str


@dataclass(frozen=True, slots=True)
class InboxMessageRead:
    """A customer read a message."""

    notification_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One message of a customer."""

    notification_id: str
    customer_id: str
    subject: str
    body: str
    category: str
    arrived_at: datetime
    read_at: datetime | None = None

    def read(self, now: datetime) -> "tuple[InboxMessage, InboxMessageRead | None]":
        """Marks it read; no fact where it was."""
        if self.read_at is not None:
            return self, None
        return replace(self, read_at=now), InboxMessageRead(self.notification_id, self.customer_id)
