"""How notifications rest, with every try to deliver them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, func, select

from zhongtai.operations.notification.domain import (
    REPLAYED_AT_ONCE,
    DeliveryTry,
    Notification,
    NotificationNotFound,
    NotificationStatus,
)
from zhongtai.operations.notification_inbox import store as inbox_store
from zhongtai.operations.notification_inbox.domain import InboxMessage
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.staff_message import store as staff_store
from zhongtai.operations.staff_message.domain import StaffMessage, is_staff
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, day, instant, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
CLAIMED_AT_ONCE = 100
NOTIFICATION = Table(
    "notification",
    metadata,
    text("notification_id", primary_key=True),
    text("message_id"),
    text("dedupe_key", unique=True, index=True),
    text("rule_id"),
    text("event_id"),
    text("event"),
    text("recipient_id"),
    text("category"),
    text("template_id"),
    integer("template_version"),
    json("drafts"),
    text("channel"),
    day("day"),
    instant("due_at", nullable=True, index=True),
    instant("created_at"),
    integer("place"),
    text("status"),
    text("reason", nullable=True),
    integer("attempts"),
    integer("tries"),
    text("provider_reference"),
    instant("ended_at", nullable=True),
    text("replay_of"),
    text("replayed_by"),
    Index("ix_notification_recipient", "recipient_id", "day", "channel", "category"),
    Index("ix_notification_status", "status", "created_at"),
    Index("ix_notification_reference", "channel", "provider_reference"),
)
DELIVERY_TRY = Table(
    "notification_delivery_try",
    metadata,
    text("notification_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("channel"),
    integer("asked"),
    text("outcome"),
    text("detail"),
    text("provider_reference"),
    instant("began_at"),
    instant("ended_at"),
)
notifications = Records(NOTIFICATION, Notification, missing=NotificationNotFound)
tries = Records(DELIVERY_TRY, DeliveryTry)

_DUE = notifications.query(
    NOTIFICATION.c.due_at <= bindparam("now"), order_by=NOTIFICATION.c.due_at, limit=CLAIMED_AT_ONCE
)
_TRIES = tries.query(DELIVERY_TRY.c.notification_id == bindparam("of"), order_by=DELIVERY_TRY.c.number)
_REFERENCE = notifications.query(
    NOTIFICATION.c.channel == bindparam("channel"), NOTIFICATION.c.provider_reference == bindparam("reference"), limit=1
)
_REPLAYED = (
    NOTIFICATION.update().where(NOTIFICATION.c.notification_id == bindparam("of")).values(replayed_by=bindparam("by"))
)
_KNOWN = select(NOTIFICATION.c.notification_id).where(NOTIFICATION.c.dedupe_key == bindparam("dedupe_key"))
_OF_DAY = select(func.count()).where(
    NOTIFICATION.c.recipient_id == bindparam("recipient_id"),
    NOTIFICATION.c.day == bindparam("day"),
    NOTIFICATION.c.channel == bindparam("channel"),
    NOTIFICATION.c.category == bindparam("category"),
    NOTIFICATION.c.notification_id != bindparam("but"),
    NOTIFICATION.c.status.not_in([NotificationStatus.SUPPRESSED.value, NotificationStatus.FAILED.value]),
)


def known(view: View, dedupe_key: str) -> bool:
    """Whether there is a notification under a key already."""
    return bool(view.rows(_KNOWN, {"dedupe_key": dedupe_key}))


def due(view: View, now: datetime) -> list[Notification]:
    """What is to be looked at now, the longest waiting first, a handful at a time."""
    return _DUE(view, now=instant_text(now))


def sent_on(view: View, notification: Notification, channel: NotificationChannel, on: date) -> int:
    """How many others of its category its recipient has or gets on a day over a channel."""
    asked = {
        "recipient_id": notification.recipient_id,
        "day": on.isoformat(),
        "channel": channel.value,
        "category": notification.category,
        "but": notification.notification_id,
    }
    return int(view.rows(_OF_DAY, asked)[0][0])


def tries_of(view: View, notification_id: str) -> list[DeliveryTry]:
    """Every try to deliver a notification, in order."""
    return _TRIES(view, of=notification_id)


def by_reference(view: View, channel: str, reference: str) -> Notification | None:
    """The notification that a channel knows by its own reference."""
    return next(iter(_REFERENCE(view, channel=channel, reference=reference)), None)


def keep(unit: Unit, before: Notification | None, after: Notification) -> None:
    """Writes a notification, puts what arrived in the app into the inbox, and tells of a new state."""
    if before is None:
        notifications.add(unit, after)
    else:
        notifications.change(unit, before, after)
    if before is not None and before.status is after.status:
        return
    if after.status is NotificationStatus.DELIVERED and after.channel is NotificationChannel.IN_APP:
        said = after.notification_id, after.recipient_id, after.subject, after.body, after.category, unit.now
        if is_staff(after.recipient_id):
            staff_store.messages.add(unit, StaffMessage(*said))
        else:
            inbox_store.messages.add(unit, InboxMessage(*said))
    if after.fact is not None:
        unit.record(after.fact)


def about(status: str, recipient_id: str, rule_id: str) -> list[ColumnElement[bool]]:
    """The conditions on notifications that stand so, to a recipient, of a rule; empty texts ask nothing."""
    pairs = (
        (NOTIFICATION.c.status, status),
        (NOTIFICATION.c.recipient_id, recipient_id),
        (NOTIFICATION.c.rule_id, rule_id),
    )
    return [column == value for column, value in pairs if value]


def to_replay(
    view: View, from_time: datetime, to_time: datetime, conditions: Sequence[ColumnElement[bool]]
) -> tuple[list[Notification], bool]:
    """Those queued in a period that were not replayed and are no replays, a handful, and whether there are more."""
    found = notifications.query(
        NOTIFICATION.c.created_at >= instant_text(from_time),
        NOTIFICATION.c.created_at < instant_text(to_time),
        NOTIFICATION.c.replayed_by == "",
        NOTIFICATION.c.replay_of == "",
        *conditions,
        order_by=(NOTIFICATION.c.created_at, NOTIFICATION.c.notification_id),
        limit=REPLAYED_AT_ONCE + 1,
    )(view)
    return found[:REPLAYED_AT_ONCE], len(found) > REPLAYED_AT_ONCE


def mark_replayed(unit: Unit, notification_id: str, replayed_by: str) -> None:
    """Notes by which notification another is repeated."""
    unit.execute(_REPLAYED, {"of": notification_id, "by": replayed_by})
