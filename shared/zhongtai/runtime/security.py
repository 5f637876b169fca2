"""Who is calling: signed access tokens, and the secrets of clients.

A token is a JWT after RFC 9068, signed with Ed25519 (RFC 9864) by joserfc; no cryptography of our own. Whoever holds
the private part of the key set issues, whoever holds the public part verifies.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from zhongtai.runtime.call import Caller
from zhongtai.runtime.clock import Clock
from zhongtai.runtime.errors import TokenExpired, TokenInvalid
from zhongtai.runtime.headers import MAY_ACT_FOR_OTHERS, MAY_SET_BUSINESS_DATE

ALGORITHM = "Ed25519"
ISSUER = "zhongtai"
TOKEN_TYPE = "at+jwt"
LONGEST_TOKEN = 8192
MOST_KEPT = 10_000
MINTED_LASTS = timedelta(minutes=5)

# What scrypt costs: 16 MiB and some 50 ms, as RFC 7914 has it for interactive logins.
SCRYPT_N, SCRYPT_R, SCRYPT_P, SALT_BYTES = 2**14, 8, 1, 16

PLATFORM = Caller(subject="platform", client_id="platform", scopes=frozenset({"*"}))

T = TypeVar("T")
_log = logging.getLogger(__name__)


class SigningKeys:
    """A JWK set: its first private key signs, every key of it verifies, so keys are changed by adding one in front."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._signing = next((key for key in keys.keys if key.is_private), None)

    @classmethod
    def new(cls) -> "SigningKeys":
        """One new private key, kept nowhere."""
        return cls(KeySet([OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)]))

    @classmethod
    def open(cls, path: Path) -> "SigningKeys":
        """Reads the file, made with a new key where there is none; ValueError where it is no key set."""
        if not path.exists():
            _make(path)
        try:
            return cls(KeySet.import_key_set(json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, JoseError) as error:
            raise ValueError(f"{path} holds no set of signing keys: {error}") from error

    @property
    def public(self) -> dict[str, Any]:
        """The public parts, as the JWK set that other parties read."""
        return dict(self._keys.as_dict(private=False))

    @property
    def private(self) -> dict[str, Any]:
        """The whole set, as its file has it."""
        return dict(self._keys.as_dict(private=True))

    @property
    def key_id(self) -> str:
        """The thumbprint of the key that signs; LookupError where no key here is private."""
        return str(self._private().kid)

    @property
    def public_keys(self) -> dict[str, bytes]:
        """The 32 bytes of each public key by its thumbprint, the one that signs first."""
        keys: Any = self._keys.keys
        return {str(key.kid): key.public_key.public_bytes_raw() for key in keys}

    def sign(self, octets: bytes) -> bytes:
        """The 64 bytes of the signature; LookupError where no key here is private."""
        signature: bytes = self._private().private_key.sign(octets)
        return signature

    def issue(self, caller: Caller, lifetime: timedelta, now: datetime) -> str:
        """A token that says who the caller is, until `now + lifetime`; LookupError where no key here is private."""
        signing = self._private()
        claims = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": caller.subject,
            "client_id": caller.client_id,
            "scope": " ".join(sorted(caller.scopes)),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        if caller.on_behalf_of:
            claims["on_behalf_of"] = caller.on_behalf_of
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": signing.kid}
        return jwt.encode(header, claims, signing, algorithms=[ALGORITHM])

    def _private(self) -> Any:
        if self._signing is None:
            raise LookupError("these keys only verify: signing takes a private key")
        return self._signing

    def read(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that these keys signed for this platform; raises `TokenInvalid` for any other."""
        try:
            found = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):
            raise TokenInvalid from None
        ours = found.claims.get("iss") == ISSUER and found.claims.get("aud") == ISSUER
        if not ours or found.header.get("typ") != TOKEN_TYPE or not isinstance(found.claims.get("exp"), int):
            raise TokenInvalid
        return found.claims


def signed_by(public_key: bytes, octets: bytes, signature: bytes) -> bool:
    """Whether the signature over the octets is that of the key's holder; False for what is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, octets)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(path: Path) -> None:
    """Writes a new key for nobody else to read; where two start at once, the first file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(SigningKeys.new().private, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
        _log.info("a new signing key is in %s", path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


class Verifier:
    """Turns tokens into callers; what was verified is kept by hash until it expires, because verifying costs 150 µs."""

    def __init__(self, keys: SigningKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._kept: Kept[bytes, tuple[Caller, int]] = Kept()

    def verify(self, token: str) -> Caller:
        """Who the token says is calling; raises `TokenInvalid` or `TokenExpired`."""
        if len(token) > LONGEST_TOKEN:
            raise TokenInvalid
        name = hashlib.sha256(token.encode()).digest()
        kept = self._kept.get(name)
        if kept is None:
            claims = self._keys.read(token)
            kept = _caller(claims), int(claims["exp"])
            self._kept.put(name, kept)
        caller, expires = kept
        if expires <= self._clock.now().timestamp():
            raise TokenExpired(expired_at=datetime.fromtimestamp(expires, UTC).isoformat())
        return caller


def _caller(claims: Mapping[str, Any]) -> Caller:
    names = ("sub", "client_id", "scope")
    if not all(isinstance(claims.get(name), str) for name in names):
        raise TokenInvalid
    subject, client, scope = (claims[name] for name in names)
    return Caller(subject, client, frozenset(scope.split()), str(claims.get("on_behalf_of", "")))


class Mint:
    """Short-lived tokens by which this process tells another who is calling: `Calls(..., token=mint.token)`.

    The caller stays who it was at the first door, so scopes, kept replies and the audit trail are the same wherever a
    service is placed. A minted token may also carry the business date and whom the caller acts for, which the first
    door has checked.
    """

    def __init__(self, keys: SigningKeys, clock: Clock, lifetime: timedelta = MINTED_LASTS) -> None:
        self._keys = keys
        self._clock = clock
        self._lifetime = lifetime
        self._kept: Kept[Caller, tuple[str, datetime]] = Kept()

    def token(self, caller: Caller = PLATFORM) -> str:
        """A token for the caller, by default the platform itself; made anew when half its life is over."""
        now = self._clock.now()
        token, until = self._kept.get(caller) or ("", now)
        if until <= now:
            scopes = caller.scopes | {MAY_SET_BUSINESS_DATE, MAY_ACT_FOR_OTHERS}
            token = self._keys.issue(replace(caller, scopes=scopes), self._lifetime, now)
            self._kept.put(caller, (token, now + self._lifetime / 2))
        return token


K = TypeVar("K")


class Kept(OrderedDict[K, T]):
    """A mapping of bounded size: what was put first goes first."""

    def put(self, key: K, value: T) -> None:
        """Keeps the value, and forgets the oldest where there are too many."""
        self[key] = value
        if len(self) > MOST_KEPT:
            self.popitem(last=False)


def new_secret() -> str:
    """A secret for a client: 256 bits, shown once and kept only as its hash."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is kept of a secret: `scrypt$n$r$p$salt$hash`. Takes some 50 ms: call it off the event loop."""
    salt = secrets.token_bytes(SALT_BYTES)
    parts = (SCRYPT_N, SCRYPT_R, SCRYPT_P, _text(salt), _text(_scrypt(secret, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)))
    return "$".join(("scrypt", *map(str, parts)))


def secret_matches(secret: str, kept: str) -> bool:
    """Whether the secret is the one whose hash is kept; in the same time where nothing is kept (an unknown client)."""
    method, n, r, p, salt, expected = (kept or _NOBODY).split("$")
    if method != "scrypt":
        raise ValueError(f"secrets are not kept by {method}")
    found = _scrypt(secret, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(expected))


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


# What an unknown client's secret is measured against: it matches nothing, and takes as long.
_NOBODY = f"scrypt${SCRYPT_N}${SCRYPT_R}${SCRYPT_P}${_text(bytes(SALT_BYTES))}${_text(bytes(32))}"
