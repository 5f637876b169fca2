"""Partners' endpoints: registered, tested, given a new secret, stopped and started, with everything sent there."""

from collections.abc import Callable
from datetime import timedelta

from google.protobuf.message import Message
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import notifications
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Told, Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import notification_pb2
from zhongtai.operations.v1 import webhook_endpoint_pb2 as v1
from zhongtai.runtime import contracts

ROWS = 25
MOST_EVENTS = 200
WEBHOOK_RULE = "webhook"
SIGNATURES = tuple(name.removeprefix("WEBHOOK_SIGNATURE_") for name in v1.WebhookSignature.keys()[1:])
# How long a secret that was replaced may go on signing: at once, an hour, a day, a week.
OVERLAPS_HOURS = (0, 1, 24, 168)
# The most of what failed that one press of a button queues again; the button stays where there is more.
_MISSED = timedelta(days=7)


def _disable(request_id: str, endpoint_id: str) -> Message:
    return v1.DisableWebhookEndpointRequest(request_id=request_id, endpoint_id=endpoint_id)


def _enable(request_id: str, endpoint_id: str) -> Message:
    return v1.EnableWebhookEndpointRequest(request_id=request_id, endpoint_id=endpoint_id)


def _test(request_id: str, endpoint_id: str) -> Message:
    return notification_pb2.SendTestWebhookRequest(request_id=request_id, endpoint_id=endpoint_id)


# What the plain buttons ask for, by a request id of the form and the endpoint.
VERBS: dict[str, Callable[[str, str], Message]] = {"disable": _disable, "enable": _enable, "test": _test}


async def listed(visit: Visit) -> Response:
    """Every endpoint, or those of a partner, and the form that registers one."""
    return await _show_all(visit)


async def register(visit: Visit) -> Response:
    """Registers an endpoint and shows its secret, this once."""
    fields = await visit.form()
    signature = fields.get("signature", "")
    request = v1.RegisterWebhookEndpointRequest(
        request_id=fields.get("request_id", ""),
        partner_id=fields.get("partner_id", "").strip(),
        url=fields.get("url", "").strip(),
        events=[name.removeprefix("event:") for name in fields if name.startswith("event:")],
        signature=f"WEBHOOK_SIGNATURE_{signature if signature in SIGNATURES else 'UNSPECIFIED'}",
    )
    told = await visit.act(request)
    if not told:
        return await _show_all(visit, told.refusal, fields)
    return await _show(visit, told.reply.endpoint_id, given=told.reply)


async def one(visit: Visit) -> Response:
    """One endpoint with everything that was sent there."""
    return await _show(visit, visit.request.path_params["endpoint_id"])


async def act(visit: Visit) -> Response:
    """Tests, stops or starts an endpoint, replays what it missed, or gives it a new secret, shown this once."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    endpoint_id, request_id = visit.request.path_params["endpoint_id"], fields.get("request_id", "")
    if verb == "rotate":
        hours = fields.get("overlap_hours", "")
        overlap = int(hours) * 3600 if hours in map(str, OVERLAPS_HOURS) else 0
        told = await visit.act(
            v1.RotateWebhookSecretRequest(request_id=request_id, endpoint_id=endpoint_id, overlap_seconds=overlap)
        )
        return await _show(visit, endpoint_id, told.refusal, given=told.reply)
    if verb == "replay":
        told = await _replay(visit, request_id, endpoint_id)
    elif verb in VERBS:
        told = await visit.act(VERBS[verb](request_id, endpoint_id))
    else:
        raise NothingHere(name=verb[:40])
    return (
        visit.go(f"webhook-endpoints/{endpoint_id}", done=verb)
        if told
        else await _show(visit, endpoint_id, told.refusal)
    )


async def _replay(visit: Visit, request_id: str, endpoint_id: str) -> Told:
    """Queues again what failed in the last days."""
    request = notification_pb2.ReplayNotificationsRequest(
        request_id=request_id,
        status=notification_pb2.NOTIFICATION_STATUS_FAILED,
        rule_id=WEBHOOK_RULE,
        recipient_id=endpoint_id,
    )
    now = visit.console.given.clock.now()
    request.from_time.FromDatetime(now - _MISSED)
    request.to_time.FromDatetime(now)
    return await visit.act(request)


async def _show_all(visit: Visit, refusal: Refusal | None = None, fields: dict[str, str] | None = None) -> Response:
    partner = visit.query.get("partner", "").strip()[:64]
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""))
    told = await visit.told(v1.ListWebhookEndpointsRequest(partner_id=partner, page=page))
    may_write = visit.may(contracts.method_of(v1.RegisterWebhookEndpointRequest))
    events = await visit.told(v1.ListWebhookEventsRequest(page=PageRequest(size=MOST_EVENTS))) if may_write else None
    return visit.show(
        "webhook_endpoints.html",
        told=told,
        partner=partner,
        events=events.reply.events if events else (),
        may_write=may_write,
        signatures=SIGNATURES,
        state=state,
        refusal=refusal,
        fields=fields or {},
        request_id=visit.console.ids.new("req"),
    )


async def _show(
    visit: Visit,
    endpoint_id: str,
    refusal: Refusal | None = None,
    given: v1.RegisterWebhookEndpointResponse | v1.RotateWebhookSecretResponse | None = None,
) -> Response:
    endpoint = (await visit.ask(_get(endpoint_id), v1.GetWebhookEndpointResponse)).endpoint
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    log = await visit.told(
        notification_pb2.ListNotificationsRequest(recipient_id=endpoint_id, rule_id=WEBHOOK_RULE, page=page)
    )
    done = visit.query.get("done", "")
    return visit.show(
        "webhook_endpoint.html",
        found=endpoint,
        status=state(endpoint),
        signature=v1.WebhookSignature.Name(endpoint.signature).removeprefix("WEBHOOK_SIGNATURE_"),
        log=log,
        state=notifications.state,
        reason=notifications.reason,
        may_write=visit.may(contracts.method_of(v1.RegisterWebhookEndpointRequest)),
        may_replay=visit.may(contracts.method_of(notification_pb2.ReplayNotificationsRequest)),
        given=given,
        done=done if done in (*VERBS, "replay") else "",
        overlaps=OVERLAPS_HOURS,
        refusal=refusal,
        request_id=visit.console.ids.new("req"),
    )


def state(endpoint: v1.WebhookEndpoint) -> str:
    """How an endpoint stands, `ENABLED`."""
    return v1.WebhookEndpointStatus.Name(endpoint.status).removeprefix("WEBHOOK_ENDPOINT_STATUS_")


def _get(endpoint_id: str) -> v1.GetWebhookEndpointRequest:
    return v1.GetWebhookEndpointRequest(endpoint_id=endpoint_id)
