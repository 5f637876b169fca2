"""How endpoints rest, and the events that are open to partners."""

from sqlalchemy import ColumnElement, MetaData, Table, bindparam

from zhongtai.operations.webhook_endpoint.domain import (
    WebhookEndpoint,
    WebhookEndpointNotFound,
    WebhookEndpointStatus,
)
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
ENDPOINTS_AT_MOST = 1_000
WEBHOOK_ENDPOINT = Table(
    "webhook_endpoint",
    metadata,
    text("endpoint_id", primary_key=True),
    text("partner_id", index=True),
    text("url"),
    json("events"),
    text("signature"),
    json("keys"),
    instant("registered_at"),
    text("status", index=True),
    integer("failures"),
    instant("failing_since", nullable=True),
)
endpoints = Records(WEBHOOK_ENDPOINT, WebhookEndpoint, missing=WebhookEndpointNotFound)
_ENABLED = endpoints.query(
    WEBHOOK_ENDPOINT.c.status == WebhookEndpointStatus.ENABLED.value,
    WEBHOOK_ENDPOINT.c.events.contains(bindparam("event")),
    order_by=WEBHOOK_ENDPOINT.c.endpoint_id,
    limit=ENDPOINTS_AT_MOST,
)

EVENTS: tuple[str, ...] = tuple(shipped(__package__, "events.json"))


def hearing(view: View, event: str) -> list[WebhookEndpoint]:
    """The enabled endpoints that hear of an event."""
    # The column holds a JSON list, in which a name stands between quotes.
    return [endpoint for endpoint in _ENABLED(view, event=f'"{event}"') if event in endpoint.events]


def of_partner(partner_id: str) -> list[ColumnElement[bool]]:
    """The condition on endpoints of a partner; an empty text asks nothing."""
    return [WEBHOOK_ENDPOINT.c.partner_id == partner_id] if partner_id else []
