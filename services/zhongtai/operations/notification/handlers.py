"""The RPCs of notifications, and the events that they tell of."""

from collections.abc import Sequence
from datetime import date, datetime

from google.protobuf.message import Message

from zhongtai.operations.notification import store
from zhongtai.operations.notification.choosing import chosen, chosen_for_partner, due_at
from zhongtai.operations.notification.domain import (
    WEBHOOK_RULE,
    Notification,
    NotificationStatus,
    WebhookTestAsked,
    check_replay,
)
from zhongtai.operations.notification.recipients import reader, recipient_of
from zhongtai.operations.notification_contact import store as contact_store
from zhongtai.operations.notification_rule import store as rule_store
from zhongtai.operations.notification_rule.domain import NotificationRule
from zhongtai.operations.notification_template import store as template_store
from zhongtai.operations.notification_template.domain import (
    Draft,
    NotificationChannel,
    NotificationTemplate,
    Value,
)
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.operations.webhook_endpoint import store as endpoint_store
from zhongtai.operations.webhook_endpoint.domain import WebhookEndpoint
from zhongtai.operations.webhook_endpoint.payload import payload
from zhongtai.runtime.clock import BANK_ZONE
from zhongtai.runtime.convert import instant_of, message_of
from zhongtai.runtime.unit import Unit, View, on_each, rpc

_DEFAULT_CHANNELS = (NotificationChannel.SMS, NotificationChannel.EMAIL, NotificationChannel.IN_APP)
_STATUS = "NOTIFICATION_STATUS_"


@rpc
def queue_notification(request: v1.QueueNotificationRequest, unit: Unit) -> v1.QueueNotificationResponse:
    """Queues one message to a customer."""
    template = template_store.in_force(unit, request.template_id)
    channels = [_channel(number) for number in request.channels] or _DEFAULT_CHANNELS
    values = template.read(request.values)
    queued = _told(
        unit,
        template,
        request.customer_id,
        channels=channels,
        values=values,
        dedupe_key=f"request:{unit.new_id('ntf')}",
    )
    return v1.QueueNotificationResponse(notification_id=queued.notification_id, notification=_message(queued))


@rpc
def report_delivery(request: v1.ReportDeliveryRequest, unit: Unit) -> v1.ReportDeliveryResponse:
    """Writes down what became of a message."""
    before = store.by_reference(unit, _channel(request.channel), request.provider_reference)
    if before is None:
        return v1.ReportDeliveryResponse()
    store.keep(unit, before, before.reported(delivered=request.delivered, now=unit.now))
    return v1.ReportDeliveryResponse(notification_id=before.notification_id)


@rpc
def replay_notification(request: v1.ReplayNotificationRequest, unit: Unit) -> v1.ReplayNotificationResponse:
    """Sends one again."""
    replayed = _replayed(unit, store.notifications.load(unit, request.notification_id))
    return v1.ReplayNotificationResponse(replay_id=replayed.notification_id, notification=_message(replayed))


@rpc
def replay_notifications(request: v1.ReplayNotificationsRequest, unit: Unit) -> v1.ReplayNotificationsResponse:
    """Sends those of a period again."""
    status = NotificationStatus(v1.NotificationStatus.Name(request.status).removeprefix(_STATUS))
    from_time, to_time = instant_of(request.from_time), instant_of(request.to_time)
    check_replay(status, from_time, to_time)
    conditions = store.about(status, request.recipient_id, request.rule_id)
    found, more = store.to_replay(unit, from_time, to_time, conditions)
    for notification in found:
        _replayed(unit, notification)
    return v1.ReplayNotificationsResponse(replayed=len(found), more=more)


@rpc
def send_test_webhook(request: v1.SendTestWebhookRequest, unit: Unit) -> v1.SendTestWebhookResponse:
    """Queues a test message to a partner's endpoint."""
    endpoint = endpoint_store.endpoints.load(unit, request.endpoint_id)
    unit.record(WebhookTestAsked(endpoint.endpoint_id))
    queued = _told_partner(unit, endpoint, v1.WebhookTestAsked(endpoint_id=endpoint.endpoint_id), unit.new_id("ntf"))
    return v1.SendTestWebhookResponse(notification_id=queued.notification_id, notification=_message(queued))


@rpc
def get_notification(request: v1.GetNotificationRequest, view: View) -> v1.GetNotificationResponse:
    """One notification with every try."""
    found = store.notifications.load(view, request.notification_id)
    tries = [message_of(each, v1.DeliveryTry) for each in store.tries_of(view, found.notification_id)]
    return v1.GetNotificationResponse(notification=_message(found), tries=tries)


@rpc
def list_notifications(request: v1.ListNotificationsRequest, view: View) -> v1.ListNotificationsResponse:
    """Notifications, page by page."""
    status = v1.NotificationStatus.Name(request.status).removeprefix(_STATUS) if request.status else ""
    conditions = store.about(status, request.recipient_id, request.rule_id)
    found, page = store.notifications.page(view, request.page, *conditions)
    return v1.ListNotificationsResponse(notifications=map(_message, found), page=page)


@on_each(dict.fromkeys((*rule_store.EVENTS, *endpoint_store.EVENTS)))
def told_of(event: Message, unit: Unit) -> None:
    """Queues what the rules and the subscriptions of partners make of an event, once for each recipient."""
    name, read = event.DESCRIPTOR.full_name, reader(event)
    for rule in rule_store.rules_for(unit, name):
        recipient = recipient_of(unit, rule, read) if rule.applies(read) else ""
        if recipient:
            template = template_store.in_force(unit, rule.template_id)
            key = f"{unit.request_id}:{rule.rule_id}:{recipient}"
            _told(
                unit, template, recipient, channels=rule.channels, values=rule.values(read), dedupe_key=key, rule=rule
            )
    for endpoint in endpoint_store.hearing(unit, name):
        _told_partner(unit, endpoint, event, unit.request_id)


def _told_partner(unit: Unit, endpoint: WebhookEndpoint, event: Message, told_by: str) -> Notification:
    """Queues a message to a partner's endpoint, unless there is one of what told it."""
    draft = Draft(NotificationChannel.WEBHOOK, "", payload(event, unit.now))
    key = f"{told_by}:{WEBHOOK_RULE}:{endpoint.endpoint_id}"
    name = event.DESCRIPTOR.full_name
    queued = _new(unit, endpoint.endpoint_id, (draft,), key, rule_id=WEBHOOK_RULE, event=name)
    queued = chosen_for_partner(unit, queued, endpoint)
    if not store.known(unit, key):
        store.keep(unit, None, queued)
    return queued


def _told(
    unit: Unit,
    template: NotificationTemplate,
    recipient_id: str,
    *,
    channels: Sequence[NotificationChannel],
    values: dict[str, Value],
    dedupe_key: str,
    rule: NotificationRule | None = None,
) -> Notification:
    """Queues a message to a recipient, unless there is one under its key."""
    contact = contact_store.known(unit, recipient_id)
    drafts = template.drafts(channels, contact.language, values)
    queued = _new(
        unit, recipient_id, drafts, dedupe_key, rule_id=rule.rule_id if rule else "", event=rule.event if rule else ""
    ).written_by(template)
    if not store.known(unit, dedupe_key):
        due = due_at(queued.category, unit.now)
        queued = chosen(unit, queued.due(due, _day(due)), contact)
        store.keep(unit, None, queued)
    return queued


def _new(
    unit: Unit, recipient_id: str, drafts: tuple[Draft, ...], dedupe_key: str, *, rule_id: str, event: str
) -> Notification:
    """A message that is due now."""
    notification_id = unit.new_id("ntf")
    return Notification(
        notification_id=notification_id,
        message_id=notification_id,
        dedupe_key=dedupe_key,
        rule_id=rule_id,
        event_id=unit.request_id,
        event=event,
        recipient_id=recipient_id,
        category="",
        template_id="",
        template_version=0,
        drafts=drafts,
        channel=drafts[0].channel,
        day=_day(unit.now),
        due_at=unit.now,
        created_at=unit.now,
    )


def _replayed(unit: Unit, original: Notification) -> Notification:
    """Queues a message anew, with what stands against it now."""
    made = original.replay(unit.new_id("ntf"), day=_day(unit.now), now=unit.now)
    if made.channel is NotificationChannel.WEBHOOK:
        replayed = chosen_for_partner(unit, made, endpoint_store.endpoints.load(unit, made.recipient_id))
    else:
        due = due_at(made.category, unit.now)
        replayed = chosen(unit, made.due(due, _day(due)), contact_store.known(unit, made.recipient_id))
    store.keep(unit, None, replayed)
    store.mark_replayed(unit, original.notification_id, replayed.notification_id)
    return replayed


def _channel(number: int) -> NotificationChannel:
    name = template_v1.NotificationChannel.Name(number)
    return NotificationChannel(name.removeprefix("NOTIFICATION_CHANNEL_"))


def _day(instant: datetime) -> date:
    return instant.astimezone(BANK_ZONE).date()


def _message(notification: Notification) -> v1.Notification:
    return message_of(
        notification,
        v1.Notification,
        subject=notification.subject,
        body=notification.body,
        sms_parts=notification.sms_parts,
    )
