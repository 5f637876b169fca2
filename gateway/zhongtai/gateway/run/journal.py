"""Writes what runs do, in order, many steps and many runs to a commit.

Nobody waits for the journal but where it must be durable, and until somebody does it takes its time.

The replies of services need not be durable before the next step: a run that is taken up again asks again with
the same request id, and the service gives the reply it kept. What was only read, a turn back and an end are
waited for.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from zhongtai.gateway.run import store
from zhongtai.gateway.run.domain import Step
from zhongtai.runtime.call import Call
from zhongtai.runtime.orchestration import Host
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import Unit

Work = Callable[[Unit], None]
# How far the journal may lie behind. A crash costs no more by it: what it does not hold is asked again.
LINGER_S = 0.05


@dataclass(frozen=True, slots=True)
class _Entry:
    """A new step, or anything else, to be written for a run."""

    run_id: str
    call: Call
    what: Step | Work
    durable: "asyncio.Future[None]"


class Journal:
    """The queue of everything that is to be written, and the one task that writes it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._waiting: deque[_Entry] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._hurried = False

    def write(self, run_id: str, call: Call, what: Step | Work) -> "asyncio.Future[None]":
        """Queues an entry; the future is done once it is durable, or raises why it is not. Who waits for it hurries.

        Entries are written in the order they were queued, and none without those before it of the same run.
        """
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        # Nobody may be waiting when it fails: the next one that does wait is told by its own entry.
        durable.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting.append(_Entry(run_id, call, what, durable))
        if self._timer is None:
            self._timer = loop.call_later(LINGER_S, self.hurry)
        return durable

    def hurry(self) -> None:
        """Lets everything that is queued be written now."""
        self._hurried = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Writes what is queued."""
        self.hurry()
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    def abandon(self) -> None:
        """Drops what is queued, as a process that dies does."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        while self._hurried and self._waiting:
            self._hurried = False
            entries = list(self._waiting)
            self._waiting.clear()
            try:
                await self._host.store.change(partial(self._put, entries))
            except Exception as error:
                # What was queued behind a failed batch may rest on it: it fails too, and its runs are taken up again.
                for entry in (*entries, *self._waiting):
                    if not entry.durable.done():
                        entry.durable.set_exception(error)
                self._waiting.clear()
            else:
                for entry in entries:
                    if not entry.durable.done():
                        entry.durable.set_result(None)

    def _put(self, entries: list[_Entry], writing: Writing) -> None:
        added: list[Step] = []
        for entry in entries:
            if isinstance(entry.what, Step):
                added.append(entry.what)
                continue
            unit = self._host.unit(writing, entry.call, entry.run_id)
            if added:
                store.steps.add_all(unit, added)
                added = []
            entry.what(unit)
        if added:
            store.steps.add_all(self._host.unit(writing, entries[0].call, entries[0].run_id), added)
