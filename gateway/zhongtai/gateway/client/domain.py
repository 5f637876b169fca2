"""A client (调用方): who may call, with which rights, how often; and the keys by which it proves who it is.

Always true: only the hash of a secret is kept; nobody grants a right that they do not have; a day's calls never exceed
the client's cap.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Denied, Invalid, Missing, Taken, Unmet

# Rights at the doors that no RPC declares: which business date to act on, and for whom.
DOOR_SCOPES = frozenset({"platform.business_date", "platform.on_behalf_of"})
EVERY_SCOPE = "*"
# What a person is to the bank, and is able to do: work orders are claimed and decided by those who hold their role
# and their skills.
ROLE = re.compile(r"(role|skill):[a-z][a-z_]{0,62}")
LARGEST_BLOCK = 256


class ClientNotFound(Missing):
    """There is no client {client_id}: check the id, or register it first.

    调用方{client_id}不存在：请核对编号，或先登记。
    """

    client_id: str


class ClientAlreadyRegistered(Taken):
    """The client {client_id} is registered already: choose another id, or rotate its secret.

    调用方{client_id}已登记：请更换编号，或为其更换密钥。
    """

    client_id: str


class ClientMustBeActive(Unmet):
    """The client {client_id} is disabled: register a new one.

    调用方{client_id}已停用：请重新登记。
    """

    client_id: str


class ScopesMustExist(Invalid):
    """No RPC asks for {scopes}: take scopes from the API reference, or a prefix of them such as credit.*.

    没有接口使用权限{scopes}：请从接口文档选取，或使用credit.*这样的前缀。
    """

    scopes: str


class ScopesMustBeTheGrantorsOwn(Denied):
    """You do not hold {scopes} yourself: ask someone who does to grant it.

    您本人没有权限{scopes}：请由持有者授予。
    """

    scopes: str


class ClientStatus(StrEnum):
    """How a client stands."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class ClientRegistered:
    """A client was registered."""

    client_id: str
    subject: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClientSecretRotated:
    """A client was given a new secret."""

    client_id: str
    key_id: str


@dataclass(frozen=True, slots=True)
class ClientDisabled:
    """A client was shut out."""

    client_id: str


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls. A cap of 0 means no bound."""

    client_id: str
    subject: str
    name: str
    scopes: tuple[str, ...]
    daily_cap: int
    calls_per_second: int
    status: ClientStatus
    registered_at: datetime

    @property
    def active(self) -> bool:
        """True where it may call."""
        return self.status is ClientStatus.ACTIVE

    def registered(self) -> ClientRegistered:
        """The fact that it was registered."""
        return ClientRegistered(self.client_id, self.subject, self.scopes)

    def disable(self) -> "tuple[Client, ClientDisabled | None]":
        """Shuts it out; no fact where it was out already."""
        if not self.active:
            return self, None
        return replace(self, status=ClientStatus.DISABLED), ClientDisabled(self.client_id)


@dataclass(frozen=True, slots=True)
class Key:
    """One secret of a client, as its hash; good until it is replaced and the overlap is over."""

    client_id: str
    key_id: str
    secret_hash: str
    made_at: datetime
    good_until: datetime | None = None

    def good(self, now: datetime) -> bool:
        """True where the secret still opens the door."""
        return self.good_until is None or now < self.good_until

    def retire(self, at: datetime) -> "Key":
        """The key that is good until then at the latest: a retirement is never put off."""
        return replace(self, good_until=at if self.good_until is None else min(at, self.good_until))


def rotate(
    client: Client, keys: Iterable[Key], fresh: Key, overlap: timedelta
) -> tuple[tuple[Key, ...], ClientSecretRotated]:
    """The earlier keys, retired, and the fact that `fresh` takes their place.

    Only the newest of them is good for the overlap: at most two secrets open the door at a time.
    """
    if not client.active:
        raise ClientMustBeActive(client_id=client.client_id)
    *older, newest = sorted(keys, key=lambda key: (key.made_at, key.key_id))
    retired = *(key.retire(fresh.made_at) for key in older), newest.retire(fresh.made_at + overlap)
    return retired, ClientSecretRotated(client.client_id, fresh.key_id)


def check_grant(scopes: Iterable[str], known: Iterable[str], held: Callable[[str], bool]) -> None:
    """Refuses scopes that no RPC asks for, and scopes that the grantor does not hold."""
    asked, real = tuple(scopes), frozenset(known) | DOOR_SCOPES
    if strange := [scope for scope in asked if not _exists(scope, real)]:
        raise ScopesMustExist(scopes=", ".join(strange))
    check_held(asked, held)


def check_held(scopes: Iterable[str], held: Callable[[str], bool]) -> None:
    """Refuses scopes that whoever hands them on does not hold."""
    if foreign := [scope for scope in scopes if not held(scope)]:
        raise ScopesMustBeTheGrantorsOwn(scopes=", ".join(foreign))


def _exists(scope: str, known: frozenset[str]) -> bool:
    if scope == EVERY_SCOPE or scope in known or ROLE.fullmatch(scope):
        return True
    return scope.endswith(".*") and any(name.startswith(scope[:-1]) for name in known)


@dataclass(frozen=True, slots=True)
class Use:
    """How many calls of a day of the bank a client was granted so far.

    Doors take calls in blocks, so that not every call costs a commit. What a door took and did not use before it was
    killed stays taken: the cap is never exceeded, whatever crashes.
    """

    client_id: str
    day: date
    used: int

    def take(self, cap: int) -> "tuple[Use, int]":
        """The use after a block of calls was taken, and the size of the block: none where the cap is reached.

        Blocks shrink as the cap comes near, so that several doors share the last calls exactly.
        """
        left = max(cap - self.used, 0)
        block = min(left, LARGEST_BLOCK, max(left // 8, 1))
        return replace(self, used=self.used + block), block

    def give_back(self, calls: int) -> "Use":
        """The use after a door gave back what it did not need."""
        return replace(self, used=max(self.used - calls, 0))
