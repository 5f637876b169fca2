"""How an event rests in a NATS message, and comes out of it.

An event is published under its full name (`zhongtai.credit.v1.LimitHeld`), its payload is the protobuf message, and its
headers are CloudEvents 1.0 attributes in the binary mode of the NATS binding (`ce-id`, `ce-type`, ...) beside the W3C
trace context: a foreign client needs nothing but the `.proto` files.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote, unquote

from zhongtai.runtime.envelope import Envelope

TRACE_HEADERS = ("traceparent", "tracestate", "baggage")
SOURCE_PREFIX = "urn:zhongtai:"

# What a CloudEvents header may hold as it is; all else is percent-encoded.
_PLAIN = re.compile(r"[!#$&-~]*")


def headers_of(envelope: Envelope) -> dict[str, str]:
    """What travels beside the payload: CloudEvents attributes, the id duplicates are refused by, the trace context."""
    headers = {
        "Nats-Msg-Id": envelope.event_id,
        "ce-specversion": "1.0",
        "ce-id": envelope.event_id,
        "ce-source": SOURCE_PREFIX + envelope.source,
        "ce-type": envelope.subject,
        "ce-subject": _encoded(envelope.key),
        "ce-time": envelope.occurred_at.isoformat(),
        "ce-datacontenttype": "application/protobuf",
        # The CloudEvents extension `sequence` asks for a text that sorts as the numbers do.
        "ce-sequence": f"{envelope.sequence:019d}",
        "ce-businessdate": envelope.business_date.isoformat(),
    }
    if envelope.cause:
        headers["ce-cause"] = _encoded(envelope.cause)
    headers.update((name, envelope.trace[name]) for name in TRACE_HEADERS if envelope.trace.get(name))
    return headers


def envelope_of(headers: Mapping[str, str] | None, payload: bytes) -> Envelope:
    """The event in a message; ValueError where its headers are not those of an event."""
    found = headers or {}
    try:
        return Envelope(
            event_id=found["ce-id"],
            subject=found["ce-type"],
            key=unquote(found["ce-subject"]),
            source=found["ce-source"].removeprefix(SOURCE_PREFIX),
            sequence=int(found["ce-sequence"]),
            occurred_at=datetime.fromisoformat(found["ce-time"]),
            business_date=date.fromisoformat(found["ce-businessdate"]),
            payload=payload,
            cause=unquote(found.get("ce-cause", "")),
            trace={name: found[name] for name in TRACE_HEADERS if name in found},
        )
    except KeyError as missing:
        raise ValueError(f"the message has no header {missing}") from missing


def _encoded(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="!#$&'()*+,/:;=?@[]")
