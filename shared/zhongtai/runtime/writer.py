"""The writer of one store: changes that wait share a transaction, and are answered after it is on disk.

Durability costs one fsync. Callers are independent and send one change each, so changes queue and share a commit: each
keeps its own answer, and what one of them wrote is taken back alone where it fails.

Who runs a batch is a matter of the engine. A change on SQLite waits for nothing before its commit, so it runs in the
callers' loop, where nothing takes the interpreter from it at every statement; what the whole batch writes together, and
the commit, go to the writer's thread, which leaves the interpreter to the loop meanwhile. PostgreSQL answers over a
socket, and some changes take long: their batches run in the thread whole.
"""

import asyncio
import contextlib
import enum
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from zhongtai.kernel.refusals import Unreachable
from zhongtai.runtime import journal
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.pace import Pace
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.transactions import Changes, Residents, StartAgain, Writing

log = logging.getLogger(__name__)

QUEUE = 20_000
# A batch in the loop is committed when it has run this long: nobody else in the process waits longer for it.
TURN_S = 0.008


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


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller wants done, and by when: a change whose deadline (monotonic seconds) passes while it still waits
    is not run. `kind` names work that takes about equally long.
    """

    work: Callable[[Writing], Any]
    deadline: float | None = None
    kind: Hashable = None


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

    change: Change
    ticket: _Ticket
    place: int


@dataclass(eq=False, slots=True)
class _Batch:
    """Jobs that ran in one transaction, and what they answer; where there are `changes`, it is still to be ended."""

    jobs: list[_Job]
    answers: list[Any]
    changes: Changes | None = None


class _At(enum.Enum):
    """Whose turn it is."""

    REST = enum.auto()
    LOOP = enum.auto()
    THREAD = enum.auto()


class Writer:
    """The one who writes to a store. `put` changes from any loop; they run in the order in which they came."""

    def __init__(self, engine: Engine, service: str, statements: Statements, pace: Pace, group: int) -> None:
        """`group` bounds how many changes share a commit."""
        self._engine = engine
        self._service = service
        self._statements = statements
        self._pace = pace
        self._group = group
        self._in_loop = engine.dialect.name == "sqlite"
        self._connection: Connection | None = None
        self._residents = Residents()
        self._queue: deque[_Job] = deque()
        self._listeners: list[Callable[[], None]] = []
        # Whose turn it is changes under the lock alone; a batch in the loop runs under it, too.
        self._lock = threading.Lock()
        self._at = _At.REST
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        # What the thread is to end: a batch that ran in the loop; None means one of its own.
        self._handed: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=f"write-{service}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many changes wait now."""
        return len(self._queue)

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Calls the listener, in the writer's thread, after every commit that left rows in the outbox."""
        self._listeners.append(listener)

    async def put(self, changes: Sequence[Change]) -> list[Any]:
        """Runs changes in this order, each on its own; answers when all are durable.

        The answer in each place is what the change gave, or the exception that took it back. Raises `StoreBusy` and
        `StoreUnavailable`.
        """
        loop = asyncio.get_running_loop()
        ticket = _Ticket(loop, loop.create_future(), [None] * len(changes), len(changes))
        with self._lock:
            if self._closed:
                raise StoreUnavailable(service=self._service)
            if len(self._queue) >= QUEUE:
                raise StoreBusy(service=self._service)
            self._queue.extend(_Job(change, ticket, place) for place, change in enumerate(changes))
            # A loop that was closed has left its turn to whoever comes next.
            if self._at is _At.REST or (self._at is _At.LOOP and self._loop is not None and self._loop.is_closed()):
                self._call_up(loop)
        return await ticket.answered

    def close(self) -> None:
        """Finishes what is queued."""
        with self._lock:
            if not self._closed:
                self._closed = True
                if self._at is not _At.THREAD:
                    self._call_up(None)
        self._thread.join(timeout=10)

    def _call_up(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Gives the turn to the loop this runs in, from its next round on, or to the thread. The lock is held."""
        if loop is None or self._closed or not self._in_loop:
            self._at = _At.THREAD
            self._handed.put(None)
        else:
            self._at, self._loop = _At.LOOP, loop
            # Many callers' changes run in one turn: it has the context of none of them.
            loop.call_soon(self._turn, context=Context())

    def _turn(self) -> None:
        """In the loop: runs a batch up to its commit."""
        with self._lock:
            if self._at is not _At.LOOP:
                return
            self._at = _At.THREAD
            jobs = self._next_jobs()
            if any(map(self._pace.is_long, {job.change.kind for job in jobs})):
                self._queue.extendleft(reversed(jobs))
                self._handed.put(None)
            else:
                self._handed.put(self._run(jobs, TURN_S))

    def _settle(self) -> None:
        """In the loop, after a batch was answered: the next turn comes when the callers had time to put more."""
        with self._lock:
            if self._at is _At.LOOP:
                if self._queue:
                    self._call_up(self._loop)
                else:
                    self._at = _At.REST

    def _serve(self) -> None:
        """The thread: ends the batches of the loop, and runs those that are not for it."""
        while not self._closed or self._at is _At.THREAD:
            batch = self._handed.get() or self._run(self._next_jobs(), None)
            self._answer(self._end(batch))
            self._pass_on()
        if self._connection is not None:
            self._connection.close()

    def _pass_on(self) -> None:
        """In the thread, after a batch: gives the turn to a loop that somebody waits in, which so lives to take it."""
        with self._lock:
            if not self._queue:
                self._at = _At.REST
                return
            if self._in_loop and not self._closed:
                self._at, self._loop = _At.LOOP, self._queue[0].ticket.loop
                # The loop may be closed by now, whoever waited: then the turn stays here.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._settle)
                    return
            self._call_up(None)

    def _next_jobs(self) -> list[_Job]:
        """The jobs that wait now, at most a batch of them."""
        return [self._queue.popleft() for _ in range(min(self._group, len(self._queue)))]

    def _run(self, jobs: list[_Job], most_s: float | None) -> _Batch:
        """Runs jobs in one transaction, which it leaves open. Those that do not fit into the time wait on."""
        if not jobs:
            return _Batch([], [])
        try:
            self._connection = self._connection or Engines.writer(self._engine)
            batch, _ = self._try(self._connection, jobs, most_s, guarded=False)
        except Exception as error:
            return self._failed(jobs, error)
        self._queue.extendleft(reversed(jobs[len(batch.jobs) :]))
        return batch

    def _try(
        self, connection: Connection, jobs: list[_Job], most_s: float | None, *, guarded: bool
    ) -> tuple[_Batch, Changes]:
        """Begins again where a job cannot be taken back alone; a job whose read breaks the transaction is left out."""
        broken: dict[_Job, BaseException] = {}
        while True:
            changes = Changes(self._residents, guarded=guarded, aside=most_s is None)
            until = None if most_s is None else time.monotonic() + most_s
            answers: list[Any] = []
            Engines.begin(connection, self._service)
            try:
                for job in jobs:
                    answers.append(broken.get(job) or self._do(connection, changes, job, broken))
                    if until is not None and time.monotonic() > until:
                        break
            except StartAgain:
                connection.rollback()
                guarded = True
                continue
            return _Batch(jobs[: len(answers)], answers, changes), changes

    def _do(self, connection: Connection, changes: Changes, job: _Job, broken: dict[_Job, BaseException]) -> Any:
        """What one job answers, or the exception that took it back."""
        change = job.change
        if job.ticket.answered.cancelled() or (change.deadline is not None and time.monotonic() > change.deadline):
            return TimeoutError("the deadline passed before the change was begun")
        writing = Writing(connection, self._statements, changes)
        try:
            result = self._pace.run(change.kind, lambda: change.work(writing), aside=changes.aside)
            writing.keep()
        except BaseException as error:
            try:
                writing.drop(error)
            except StartAgain:
                if changes.guarded:
                    broken[job] = error
                raise
            return error
        return result

    def _end(self, batch: _Batch) -> _Batch:
        """Writes what the batch writes together, and commits.

        Where a row is there already, a change took on trust what it should have looked up: the batch begins again,
        guarded. Where the commit fails nobody knows what became of the batch, and its callers are told so.
        """
        connection, changes = self._connection, batch.changes
        if changes is None or connection is None:
            return batch
        try:
            try:
                changes.write(connection, self._statements)
            except IntegrityError:
                connection.rollback()
                batch, changes = self._try(connection, batch.jobs, None, guarded=True)
                changes.write(connection, self._statements)
            connection.commit()
        except Exception as error:
            return self._failed(batch.jobs, error)
        if changes.turn:
            self._residents.update(changes.turn, changes.known)
        if journal.OUTBOX in changes.grown:
            for listener in self._listeners:
                listener()
        return batch

    def _failed(self, jobs: list[_Job], error: Exception) -> _Batch:
        log.error("a commit of %s failed", self._service, exc_info=error)
        self._residents.forget()
        if self._connection is not None:
            self._connection.invalidate(error)
            self._connection.close()
            self._connection = None
        return _Batch(jobs, [StoreUnavailable(service=self._service)] * len(jobs))

    def _answer(self, batch: _Batch) -> None:
        """Hands the answers back in the callers' loops: one wake-up for each loop, however many callers."""
        complete: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
        for job, answer in zip(batch.jobs, batch.answers, strict=True):
            ticket = job.ticket
            ticket.answers[job.place] = answer
            ticket.left -= 1
            if not ticket.left:
                complete.setdefault(ticket.loop, []).append(ticket)
        for loop, tickets in complete.items():
            # Nobody waits in a loop that was closed.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, tickets)


def _resolve(tickets: list[_Ticket]) -> None:
    for ticket in tickets:
        if not ticket.answered.done():
            ticket.answered.set_result(ticket.answers)
