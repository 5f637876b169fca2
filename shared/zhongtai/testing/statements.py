"""How many statements a piece of work asks of a store: a count does not depend on the machine, as a time does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from zhongtai.runtime.database import Store

CHANGES_AND_READS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


class Watched:
    """The connections that a SQLite store opens from now on, and the statements they run while someone looks."""

    def __init__(self, store: Store) -> None:
        """Watch a store before its first change: what is open already is not seen."""
        self._connections: list[Any] = []
        self._seen: Callable[[str], None] | None = None
        event.listen(store.engine, "connect", self._opened)

    def _opened(self, connection: Any, _record: object) -> None:
        self._connections.append(connection)
        connection.set_trace_callback(self._seen)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements that run within the block, without those that begin and end transactions.

        A statement that runs for many rows stands once for each: a change alone in its batch has one row of each.
        """
        seen: list[str] = []
        self._look(seen.append)
        try:
            yield seen
        finally:
            self._look(None)
            seen[:] = [text for text in seen if text.startswith(CHANGES_AND_READS)]

    def _look(self, see: Callable[[str], None] | None) -> None:
        self._seen = see
        for connection in self._connections:
            connection.set_trace_callback(see)
