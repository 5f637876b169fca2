"""One service's store: one writer that groups commits, and readers that never wait for it.

The same code serves SQLite and PostgreSQL, on synchronous drivers: a change never waits for anything but the store.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from zhongtai.runtime import journal
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.pace import Pace
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.transactions import Reading, Writing
from zhongtai.runtime.writer import Change, StoreUnavailable, Writer

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP = 256


class Store:
    """The store of one service: `change` queues for the writer, `read` runs beside it.

    `kind` names work that takes about equally long; on SQLite, what is short runs in the caller's loop.
    """

    def __init__(self, engine: Engine, service: str, *, readers: int, group: int) -> None:
        self.service = service
        self.engine = engine
        self._statements = Statements(engine.dialect)
        self._pace = Pace()
        self._writer = Writer(engine, service, self._statements, self._pace, group)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix=f"read-{service}")
        self._local = threading.local()
        self._reading: deque[Connection] = deque()
        self._in_loop = engine.dialect.name == "sqlite"
        self._closed = False

    @classmethod
    def open(cls, url: str, service: str, *, group: int = GROUP) -> "Store":
        """Opens the store at a database URL (`sqlite:///…` or `postgresql+psycopg://…`).

        `group` bounds how many changes share a commit; 1 turns group commit off (for comparison only).
        """
        engine = Engines.open(url, service)
        return cls(engine, service, readers=2 if engine.dialect.name == "sqlite" else 8, group=group)

    @property
    def waiting(self) -> int:
        """How many changes wait for the writer now."""
        return self._writer.waiting

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Calls the listener, in the writer's thread, after every commit that left rows in the outbox."""
        self._writer.on_commit(listener)

    async def change(self, work: Callable[[Writing], T], deadline: float | None = None, kind: Hashable = None) -> T:
        """Runs a change in the next batch and answers after it is durable.

        A change whose deadline (monotonic seconds) passes while it still waits in the queue is not run.
        """
        (answer,) = await self._writer.put((Change(work, deadline, kind),))
        if isinstance(answer, BaseException):
            raise answer
        result: T = answer
        return result

    async def change_all(self, changes: Sequence[Change]) -> list[Any]:
        """Runs many changes in this order, each on its own; answers when all are durable.

        The answer in each place is what the change gave, or the exception that took it back.
        """
        return await self._writer.put(changes) if changes else []

    async def read(self, work: Callable[[Reading], T], kind: Hashable = None) -> T:
        """Runs a read on a connection that never waits for the writer."""
        if self._closed:
            raise StoreUnavailable(service=self.service)
        if self._in_loop and not self._pace.is_long(kind):
            return self._read(work, kind, False)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work, kind, True)

    async def outbox_after(self, sequence: int, limit: int) -> list[Envelope]:
        """The next committed facts, in order."""
        return await self.read(lambda reading: journal.facts_after(reading, self.service, sequence, limit))

    async def relayed(self) -> int:
        """How far the outbox has been told."""
        return await self.read(journal.relayed)

    async def mark_relayed(self, sequence: int) -> None:
        """Remembers how far the outbox has been told."""
        await self.change(lambda writing: journal.mark_relayed(writing, sequence))

    def close(self) -> None:
        """Finishes what is queued, then closes every connection."""
        if not self._closed:
            self._closed = True
            self._writer.close()
            self._readers.shutdown()
            for connection in self._reading:
                connection.close()
            self.engine.dispose()

    def _read(self, work: Callable[[Reading], T], kind: Hashable, aside: bool) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = self._local.connection = Engines.reader(self.engine)
                self._reading.append(connection)
            reading = Reading(connection, self._statements)
            return self._pace.run(kind, lambda: work(reading), aside=aside)
        except OperationalError as error:
            self._local.connection = None
            if connection is not None:
                connection.invalidate(error)
            log.exception("a read of %s failed", self.service)
            raise StoreUnavailable(service=self.service) from error
        finally:
            if connection is not None and not connection.invalidated:
                connection.rollback()
