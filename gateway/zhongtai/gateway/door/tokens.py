"""The token endpoint: OAuth 2.0 client credentials (RFC 6749, 4.4), by HTTP Basic or in the body.

Answers and errors have the form of the RFC, not of problems, because every OAuth library reads that form.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from zhongtai.gateway.client import store
from zhongtai.gateway.client.domain import Client, Key
from zhongtai.gateway.door.writing import plain_json
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.security import SigningKeys, secret_matches
from zhongtai.runtime.service import Service

LARGEST_FORM = 16_384
FORM = "application/x-www-form-urlencoded"
LONGEST_SECRET = 256
LONGEST_ID = 64
# A check of a secret takes a core for 50 ms on purpose: so many at once, and so many more in line.
CHECKS_AT_ONCE = 2
CHECKS_WAITING = 64
_log = logging.getLogger(__name__)
_ENDPOINT = Call(Caller(subject="token endpoint", client_id="door"))


class GrantError(Exception):
    """No token: the error code of RFC 6749, 5.2, and what to do."""

    def __init__(self, code: str, description: str, status: int = 400, **headers: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client asks for."""

    client_id: str
    secret: str
    scopes: tuple[str, ...]


class Tokens:
    """Gives short-lived tokens to clients that prove who they are."""

    def __init__(self, gateway: Service, keys: SigningKeys, lifetime: timedelta) -> None:
        self._gateway = gateway
        self._keys = keys
        self._lifetime = lifetime
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._waiting = 0

    async def endpoint(self, request: Request) -> Response:
        """Answers `POST /oauth/token`."""
        try:
            grant = _grant(request.headers, await _form(request))
            token, scopes = await self.issue(grant)
        except GrantError as error:
            told = {"error": error.code, "error_description": error.description}
            return _answer(told, error.status, error.headers)
        told_token = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(self._lifetime.total_seconds()),
            "scope": " ".join(scopes),
        }
        return _answer(told_token, 200, {})

    async def issue(self, grant: Grant) -> tuple[str, tuple[str, ...]]:
        """The token and its scopes; raises `GrantError`. Also the way a person signs in at the console."""
        client, keys = await self._gateway.store.read(
            lambda reading: (
                store.clients.find(view := self._gateway.view(reading, _ENDPOINT), grant.client_id),
                store.keys_of(view, grant.client_id),
            )
        )
        proven = await self._proven(grant.secret, keys)
        if client is None or not proven or not client.active:
            _log.warning("no token for %s: unknown, disabled, or a wrong secret", grant.client_id[:LONGEST_ID])
            # One answer for all three: who asks does not learn which clients there are.
            raise GrantError(
                "invalid_client", "the client id or the secret is wrong", 401, www_authenticate='Basic realm="zhongtai"'
            )
        scopes = _scopes(client, grant.scopes)
        caller = Caller(client.subject, client.client_id, frozenset(scopes))
        return self._keys.issue(caller, self._lifetime, self._gateway.clock.now()), scopes

    async def _proven(self, secret: str, keys: list[Key]) -> bool:
        """Whether the secret belongs to one of the keys that are good; takes its time also where there is none."""
        if self._waiting >= CHECKS_WAITING:
            raise GrantError("temporarily_unavailable", "too many ask for tokens at once", 503, retry_after="1")
        now = self._gateway.clock.now()
        hashes = [key.secret_hash for key in keys if key.good(now)] or [""]
        self._waiting += 1
        try:
            async with self._checks:
                found = [await asyncio.to_thread(secret_matches, secret, kept) for kept in hashes]
        finally:
            self._waiting -= 1
        return any(found)


def _scopes(client: Client, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes asked for, or all of the client's."""
    holder = Caller(client.subject, client.client_id, frozenset(client.scopes))
    if foreign := [scope for scope in asked if not holder.may(scope)]:
        raise GrantError("invalid_scope", f"the client does not hold {_printable(' '.join(foreign))}")
    return asked or client.scopes


def _grant(headers: Mapping[str, str], form: dict[str, str]) -> Grant:
    """What is asked for; the client shows who it is by Basic or in the body, not by both (RFC 6749, 2.3)."""
    kind = form.get("grant_type", "")
    if not kind:
        raise GrantError("invalid_request", "grant_type is missing")
    if kind != "client_credentials":
        raise GrantError("unsupported_grant_type", "only client_credentials is served")
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme and ("client_secret" in form or scheme.lower() != "basic"):
        raise GrantError("invalid_request", "show one set of credentials: HTTP Basic, or the body")
    if scheme:
        client_id, secret = _basic(credentials)
        if form.get("client_id", client_id) != client_id:
            raise GrantError("invalid_request", "client_id differs from the one in HTTP Basic")
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not client_id or not secret or len(secret) > LONGEST_SECRET:
        raise GrantError("invalid_client", "show client id and secret", 401, www_authenticate='Basic realm="zhongtai"')
    return Grant(client_id, secret, tuple(dict.fromkeys(form.get("scope", "").split())))


def _basic(credentials: str) -> tuple[str, str]:
    """Client id and secret of HTTP Basic, each form-encoded (RFC 6749, 2.3.1)."""
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        raise GrantError("invalid_request", "the Authorization header is no HTTP Basic") from None
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


async def _form(request: Request) -> dict[str, str]:
    """The parameters of the body, each once."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise GrantError("invalid_request", f"the body must be {FORM}")
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
                raise GrantError("invalid_request", "the body is too large", 413)
    except ClientDisconnect:
        raise GrantError("invalid_request", "the body did not come whole") from None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError:
        raise GrantError("invalid_request", "the body is no form") from None
    # RFC 6749, 3.2: a parameter without a value is as if it were not there, and none is given twice.
    given = [(name, value) for name, value in pairs if value]
    if len(dict(given)) != len(given):
        raise GrantError("invalid_request", "a parameter is given more than once")
    return dict(given)


def _printable(text: str) -> str:
    """Only what RFC 6749, 5.2 allows in a description."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in text)[:200]


def _answer(told: Mapping[str, object], status: int, headers: Mapping[str, str]) -> Response:
    kept_by_nobody = {"cache-control": "no-store", "pragma": "no-cache"}
    return Response(plain_json(told), status, {**kept_by_nobody, **headers}, "application/json")
