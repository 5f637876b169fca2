"""Notifications: what was sent to whom with every try, and again by a form; templates; what customers agreed to."""

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import notification_consent_pb2 as consent_v1
from zhongtai.operations.v1 import notification_contact_pb2 as contact_v1
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime import contracts

ROWS = 25
STATUSES = tuple(name.removeprefix("NOTIFICATION_STATUS_") for name in v1.NotificationStatus.keys()[1:])
ALL = "ALL"
CHANNELS = tuple(name.removeprefix("NOTIFICATION_CHANNEL_") for name in template_v1.NotificationChannel.keys()[1:])
# What a customer cannot refuse.
_FIXED = (consent_v1.NOTIFICATION_PURPOSE_SECURITY, consent_v1.NOTIFICATION_PURPOSE_DUTY)
_UNDER_WAY = ("QUEUED", "SENDING")


async def listed(visit: Visit) -> Response:
    """Notifications, the newest first, of one state and one recipient where asked."""
    status, recipient_id = visit.query.get("status", ALL), visit.query.get("recipient", "").strip()[:64]
    asked = status if status in STATUSES else "UNSPECIFIED"
    request = v1.ListNotificationsRequest(
        status=f"NOTIFICATION_STATUS_{asked}",
        recipient_id=recipient_id,
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show(
        "notifications.html",
        told=await visit.told(request),
        statuses=(*STATUSES, ALL),
        filters={"status": status if status in STATUSES else ALL, "recipient": recipient_id},
        state=state,
        channel=channel,
        reason=reason,
    )


async def one(visit: Visit) -> Response:
    """One notification with every try."""
    return await _show(visit)


async def replay(visit: Visit) -> Response:
    """Sends one again; what the service refuses stands above it."""
    fields = await visit.form()
    notification_id = visit.request.path_params["notification_id"]
    # The id is the form's: a form that is sent twice asks once.
    request = v1.ReplayNotificationRequest(request_id=fields.get("request_id", ""), notification_id=notification_id)
    told = await visit.act(request)
    if not told:
        return await _show(visit, told.refusal)
    return visit.go(f"notifications/{told.reply.replay_id}", done="replay")


async def templates(visit: Visit) -> Response:
    """Every version of every template."""
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""))
    told = await visit.told(template_v1.ListNotificationTemplatesRequest(page=page))
    return visit.show("notification_templates.html", told=told, standing=standing)


async def template(visit: Visit) -> Response:
    """One version, with examples in place of its variables."""
    return await _show_template(visit)


async def release(visit: Visit) -> Response:
    """Puts a version in force; what the service refuses, as it does its author, stands above it."""
    fields = await visit.form()
    template_id, version = visit.request.path_params["template_id"], visit.request.path_params["version"]
    request = template_v1.ReleaseNotificationTemplateRequest(
        request_id=fields.get("request_id", ""), template_id=template_id, version=version
    )
    told = await visit.act(request)
    if not told:
        return await _show_template(visit, told.refusal)
    return visit.go(f"notification-templates/{template_id}/{version}")


async def consents(visit: Visit) -> Response:
    """What a customer agreed to, and what follows where they said nothing."""
    return await _show_consents(visit)


async def state_consent(visit: Visit) -> Response:
    """Records what a customer says to one category on one channel; what must be told cannot be refused."""
    fields, customer_id = await visit.form(), visit.request.path_params["customer_id"]
    name = fields.get("channel", "")
    request = consent_v1.SetNotificationConsentRequest(
        request_id=fields.get("request_id", ""),
        customer_id=customer_id,
        category=fields.get("category", ""),
        channel=f"NOTIFICATION_CHANNEL_{name if name in CHANNELS else 'UNSPECIFIED'}",
        allowed=fields.get("allowed") == "1",
    )
    told = await visit.act(request)
    if not told:
        return await _show_consents(visit, told.refusal)
    return visit.go(f"notification-consents/{customer_id}", done="state")


def state(found: v1.Notification) -> str:
    """How a notification stands, `QUEUED`."""
    return v1.NotificationStatus.Name(found.status).removeprefix("NOTIFICATION_STATUS_")


def reason(found: v1.Notification) -> str:
    """Why it was not sent, `NO_CONSENT`; empty where it was."""
    return v1.NotificationReason.Name(found.reason).removeprefix("NOTIFICATION_REASON_") if found.reason else ""


def channel(found: v1.Notification | v1.DeliveryTry | template_v1.TemplateText | consent_v1.NotificationConsent) -> str:
    """By what, `SMS`."""
    return channel_name(found.channel)


def channel_name(number: template_v1.NotificationChannel) -> str:
    """A channel by its number, `SMS`."""
    return template_v1.NotificationChannel.Name(number).removeprefix("NOTIFICATION_CHANNEL_")


def language(text: template_v1.TemplateText) -> str:
    """The language of a text, `ZH`."""
    return template_v1.NotificationLanguage.Name(text.language).removeprefix("NOTIFICATION_LANGUAGE_")


def standing(found: template_v1.NotificationTemplate) -> str:
    """How a version stands, `RELEASED`."""
    return template_v1.NotificationTemplateStatus.Name(found.status).removeprefix("NOTIFICATION_TEMPLATE_STATUS_")


def outcome(tried: v1.DeliveryTry) -> str:
    """What a channel answered, `ACCEPTED`."""
    return v1.DeliveryOutcome.Name(tried.outcome).removeprefix("DELIVERY_OUTCOME_")


async def _show(visit: Visit, refusal: Refusal | None = None) -> Response:
    request = v1.GetNotificationRequest(notification_id=visit.request.path_params["notification_id"])
    reply = await visit.ask(request, v1.GetNotificationResponse)
    found = reply.notification
    may_replay = visit.may(contracts.method_of(v1.ReplayNotificationRequest))
    return visit.show(
        "notification.html",
        found=found,
        tries=reply.tries,
        status=state(found),
        reason=reason(found),
        channel=channel,
        outcome=outcome,
        refusal=refusal,
        done="done" in visit.query,
        replayable=may_replay and state(found) not in _UNDER_WAY,
        request_id=visit.console.ids.new("req"),
    )


async def _show_consents(visit: Visit, refusal: Refusal | None = None) -> Response:
    customer_id = visit.request.path_params["customer_id"]
    categories = await visit.told(consent_v1.ListNotificationCategoriesRequest())
    kinds = categories.reply.categories if categories else ()
    return visit.show(
        "notification_consents.html",
        told=await visit.told(consent_v1.ListNotificationConsentsRequest(customer_id=customer_id)),
        contact=await visit.told(contact_v1.GetNotificationContactRequest(customer_id=customer_id)),
        categories=categories,
        fixed={kind.category for kind in kinds if kind.purpose in _FIXED},
        may_write=visit.may(contracts.method_of(consent_v1.SetNotificationConsentRequest)),
        customer_id=customer_id,
        channel=channel,
        refusal=refusal,
        done="done" in visit.query,
        request_id=visit.console.ids.new("req"),
    )


async def _show_template(visit: Visit, refusal: Refusal | None = None) -> Response:
    template_id, version = visit.request.path_params["template_id"], visit.request.path_params["version"]
    request = template_v1.GetNotificationTemplateRequest(template_id=template_id, version=version)
    found = (await visit.ask(request, template_v1.GetNotificationTemplateResponse)).template
    asked = template_v1.PreviewNotificationTemplateRequest(template_id=template_id, version=version)
    preview = await visit.ask(asked, template_v1.PreviewNotificationTemplateResponse)
    may_release = visit.may(contracts.method_of(template_v1.ReleaseNotificationTemplateRequest))
    return visit.show(
        "notification_template.html",
        found=found,
        preview=preview,
        standing=standing(found),
        channel=channel,
        language=language,
        refusal=refusal,
        releasable=may_release and standing(found) == "PROPOSED",
        request_id=visit.console.ids.new("req"),
    )
