"""The HTTP door over a real gateway and a real credit service, each on an empty store, as a client of HTTP sees it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from zhongtai.gateway.door.admission import Admission
from zhongtai.gateway.door.application import application
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.gateway.door.tokens import Tokens
from zhongtai.gateway.v1 import client_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.security import SigningKeys, Verifier
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import Limits
from zhongtai.testing.templates import fresh_sqlite

LIMITS = Limits(body_bytes=4096, concurrent_calls=8, longest_call_seconds=10.0)
FORM = {"grant_type": "client_credentials"}


@dataclass
class Seconds:
    """A monotonic clock that a test turns."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class House:
    """What stands behind the door in a test."""

    services: dict[str, Service]
    calls: Calls
    clock: GivenClock
    keys: SigningKeys
    given: Surroundings
    seconds: Seconds
    parts: dict[str, bool]
    http: httpx.AsyncClient = field(init=False)

    @property
    def gateway(self) -> Service:
        return self.services["gateway"]

    def token(self, *scopes: str, client_id: str = "tests", subject: str = "tester") -> dict[str, str]:
        """The header of a caller with these scopes; none given means all."""
        caller = Caller(subject, client_id, frozenset(scopes or ("*",)))
        return {"authorization": f"Bearer {self.keys.issue(caller, timedelta(minutes=5), self.clock.now())}"}

    async def call(self, request: Any) -> Any:
        """Calls past the door."""
        return await self.calls.call(request, Call(Caller("tester", "tests", frozenset({"*"}))))

    async def register(self, client_id: str, *scopes: str, **bounds: Any) -> str:
        """Registers a client and answers its secret."""
        request = client_pb2.RegisterClientRequest(
            request_id=f"register-{client_id}", client_id=client_id, scopes=scopes or ("credit.*",), **bounds
        )
        reply = await self.call(request)
        return str(reply.secret)

    async def ask_token(self, client_id: str, secret: str, **form: str) -> httpx.Response:
        """Asks for a token by HTTP Basic."""
        return await self.http.post("/oauth/token", data=FORM | form, auth=(client_id, secret))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The door, open."""
    clock, keys, seconds = GivenClock(), SigningKeys.new(), Seconds()
    stores = {name: Store.open(fresh_sqlite(name, tmp_path), name) for name in ("gateway", "credit")}
    services: dict[str, Service] = {}
    calls = Calls(services, {})
    services.update({name: Service(name, store, clock, calls=calls) for name, store in stores.items()})
    parts = {"store": True}

    async def ready() -> dict[str, bool]:
        return parts

    given = Surroundings(
        calls=calls,
        authenticate=Verifier(keys, clock).verify,
        admission=Admission(services["gateway"], seconds),
        tokens=Tokens(services["gateway"], keys, timedelta(minutes=15)),
        clock=clock,
        limits=LIMITS,
        ready=ready,
    )
    house = House(services, calls, clock, keys, given, seconds, parts)
    transport = httpx.ASGITransport(application(given))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as house.http:
        yield house
    for store in stores.values():
        await asyncio.to_thread(store.close)
