"""The RPCs of consents, and what follows where marketing's customer takes one back."""

from zhongtai.marketing.v1 import customer_pb2 as marketing_v1
from zhongtai.operations.notification_consent import store
from zhongtai.operations.notification_consent.domain import Consent, NotificationCategory
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_consent_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, on, rpc

_CUSTOMERS_CHANNELS = (NotificationChannel.SMS, NotificationChannel.EMAIL, NotificationChannel.IN_APP)


@rpc
def set_notification_consent(
    request: v1.SetNotificationConsentRequest, unit: Unit
) -> v1.SetNotificationConsentResponse:
    """Records what a customer says."""
    category = store.category(request.category)
    category.must_be_refusable()
    name = template_v1.NotificationChannel.Name(request.channel).removeprefix("NOTIFICATION_CHANNEL_")
    consent = Consent(
        request.customer_id, category.category, NotificationChannel(name), request.allowed, stated_at=unit.now
    )
    store.state(unit, consent)
    return v1.SetNotificationConsentResponse(consent=_message(category, consent.channel, consent))


@rpc
def list_notification_consents(
    request: v1.ListNotificationConsentsRequest, view: View
) -> v1.ListNotificationConsentsResponse:
    """Each category on each channel: what was said, or what follows."""
    stated = store.stated(view, request.customer_id)
    every = [(category, channel) for category in store.POLICY.of_customers for channel in _CUSTOMERS_CHANNELS]
    shown, page = page_of(every, request.page)
    found = [_message(category, channel, stated.get((category.category, channel))) for category, channel in shown]
    return v1.ListNotificationConsentsResponse(consents=found, page=page)


@rpc
def list_notification_categories(
    request: v1.ListNotificationCategoriesRequest, view: View
) -> v1.ListNotificationCategoriesResponse:
    """The categories, and the quiet hours."""
    shown, page = page_of(store.POLICY.categories, request.page)
    return v1.ListNotificationCategoriesResponse(
        categories=[message_of(category, v1.NotificationCategory) for category in shown],
        quiet_hours=message_of(store.POLICY.quiet_hours, v1.QuietHours),
        page=page,
    )


@on
def consent_withdrawn(event: marketing_v1.ConsentWithdrawn, unit: Unit) -> None:
    """Refuses, on every channel, the categories that stood on a purpose the customer took back."""
    for category in store.POLICY.categories:
        if category.consent_purpose == event.purpose:
            for channel in _CUSTOMERS_CHANNELS:
                store.state(
                    unit, Consent(event.customer_id, category.category, channel, allowed=False, stated_at=unit.now)
                )


def _message(
    category: NotificationCategory, channel: NotificationChannel, stated: Consent | None
) -> v1.NotificationConsent:
    return v1.NotificationConsent(
        category=category.category,
        channel=f"NOTIFICATION_CHANNEL_{channel}",
        allowed=category.allows(stated),
        stated=stated is not None,
        stated_at=stated.stated_at if stated else None,
    )
