"""One service's store: one writer that groups commits, and readers that never wait for it.

Durability costs one fsync. Callers are independent and send one change each, so changes queue and share a commit: each
runs under its own savepoint and keeps its own answer, and all are answered only after the commit is on disk. The same
code serves SQLite and PostgreSQL, on synchronous drivers: a change never waits for anything but the store.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from zhongtai.kernel.refusals import Unreachable
from zhongtai.runtime import journal
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.transactions import Batch, Reading, StartAgain, Writing

T = TypeVar("T")
log = logging.getLogger(__name__)

BATCH = 256
QUEUE = 20_000


class StoreUnavailable(Unreachable):
    """The store of {service} did not answer: try again in a moment with the same request id.

    {service}的存储暂不可用：请稍后用相同的请求编号重试。
    """

    service: str


class StoreBusy(Unreachable):
    """The store of {service} has too many changes waiting: try again in a moment.

    {service}等待处理的请求过多：请稍后重试。
    """

    service: str


@dataclass(eq=False, slots=True)
class _Ticket:
    """What one caller waits for: the answers to one change or to many, handed back together."""

    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[list[Any]]
    answers: list[Any]
    left: int


@dataclass(eq=False, slots=True)
class _Job:
    """One change in the queue, and its place on its caller's ticket."""

    work: Callable[[Writing], Any]
    ticket: _Ticket
    place: int
    deadline: float | None


class Store:
    """The store of one service: `change` queues for the writer, `read` runs beside it."""

    def __init__(self, engine: Engine, service: str, readers: int) -> None:
        self.service = service
        self.engine = engine
        self._statements = Statements(engine.dialect)
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._group = BATCH
        self._listeners: list[Callable[[], None]] = []
        self._closed = False
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix=f"read-{service}")
        self._local = threading.local()
        self._reading: deque[Connection] = deque()
        self._writer = threading.Thread(target=self._write, name=f"write-{service}", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, url: str, service: str, *, group: int = BATCH) -> "Store":
        """Opens the store at a database URL (`sqlite:///…` or `postgresql+psycopg://…`).

        `group` bounds how many changes share a commit; 1 turns group commit off (for comparison only).
        """
        engine = Engines.open(url, service)
        store = cls(engine, service, readers=2 if engine.dialect.name == "sqlite" else 8)
        store._group = group
        return store

    @property
    def waiting(self) -> int:
        """How many changes wait for the writer now."""
        return self._queue.qsize()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Calls the listener, in the writer's thread, after every commit that left rows in the outbox."""
        self._listeners.append(listener)

    async def change(self, work: Callable[[Writing], T], deadline: float | None = None) -> T:
        """Runs a change in the next batch and answers after it is durable.

        A change whose deadline (monotonic seconds) passes while it still waits in the queue is not run.
        """
        (answer,) = await self._queued((work,), deadline)
        if isinstance(answer, BaseException):
            raise answer
        result: T = answer
        return result

    async def change_all(self, works: Sequence[Callable[[Writing], Any]]) -> list[Any]:
        """Runs many changes in this order, each on its own; answers when all are durable.

        The answer in each place is what the change gave, or the exception that took it back.
        """
        return await self._queued(works, None) if works else []

    async def _queued(self, works: Sequence[Callable[[Writing], Any]], deadline: float | None) -> list[Any]:
        if self._closed:
            raise StoreUnavailable(service=self.service)
        if self._queue.qsize() >= QUEUE:
            raise StoreBusy(service=self.service)
        loop = asyncio.get_running_loop()
        ticket = _Ticket(loop, loop.create_future(), [None] * len(works), len(works))
        for place, work in enumerate(works):
            self._queue.put(_Job(work, ticket, place, deadline))
        return await ticket.answered

    async def read(self, work: Callable[[Reading], T]) -> T:
        """Runs a read on a connection that never waits for the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

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
            self._queue.put(None)
            self._writer.join(timeout=10)
            self._readers.shutdown()
            for connection in self._reading:
                connection.close()
            self.engine.dispose()

    def _read(self, work: Callable[[Reading], T]) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = self._local.connection = Engines.reader(self.engine)
                self._reading.append(connection)
            return work(Reading(connection, self._statements))
        except OperationalError as error:
            self._local.connection = None
            if connection is not None:
                connection.invalidate(error)
            log.exception("a read of %s failed", self.service)
            raise StoreUnavailable(service=self.service) from error
        finally:
            if connection is not None and not connection.invalidated:
                connection.rollback()

    def _write(self) -> None:
        connection: Connection | None = None
        while (first := self._queue.get()) is not None:
            jobs, last = self._drain(first)
            try:
                connection = connection or Engines.writer(self.engine)
                answers = self._commit(connection, jobs)
            except Exception as error:
                log.exception("a commit of %s failed", self.service)
                if connection is not None:
                    connection.invalidate(error)
                    connection.close()
                    connection = None
                answers = [StoreUnavailable(service=self.service)] * len(jobs)
            self._answer(jobs, answers)
            if last:
                break
        if connection is not None:
            connection.close()

    def _drain(self, first: _Job) -> tuple[list[_Job], bool]:
        """The jobs that are waiting now, at most a batch of them; True where the store is closing."""
        jobs = [first]
        while len(jobs) < self._group and not self._queue.empty():
            job = self._queue.get()
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _commit(self, connection: Connection, jobs: list[_Job]) -> list[Any]:
        """Runs the jobs in one transaction and commits it; a job whose read breaks the transaction is left out."""
        broken: dict[_Job, BaseException] = {}
        guarded = False
        while True:
            batch = Batch(guarded=guarded)
            Engines.begin(connection, self.service)
            try:
                answers = [broken.get(job) or self._run(connection, batch, job, broken) for job in jobs]
                for statement, rows in batch.deferred.items():
                    self._statements.execute(connection, statement, rows)
                connection.commit()
            except StartAgain:
                connection.rollback()
                guarded = True
                continue
            if journal.ADD_FACT in batch.deferred:
                for listener in self._listeners:
                    listener()
            return answers

    def _run(self, connection: Connection, batch: Batch, job: _Job, broken: dict[_Job, BaseException]) -> Any:
        if job.ticket.answered.cancelled() or (job.deadline is not None and time.monotonic() > job.deadline):
            return TimeoutError("the deadline passed before the change was begun")
        writing = Writing(connection, self._statements, batch)
        try:
            result = job.work(writing)
        except BaseException as error:
            try:
                writing.drop(error)
            except StartAgain:
                if batch.guarded:
                    broken[job] = error
                raise
            return error
        writing.keep()
        return result

    def _answer(self, jobs: list[_Job], answers: list[Any]) -> None:
        """Hands the answers back in the callers' loops: one wake-up for each loop, however many callers."""
        complete: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
        for job, answer in zip(jobs, answers, strict=True):
            ticket = job.ticket
            ticket.answers[job.place] = answer
            ticket.left -= 1
            if not ticket.left:
                complete.setdefault(ticket.loop, []).append(ticket)
        for loop, tickets in complete.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, tickets)


def _resolve(tickets: list[_Ticket]) -> None:
    for ticket in tickets:
        if not ticket.answered.done():
            ticket.answered.set_result(ticket.answers)
