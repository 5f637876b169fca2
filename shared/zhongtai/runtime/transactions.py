"""One transaction as seen from inside: reading, and one change among those that share a commit."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError

from zhongtai.runtime.statements import Statements


class Changes:
    """The changes that share one commit.

    Most changes that fail do so before they write, so a batch is tried without savepoints first; only where one fails
    after it has written is the batch begun again, `guarded` by a savepoint for each change. `aside` from the loop runs
    what takes long.
    """

    def __init__(self, *, guarded: bool, aside: bool) -> None:
        self.guarded = guarded
        self.aside = aside
        self.deferred: dict[Executable, list[Mapping[str, Any]]] = {}
        self.noted: dict[Any, Any] = {}


class StartAgain(Exception):
    """What a change did cannot be taken back alone: the batch must begin again."""


class Reading:
    """A consistent view of the store."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """The rows a statement answers, as tuples with names."""
        return self._statements.rows(self._connection, statement, parameters or {})


class Writing(Reading):
    """One change within a batch: what it wrote is taken back whole if it fails."""

    def __init__(self, connection: Connection, statements: Statements, changes: Changes) -> None:
        super().__init__(connection, statements)
        self._changes = changes
        self._wrote = False
        self._deferred: list[tuple[Executable, Mapping[str, Any]]] = []
        self._noted: dict[Any, Any] = {}

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> int:
        """Runs a change (once, or once for each mapping of a list) and answers how many rows it touched."""
        if not self._wrote and self._changes.guarded:
            self._statements.plain(self._connection, "SAVEPOINT change")
        self._wrote = True
        return self._statements.execute(self._connection, statement, {} if parameters is None else parameters)

    def defer(self, statement: Executable, parameters: Mapping[str, Any]) -> None:
        """Adds a row to those the whole batch inserts together at its end, if this change succeeds."""
        self._deferred.append((statement, parameters))

    def note(self, key: Any, value: Any) -> None:
        """Leaves a word for the later changes of the same batch, which cannot see deferred rows yet."""
        self._noted[key] = value

    def noted(self, key: Any) -> Any:
        """What an earlier change of the same batch noted under the key, or None."""
        return self._changes.noted.get(key)

    def keep(self) -> None:
        """Makes the change part of the batch."""
        if self._wrote and self._changes.guarded:
            self._statements.plain(self._connection, "RELEASE SAVEPOINT change")
        for statement, parameters in self._deferred:
            self._changes.deferred.setdefault(statement, []).append(parameters)
        self._changes.noted.update(self._noted)

    def drop(self, reason: BaseException) -> None:
        """Takes the change back, or raises `StartAgain` where it wrote unguarded, or the driver refused a read, after
        which PostgreSQL aborts the whole transaction.
        """
        if self._wrote and self._changes.guarded:
            self._statements.plain(self._connection, "ROLLBACK TO SAVEPOINT change")
            self._statements.plain(self._connection, "RELEASE SAVEPOINT change")
        elif self._wrote or isinstance(reason, DBAPIError):
            raise StartAgain
