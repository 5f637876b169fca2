"""What stands against a channel for a notification now: the contact, the consent, the cap, the partner's endpoint.

It is asked when a notification is queued and again when it is sent, for between the two a customer may have refused.
"""

from datetime import datetime

from zhongtai.operations.notification import store
from zhongtai.operations.notification.domain import Notification, NotificationReason
from zhongtai.operations.notification_consent import store as consent_store
from zhongtai.operations.notification_consent.domain import Verdict, verdict
from zhongtai.operations.notification_contact.domain import NotificationContact
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.webhook_endpoint.domain import WebhookEndpoint
from zhongtai.runtime.clock import BANK_ZONE
from zhongtai.runtime.unit import View


def chosen(view: View, notification: Notification, contact: NotificationContact) -> Notification:
    """The notification on a channel that may be used now, arrived in the app, or ended for want of one."""
    stated = consent_store.stated(view, notification.recipient_id)
    category = consent_store.category(notification.category)

    def against(channel: NotificationChannel) -> NotificationReason | None:
        found = verdict(
            category,
            channel,
            address=contact.address(channel),
            stated=stated.get((category.category, channel)),
            sent_today=lambda: store.sent_on(view, notification, channel, notification.day),
        )
        return None if found is Verdict.ALLOWED else NotificationReason(found.value)

    return notification.chosen(against, view.now)


def chosen_for_partner(view: View, notification: Notification, endpoint: WebhookEndpoint) -> Notification:
    """The notification for a partner's endpoint, suppressed where that is disabled."""
    reason = None if endpoint.enabled else NotificationReason.ENDPOINT_DISABLED
    return notification.chosen(lambda _: reason, view.now)


def due_at(category: str, now: datetime) -> datetime:
    """When a message of a category may be sent that is queued now: quiet hours are waited for."""
    policy = consent_store.POLICY
    return policy.due(policy.category(category), now.astimezone(BANK_ZONE))
