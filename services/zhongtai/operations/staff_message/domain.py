"""A message to the bank's staff (员工消息): to one of them, or to a role, where the first who reads it reads for all.

Always true: a message is shown to who it is for only, and is read once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from zhongtai.kernel.refusals import Missing

_STAFF, _ROLE = "staff:", "role:"


class StaffMessageNotFound(Missing):
    """There is no message {notification_id} for you or a role of yours: check the id.

    没有发给您或您所属角色的消息{notification_id}：请核对。
    """

    notification_id: str


@dataclass(frozen=True, slots=True)
class StaffMessageRead:
    """A member of the staff read a message."""

    notification_id: str
    recipient: str
    read_by: str


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """One message; its recipient is `staff:` and a subject, or `role:` and a role."""

    notification_id: str
    recipient: str
    subject: str
    body: str
    category: str
    arrived_at: datetime
    read_at: datetime | None = None
    read_by: str = ""

    def read(self, recipients: Iterable[str], by: str, now: datetime) -> "tuple[StaffMessage, StaffMessageRead | None]":
        """Marks it read for all it is for; no fact where it was. Refuses who stands for none of its recipients."""
        if self.recipient not in recipients:
            raise StaffMessageNotFound(notification_id=self.notification_id)
        if self.read_at is not None:
            return self, None
        return replace(self, read_at=now, read_by=by), StaffMessageRead(self.notification_id, self.recipient, by)


def staff(subject: str) -> str:
    """The recipient that is one member of the staff."""
    return _STAFF + subject


def role(name: str) -> str:
    """The recipient that is a role."""
    return _ROLE + name


def is_staff(recipient: str) -> bool:
    """Whether a recipient is of the bank's staff, and no customer."""
    return recipient.startswith((_STAFF, _ROLE))
