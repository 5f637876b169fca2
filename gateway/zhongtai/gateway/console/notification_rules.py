"""Notification rules: which event becomes which message, what it would say in both languages, stopped and started."""

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import notifications
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Told, Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import notification_rule_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime import contracts

MOST = 200
VERBS = {"pause": v1.PauseNotificationRuleRequest, "resume": v1.ResumeNotificationRuleRequest}


async def listed(visit: Visit) -> Response:
    """Every rule."""
    return visit.show(
        "notification_rules.html", told=await _rules(visit), channel_name=notifications.channel_name, kind=kind
    )


async def one(visit: Visit) -> Response:
    """One rule, and its message with an example in place of each variable."""
    return await _show(visit)


async def act(visit: Visit) -> Response:
    """Stops a rule, or lets it go on."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    rule_id = visit.request.path_params["rule_id"]
    if verb not in VERBS:
        raise NothingHere(name=verb[:40])
    told = await visit.act(VERBS[verb](request_id=fields.get("request_id", ""), rule_id=rule_id))
    return visit.go(f"notification-rules/{rule_id}", done=verb) if told else await _show(visit, told.refusal)


async def _rules(visit: Visit) -> Told:
    return await visit.told(v1.ListNotificationRulesRequest(page=PageRequest(size=MOST)))


async def _show(visit: Visit, refusal: Refusal | None = None) -> Response:
    rule_id, told = visit.request.path_params["rule_id"], await _rules(visit)
    if told.refusal is not None:
        raise told.refusal
    found = next((rule for rule in told.reply.rules if rule.rule_id == rule_id), None)
    if found is None:
        raise NothingHere(name=rule_id[:40])
    done = visit.query.get("done", "")
    return visit.show(
        "notification_rule.html",
        found=found,
        kind=kind(found),
        channel_name=notifications.channel_name,
        channel=notifications.channel,
        language=notifications.language,
        preview=await visit.told(template_v1.PreviewNotificationTemplateRequest(template_id=found.template_id)),
        may_write=visit.may(contracts.method_of(v1.PauseNotificationRuleRequest)),
        refusal=refusal,
        done=done if done in VERBS else "",
        request_id=visit.console.ids.new("req"),
    )


def kind(rule: v1.NotificationRule) -> str:
    """What names the recipient, `CUSTOMER`."""
    return v1.NotificationRecipientKind.Name(rule.recipient_kind).removeprefix("NOTIFICATION_RECIPIENT_KIND_")
