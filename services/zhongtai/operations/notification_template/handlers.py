"""The RPCs of notification templates: propose, release by another, look."""

from zhongtai.operations.notification_consent import store as consent_store
from zhongtai.operations.notification_rule import store as rule_store
from zhongtai.operations.notification_template import store
from zhongtai.operations.notification_template.domain import (
    NotificationChannel,
    NotificationTemplate,
    NotificationTemplateStatus,
)
from zhongtai.operations.v1 import notification_template_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def propose_notification_template(
    request: v1.ProposeNotificationTemplateRequest, unit: Unit
) -> v1.ProposeNotificationTemplateResponse:
    """Keeps the next version of a template, which waits for its release."""
    template_id = request.template.template_id
    proposed = value_of(
        request.template,
        NotificationTemplate,
        version=store.latest_version(unit, template_id) + 1,
        status=NotificationTemplateStatus.PROPOSED,
        proposed_by=unit.caller.acting,
        released_by="",
    ).checked()
    consent_store.category(proposed.category)
    for rule in rule_store.rules_of(template_id):
        rule.must_fill(proposed)
    store.templates.add(unit, proposed)
    return v1.ProposeNotificationTemplateResponse(
        template_id=template_id, version=proposed.version, template=_message(proposed)
    )


@rpc
def release_notification_template(
    request: v1.ReleaseNotificationTemplateRequest, unit: Unit
) -> v1.ReleaseNotificationTemplateResponse:
    """Puts a version in force."""
    proposed = store.version_of(unit, request.template_id, request.version)
    latest = store.released_version(unit, request.template_id)
    template, released = proposed.release(unit.caller.acting, latest)
    if released:
        store.templates.save(unit, template)
        unit.record(released)
    return v1.ReleaseNotificationTemplateResponse(template=_message(template))


@rpc
def get_notification_template(
    request: v1.GetNotificationTemplateRequest, view: View
) -> v1.GetNotificationTemplateResponse:
    """One version, or the one in force."""
    return v1.GetNotificationTemplateResponse(template=_message(_asked(request, view)))


@rpc
def list_notification_templates(
    request: v1.ListNotificationTemplatesRequest, view: View
) -> v1.ListNotificationTemplatesResponse:
    """The shipped versions, and behind them those of this bank."""
    status = v1.NotificationTemplateStatus.Name(request.status).removeprefix("NOTIFICATION_TEMPLATE_STATUS_")
    found = [template for template in store.every(view) if not request.status or template.status == status]
    shown, page = page_of(found, request.page)
    return v1.ListNotificationTemplatesResponse(templates=map(_message, shown), page=page)


@rpc
def preview_notification_template(
    request: v1.PreviewNotificationTemplateRequest, view: View
) -> v1.PreviewNotificationTemplateResponse:
    """The texts with examples, and the parts of each SMS at its longest."""
    template = _asked(request, view)
    return v1.PreviewNotificationTemplateResponse(
        texts=[message_of(text, v1.TemplateText) for text in template.examples()],
        sms_parts={
            text.language: template.longest_sms(text)
            for text in template.texts
            if text.channel is NotificationChannel.SMS
        },
    )


def _asked(
    request: v1.GetNotificationTemplateRequest | v1.PreviewNotificationTemplateRequest, view: View
) -> NotificationTemplate:
    if request.HasField("version"):
        return store.version_of(view, request.template_id, request.version)
    return store.in_force(view, request.template_id)


def _message(template: NotificationTemplate) -> v1.NotificationTemplate:
    return message_of(template, v1.NotificationTemplate)
