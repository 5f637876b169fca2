"""The RPCs of endpoints. Secrets reach no kept reply and no event, so two of them orchestrate."""

from datetime import timedelta

from zhongtai.operations.v1 import webhook_endpoint_pb2 as v1
from zhongtai.operations.webhook_endpoint import store
from zhongtai.operations.webhook_endpoint.domain import WebhookEndpoint, WebhookSignature
from zhongtai.operations.webhook_endpoint.signing import new_key
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
async def register_webhook_endpoint(
    request: v1.RegisterWebhookEndpointRequest, given: Orchestration
) -> v1.RegisterWebhookEndpointResponse:
    """Registers an endpoint; its secret is in the first reply only, because replies are kept and secrets are not."""
    key = new_key(WebhookSignature(v1.WebhookSignature.Name(request.signature).removeprefix("WEBHOOK_SIGNATURE_")))

    def register(unit: Unit) -> v1.RegisterWebhookEndpointResponse:
        endpoint = value_of(
            request, WebhookEndpoint, endpoint_id=unit.new_id("whe"), keys=(key,), registered_at=unit.now
        )
        unit.record(endpoint.registered(store.EVENTS))
        store.endpoints.add(unit, endpoint)
        return v1.RegisterWebhookEndpointResponse(endpoint_id=endpoint.endpoint_id, endpoint=_message(endpoint))

    reply, new = await change_once(given, request, register)
    if new:
        reply.secret = key.secret
    return reply


@rpc
async def rotate_webhook_secret(
    request: v1.RotateWebhookSecretRequest, given: Orchestration
) -> v1.RotateWebhookSecretResponse:
    """Gives a new secret, beside which the one before signs until the overlap is over."""
    before = await given.read(lambda view: store.endpoints.load(view, request.endpoint_id))
    key = new_key(before.signature)

    def rotate(unit: Unit) -> v1.RotateWebhookSecretResponse:
        endpoint, rotated = store.endpoints.load(unit, request.endpoint_id).rotate(
            key, timedelta(seconds=request.overlap_seconds), unit.now
        )
        store.endpoints.save(unit, endpoint)
        unit.record(rotated)
        return v1.RotateWebhookSecretResponse(endpoint_id=endpoint.endpoint_id, endpoint=_message(endpoint))

    reply, new = await change_once(given, request, rotate)
    if new:
        reply.secret = key.secret
    return reply


@rpc
def disable_webhook_endpoint(
    request: v1.DisableWebhookEndpointRequest, unit: Unit
) -> v1.DisableWebhookEndpointResponse:
    """Sends nothing more there."""
    endpoint, disabled = store.endpoints.load(unit, request.endpoint_id).disable("ASKED")
    if disabled:
        store.endpoints.save(unit, endpoint)
        unit.record(disabled)
    return v1.DisableWebhookEndpointResponse(endpoint_id=endpoint.endpoint_id, endpoint=_message(endpoint))


@rpc
def enable_webhook_endpoint(request: v1.EnableWebhookEndpointRequest, unit: Unit) -> v1.EnableWebhookEndpointResponse:
    """Sends there again."""
    endpoint, enabled = store.endpoints.load(unit, request.endpoint_id).enable()
    if enabled:
        store.endpoints.save(unit, endpoint)
        unit.record(enabled)
    return v1.EnableWebhookEndpointResponse(endpoint_id=endpoint.endpoint_id, endpoint=_message(endpoint))


@rpc
def get_webhook_endpoint(request: v1.GetWebhookEndpointRequest, view: View) -> v1.GetWebhookEndpointResponse:
    """One endpoint."""
    return v1.GetWebhookEndpointResponse(endpoint=_message(store.endpoints.load(view, request.endpoint_id)))


@rpc
def list_webhook_endpoints(request: v1.ListWebhookEndpointsRequest, view: View) -> v1.ListWebhookEndpointsResponse:
    """Endpoints, page by page."""
    found, page = store.endpoints.page(view, request.page, *store.of_partner(request.partner_id))
    return v1.ListWebhookEndpointsResponse(endpoints=map(_message, found), page=page)


@rpc
def list_webhook_events(request: v1.ListWebhookEventsRequest, view: View) -> v1.ListWebhookEventsResponse:
    """The events that are open to partners."""
    _ = view
    shown, page = page_of(store.EVENTS, request.page)
    return v1.ListWebhookEventsResponse(events=shown, page=page)


def _message(endpoint: WebhookEndpoint) -> v1.WebhookEndpoint:
    return message_of(endpoint, v1.WebhookEndpoint, public_key=endpoint.public_key)
