"""What goes wrong between accepting a change and answering it: each trouble lasts as long as its context."""

import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError


@contextmanager
def commits_fail(told: str, *, durable: bool) -> Iterator[None]:
    """From some commit on all of them fail; the first of them was `durable` all the same, only nobody was told."""
    commit = Connection.commit
    left = [1 if durable else 0]

    def failing(connection: Connection) -> None:
        if not threading.current_thread().name.startswith("write-"):
            commit(connection)
            return
        if left[0]:
            left[0] -= 1
            commit(connection)
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError(told))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "commit", failing)
        yield


@contextmanager
def disk_full(database: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the database has written ahead by now: the system refuses more.

    Once it was full it stays so, for a small commit too, and for one of refusals that writes nothing: what was asked
    later is not answered before.
    """
    ahead = database.with_name(f"{database.name}-wal")
    commit = Connection.commit
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    full: list[OperationalError] = []

    def filling(connection: Connection) -> None:
        if full and threading.current_thread().name.startswith("write-"):
            raise full[0]
        try:
            commit(connection)
        except OperationalError as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
            full.append(error)
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "commit", filling)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ahead.stat().st_size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def troubles(database: Path) -> dict[str, Callable[[], AbstractContextManager[None]]]:
    """Every trouble by its name, and none."""
    return {
        "none": nullcontext,
        "fsync fails": partial(commits_fail, "disk I/O error", durable=False),
        "nobody is told": partial(commits_fail, "disk I/O error", durable=True),
        "disk full": partial(disk_full, database),
    }
