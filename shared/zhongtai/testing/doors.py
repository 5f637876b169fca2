"""A door to one service, as a test sees it: the real chain on a real store, in process or over real gRPC.

The same test runs both ways; `facts` reads the outbox, `deliver` hands in an event as the bus would.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from google.protobuf.message import Message

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.service import Service

M = TypeVar("M", bound=Message)
TESTER = Caller(subject="tester", client_id="tests", scopes=frozenset({"*"}))


class Door:
    """One mounted service and a way to call it."""

    def __init__(self, service: Service, calls: Calls, clock: GivenClock) -> None:
        self.service = service
        self.calls = calls
        self.clock = clock
        self.caller = TESTER
        self._delivered = 0

    def as_caller(self, subject: str, *scopes: str, client_id: str = "tests") -> None:
        """From now on calls come from this subject with these scopes (none given: all)."""
        self.caller = Caller(subject, client_id, frozenset(scopes or ("*",)))

    async def call(self, request: Message, **call: Any) -> Any:
        """The reply to a request; raises what the service refuses with."""
        return await self.calls.call(request, replace(Call(self.caller), **call))

    async def refused(self, request: Message, **call: Any) -> Refusal:
        """The refusal a request gets; fails where it is not refused."""
        try:
            reply = await self.call(request, **call)
        except Refusal as refusal:
            return refusal
        raise AssertionError(f"expected a refusal, got {reply}")

    async def envelopes(self) -> list[Envelope]:
        """Everything in the outbox, in order."""
        return await self.service.store.outbox_after(0, 100_000)

    async def facts(self, kind: type[M]) -> list[M]:
        """The facts of one kind in the outbox, in order."""
        subject = kind.DESCRIPTOR.full_name
        return [kind.FromString(found.payload) for found in await self.envelopes() if found.subject == subject]

    async def deliver(self, event: Message, event_id: str = "", **fields: Any) -> None:
        """Hands in an event as the bus would; the same `event_id` twice acts once. Raises what the handler raises."""
        self._delivered += 1
        descriptor = event.DESCRIPTOR
        envelope = Envelope(
            event_id=event_id or f"evt_{self._delivered}",
            subject=descriptor.full_name,
            key=str(getattr(event, contracts.event_key(descriptor))),
            source=descriptor.full_name.split(".")[1],
            sequence=self._delivered,
            occurred_at=self.clock.now(),
            business_date=self.clock.business_date(),
            payload=event.SerializeToString(deterministic=True),
        )
        (error,) = await self.service.deliver([replace(envelope, **fields)])
        if error is not None:
            raise error

    def today(self, day: date) -> None:
        """Sets the business date."""
        self.clock.today = day

    def now(self, instant: datetime) -> None:
        """Sets the time; a time without a zone is UTC."""
        self.clock.instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)


Way = Callable[[Service], AbstractAsyncContextManager[Calls]]


@asynccontextmanager
async def in_process(service: Service) -> AsyncIterator[Calls]:
    """The way to a service mounted in the same process: the message is copied, the chain is the same."""
    yield Calls({service.name: service}, {})


@asynccontextmanager
async def opened(service: str, url: str, way: Way = in_process) -> AsyncIterator[Door]:
    """Mounts a service on a migrated store and opens a door to it."""
    clock = GivenClock()
    store = Store.open(url, service)
    mounted = Service(service, store, clock)
    try:
        async with way(mounted) as calls:
            mounted.calls = calls
            await mounted.approvals.know()
            yield Door(mounted, calls, clock)
    finally:
        await asyncio.to_thread(store.close)
