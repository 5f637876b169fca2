"""New signing keys, and the headers of a webhook after the Standard Webhooks specification."""

import base64
import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhongtai.operations.webhook_endpoint.domain import (
    SECRET_BYTES,
    SigningKey,
    WebhookSignature,
    signature_v1,
    signed_content,
)


def new_key(signature: WebhookSignature) -> SigningKey:
    """A key made by chance: a secret that both sides hold, or a pair of which the partner gets the public half."""
    if signature is WebhookSignature.V1:
        return SigningKey(base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode())
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    return SigningKey(base64.b64encode(private.private_bytes_raw()).decode(), f"whpk_{public}")


def headers(message_id: str, timestamp: int, payload: str, keys: Iterable[SigningKey]) -> dict[str, str]:
    """The three headers of one try; `timestamp` is that of the try, in seconds since 1970."""
    content = signed_content(message_id, timestamp, payload)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(key, content) for key in keys),
    }


def _signature(key: SigningKey, content: bytes) -> str:
    if not key.public_key:
        return signature_v1(key.octets, content)
    signed = Ed25519PrivateKey.from_private_bytes(key.octets).sign(content)
    return "v1a," + base64.b64encode(signed).decode()
