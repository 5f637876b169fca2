"""What the tests of the event bus share: a real broker, a real outbox, a real service with handlers the test gives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, bindparam, select

from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.refusals import Invalid
from zhongtai.runtime import journal
from zhongtai.runtime.broker import Broker
from zhongtai.runtime.bus import Bus, Limits, stream_of
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.service import Handlers, Service
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import Unit

SUBJECT = "zhongtai.credit.v1.LimitHeld"
NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
DAY = date(2026, 5, 4)
TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


class Poisoned(Invalid):
    """The event {event_id} is poisoned: mend it.

    事件{event_id}有误：请修正。
    """

    event_id: str


metadata = MetaData()
APPLIED = Table(
    "applied",
    metadata,
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
)
ADD_APPLIED = APPLIED.insert().values(event_id=bindparam("event_id"))
ALL_APPLIED = select(APPLIED.c.event_id).order_by(APPLIED.c.place)


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Returns when the condition holds; fails where it never does."""
    async with asyncio.timeout(seconds):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)


def open_store(folder: Path, service: str) -> Store:
    """A store with the runtime's tables, and one where a handler writes what it was given; kept if it is there."""
    store = Store.open(f"sqlite:///{folder / service}.db", service)
    journal.metadata.create_all(store.engine)
    metadata.create_all(store.engine)
    return store


async def commit(store: Store, first: int, last: int, keys: int = 7) -> None:
    """Commits the facts `first` to `last` (both counted) to the outbox, one change each, as callers do."""
    await asyncio.gather(*(store.change(_holding(number, keys)) for number in range(first, last + 1)))


def _holding(number: int, keys: int) -> Callable[[Writing], None]:
    def work(writing: Writing) -> None:
        held = limit_pb2.LimitHeld(limit_id=f"lim_{number % keys}", hold_id=f"hold_{number}")
        journal.add_facts(
            writing,
            [journal.Fact(name_of(number), SUBJECT, held.limit_id, held.SerializeToString())],
            occurred_at=NOW,
            business_date=DAY,
            cause=f"req_{number}",
            trace=TRACE,
        )

    return work


def name_of(number: int) -> str:
    """The id of the fact of that number."""
    return f"evt_{number:06d}"


def names(first: int, last: int) -> list[str]:
    """The ids of the facts from `first` to `last`, both counted."""
    return [name_of(number) for number in range(first, last + 1)]


class _Mounted(Service):
    """The runtime's own chain with handlers that are given and not found, so that no component is needed to test it."""

    def __init__(self, name: str, store: Store, given: Handlers) -> None:
        self.name = name
        self.store = store
        self.clock = GivenClock(NOW)
        self.ids = Ids(self.clock)
        self.calls = None
        self.handlers = given


@dataclass
class Listener:
    """A real service on a real store that notes, in the event's own transaction, each event it applies."""

    store: Store
    name: str = "reporting"
    # What becomes of an event before it is noted: the test makes some fail.
    before: Callable[[Envelope], None] = field(default=lambda envelope: None)

    def service(self) -> Service:
        """The service, with this listener as its only handler."""

        def note(event: Envelope, unit: Unit) -> None:
            self.before(event)
            unit.execute(ADD_APPLIED, {"event_id": event.event_id})

        return _Mounted(self.name, self.store, Handlers({}, {"*": (note,)}))

    async def applied(self) -> list[str]:
        """The ids of the events applied, in the order of their application."""
        return [row.event_id for row in await self.store.read(lambda reading: reading.rows(ALL_APPLIED))]


@asynccontextmanager
async def running(folder: Path, limits: Limits | None = None) -> AsyncIterator[tuple[Broker, Bus]]:
    """A broker on the folder and a bus on it."""
    broker = Broker(folder / "broker")
    await broker.start()
    try:
        bus = await Bus.connect(broker.url, limits=limits)
        try:
            yield broker, bus
        finally:
            await bus.close()
    finally:
        await broker.stop()


async def stored(bus: Bus, source: str = "credit") -> list[str]:
    """The ids of the events a stream holds, in its order."""
    info = await bus.streams.stream_info(stream_of(source))
    found = []
    for number in range(max(info.state.first_seq, 1), info.state.last_seq + 1):
        message = await bus.streams.get_msg(stream_of(source), seq=number)
        found.append((message.headers or {})["ce-id"])
    return found
