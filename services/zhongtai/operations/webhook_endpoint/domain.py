"""A partner's endpoint (Webhook订阅): which events it hears of, where, how they are signed, and when it is given up.

After the Standard Webhooks specification (github.com/standard-webhooks, spec/standard-webhooks.md): what is signed is
`id.timestamp.payload`; a symmetric secret has 24 to 64 bytes and is written whsec_ and base64; a signature is
`v1,` and the base64 of HMAC-SHA256, or `v1a,` and that of Ed25519; several stand side by side while a secret changes.
Always true: at most two keys sign at a time.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Missing

SECRET_BYTES = 32
# An endpoint is given up when so many tries failed in a row and the first of them was so long ago: neither a burst in
# one bad minute nor one failure a day is enough.
FAILURES_AT_MOST = 20
FAILING_AT_MOST = timedelta(hours=1)
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(:(?P<port>[0-9]{1,5}))?(/[!-\"$-~]*)?"
)
_LARGEST_PORT = 65_535
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


class WebhookEndpointNotFound(Missing):
    """There is no endpoint {endpoint_id}: check the id, or register it.

    Webhook端点{endpoint_id}不存在：请核对编号，或先登记。
    """

    endpoint_id: str


class WebhookUrlMustBeHttps(Invalid):
    """{url} is no address to send to: write https://host/path, without user or fragment; http on this machine only.

    {url}不能作为推送地址：请写成https://主机/路径，不含用户名与片段；http仅限本机。
    """

    url: str


class WebhookEventMustBeOpen(Invalid):
    """{events} may not leave the bank: take events from ListWebhookEvents.

    事件{events}不对外开放：请从可订阅事件列表中选取。
    """

    events: str


class WebhookSignature(StrEnum):
    """How messages to an endpoint are signed."""

    V1 = "V1"
    V1A = "V1A"


class WebhookEndpointStatus(StrEnum):
    """How an endpoint stands."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class WebhookEndpointRegistered:
    """A partner's endpoint was registered."""

    endpoint_id: str
    partner_id: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookSecretRotated:
    """An endpoint has a new secret."""

    endpoint_id: str
    overlaps_until: datetime


@dataclass(frozen=True, slots=True)
class WebhookEndpointDisabled:
    """Nothing more is sent to an endpoint."""

    endpoint_id: str
    partner_id: str
    reason: str
    failures: int


@dataclass(frozen=True, slots=True)
class WebhookEndpointEnabled:
    """Messages are sent to an endpoint again."""

    endpoint_id: str
    partner_id: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What messages are signed with: the bytes of a secret, or of a private key; good until it is replaced."""

    key: str
    public_key: str = ""
    good_until: datetime | None = None

    @property
    def octets(self) -> bytes:
        """The key itself."""
        return base64.b64decode(self.key)

    @property
    def secret(self) -> str:
        """The secret as a partner is given it; empty where they verify by the public key."""
        return "" if self.public_key else f"whsec_{self.key}"

    def good(self, now: datetime) -> bool:
        """Whether it signs."""
        return self.good_until is None or now < self.good_until


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """One endpoint; the newest of its keys stands last."""

    endpoint_id: str
    partner_id: str
    url: str
    events: tuple[str, ...]
    signature: WebhookSignature
    keys: tuple[SigningKey, ...]
    registered_at: datetime
    status: WebhookEndpointStatus = WebhookEndpointStatus.ENABLED
    failures: int = 0
    failing_since: datetime | None = None

    @property
    def public_key(self) -> str:
        """The public key that messages are verified by; empty where they are signed with a secret."""
        return self.keys[-1].public_key

    @property
    def enabled(self) -> bool:
        """Whether messages are sent there."""
        return self.status is WebhookEndpointStatus.ENABLED

    def registered(self, open_events: Iterable[str]) -> WebhookEndpointRegistered:
        """The fact that it is there; refuses an address that nobody may be sent to, and events that stay inside."""
        told = _URL.fullmatch(self.url)
        if (
            told is None
            or int(told["port"] or 443) > _LARGEST_PORT
            or (told["scheme"] == "http" and told["host"] not in _HERE)
        ):
            raise WebhookUrlMustBeHttps(url=self.url[:200])
        if closed := sorted(set(self.events) - set(open_events)):
            raise WebhookEventMustBeOpen(events=", ".join(closed[:5]))
        return WebhookEndpointRegistered(self.endpoint_id, self.partner_id, self.events)

    def rotate(
        self, fresh: SigningKey, overlap: timedelta, now: datetime
    ) -> "tuple[WebhookEndpoint, WebhookSecretRotated]":
        """Signs with a fresh key from now on, and for the overlap with the one before as well."""
        until = now + overlap
        last = replace(self.keys[-1], good_until=until)
        return replace(self, keys=(last, fresh)), WebhookSecretRotated(self.endpoint_id, until)

    def signing(self, now: datetime) -> tuple[SigningKey, ...]:
        """The keys that sign, the newest first."""
        return tuple(key for key in reversed(self.keys) if key.good(now))

    def enable(self) -> "tuple[WebhookEndpoint, WebhookEndpointEnabled | None]":
        """Sends there again."""
        if self.enabled:
            return self, None
        again = replace(self, status=WebhookEndpointStatus.ENABLED, failures=0, failing_since=None)
        return again, WebhookEndpointEnabled(self.endpoint_id, self.partner_id)

    def disable(self, reason: str) -> "tuple[WebhookEndpoint, WebhookEndpointDisabled | None]":
        """Sends nothing more there."""
        if not self.enabled:
            return self, None
        disabled = replace(self, status=WebhookEndpointStatus.DISABLED)
        return disabled, WebhookEndpointDisabled(self.endpoint_id, self.partner_id, reason, self.failures)

    def answered(
        self, *, taken: bool, gone: bool, now: datetime
    ) -> "tuple[WebhookEndpoint, WebhookEndpointDisabled | None]":
        """The endpoint after a try: well again, one failure further, or given up; 410 Gone gives it up at once."""
        if taken:
            return (replace(self, failures=0, failing_since=None) if self.failures else self), None
        failing = replace(self, failures=self.failures + 1, failing_since=self.failing_since or now)
        if gone:
            return failing.disable("GONE")
        assert failing.failing_since is not None, "what fails has begun to"
        if failing.failures >= FAILURES_AT_MOST and now - failing.failing_since >= FAILING_AT_MOST:
            return failing.disable("FAILING")
        return failing, None


def signed_content(message_id: str, timestamp: int, payload: str) -> bytes:
    """What is signed: the id, the timestamp of the try in seconds, and the payload as it is sent."""
    assert "." not in message_id, "an id with a full stop could be read in two ways"
    return f"{message_id}.{timestamp}.{payload}".encode()


def signature_v1(secret: bytes, content: bytes) -> str:
    """The symmetric signature."""
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
