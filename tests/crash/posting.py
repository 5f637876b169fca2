"""Posts to a ledger until it is killed at a given step between accepting and answering; runs in a process of its own.

A step is a statement that is about to run, a commit that is about to begin or has just ended, and each time a caller
waits or goes on. What was answered is written to a pipe at once, so that it is known by who survives.
"""

import asyncio
import os
import signal
from collections.abc import Generator
from multiprocessing.connection import Connection as Pipe
from typing import Any

from sqlalchemy import Connection, event

from tests.operations.bank import drafted
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.testing.doors import Door, opened

CALLERS = 4
ROUNDS = 2


class Steps:
    """Counts steps, and ends the process at one of them as kill -9 does."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def __call__(self) -> None:
        """One step more."""
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """What a caller waits for: every wait and every return is a step."""

    def __init__(self, awaited: Any, step: Steps) -> None:
        self._awaited = awaited
        self._step = step

    def __await__(self) -> Generator[Any, Any, Any]:
        waits = self._awaited.__await__()
        while True:
            try:
                waiting = waits.send(None)
            except StopIteration as done:
                return done.value
            self._step()
            yield waiting
            self._step()


def requests(account_id: str) -> list[v1.PostEntryRequest]:
    """What the callers ask for: withdrawals of what the account has, and no more."""
    draft = drafted((account_id, "DEBIT", 5), ("1001", "CREDIT", 5))
    return [v1.PostEntryRequest(request_id=f"withdrawal {number}", draft=draft) for number in range(CALLERS * ROUNDS)]


def post(url: str, account_id: str, last_step: int, told: Pipe) -> None:
    """Asks for all, in rounds of callers who share a commit; tells what was answered, and the number of steps."""
    asyncio.run(_post(url, account_id, Steps(last_step), told))


async def _post(url: str, account_id: str, step: Steps, told: Pipe) -> None:
    commit = Connection.commit

    def committing(connection: Connection) -> None:
        step()
        commit(connection)
        step()

    async def ask(door: Door, request: v1.PostEntryRequest) -> None:
        reply = await Watched(door.call(request), step)
        told.send((request.request_id, reply.entry.entry_id))

    async with opened("operations", url) as door:
        event.listen(door.service.store.engine, "before_cursor_execute", lambda *_: step())
        Connection.commit = committing  # type: ignore[assignment,method-assign]
        asked = requests(account_id)
        for first in range(0, len(asked), CALLERS):
            await asyncio.gather(*[ask(door, request) for request in asked[first : first + CALLERS]])
        told.send(("steps", step.count))
        Connection.commit = commit  # type: ignore[method-assign]
