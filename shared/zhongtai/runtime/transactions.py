"""One transaction as seen from inside: reading, and one change among those that share a commit.

What a change writes takes one of three ways. `execute` runs a statement at once. `append` adds a row to those the whole
batch inserts together at its end. `settle` gives a value that stays in the writer's memory, and is written once for the
whole batch however often it changed: the accounts of a ledger, which thousands of callers move at the same time.
"""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, Connection, Executable, MetaData, Table, Text, bindparam, select
from sqlalchemy.exc import DBAPIError

from zhongtai.runtime.clock import Clock
from zhongtai.runtime.statements import Statements

RESIDENTS = 500_000

metadata = MetaData()
TURN = Table(
    "writer_turn",
    metadata,
    Column("name", Text, primary_key=True),
    Column("turn", BigInteger, nullable=False),
)
_TURN = select(TURN.c.turn).where(TURN.c.name == "writer")
_FIRST_TURN = TURN.insert()
_NEXT_TURN = TURN.update().where(TURN.c.name == "writer").values(turn=bindparam("taken"))


class Keeper(Protocol):
    """How values rest that the writer keeps in its memory: one row of a table each."""

    @property
    def table(self) -> Table:
        """Where they rest."""

    def row(self, value: Any) -> Mapping[str, Any]:
        """The columns of a value."""


class Residents:
    """What the writer knows of the store without asking: values by keeper and key, as the last commit left them.

    They are true as long as no other process writes to the store. Whoever writes takes a turn, which is a number in the
    store; where the last turn is another's, nothing is known any more. So a process that was slow to hear that another
    has taken over its work decides on what is true now, or writes nothing.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[Keeper, Hashable], Any] = {}
        self._turn = 0

    def take_turn(self, connection: Connection, statements: Statements) -> int:
        """The turn of a transaction that nobody else's can interleave with, which from here on decides on the truth."""
        rows = statements.rows(connection, _TURN, {})
        turn: int = rows[0][0] if rows else 0
        if turn and turn == self._turn:
            return turn
        self._values.clear()
        if rows:
            statements.execute(connection, _NEXT_TURN, {"taken": turn + 1})
        else:
            statements.execute(connection, _FIRST_TURN, {"name": "writer", "turn": 1})
        return turn + 1

    def __getitem__(self, key: tuple[Keeper, Hashable]) -> Any:
        return self._values.get(key)

    def update(self, turn: int, values: Mapping[tuple[Keeper, Hashable], Any]) -> None:
        """Takes what a commit made true. At the most half a million values are known: then all are asked for again."""
        if len(self._values) + len(values) > RESIDENTS:
            self._values.clear()
        self._values.update(values)
        self._turn = turn

    def forget(self) -> None:
        """Forgets everything: nobody knows what became of the last batch."""
        self._values.clear()
        self._turn = 0


class Changes:
    """The changes that share one commit.

    Most changes that fail do so before they write, so a batch is tried without savepoints first; only where one fails
    after it has written is the batch begun again, `guarded` by a savepoint for each change. `aside` from the loop runs
    what takes long.
    """

    def __init__(self, residents: Residents, *, guarded: bool, aside: bool) -> None:
        self.residents = residents
        self.guarded = guarded
        self.aside = aside
        self.appended: dict[Table, list[Mapping[str, Any]]] = {}
        self.grown: set[Table] = set()
        self.settled: dict[Keeper, dict[Hashable, Any]] = {}
        self.known: dict[tuple[Keeper, Hashable], Any] = {}
        self.noted: dict[Any, Any] = {}
        self.turn = 0
        self.moment: tuple[datetime, date] | None = None

    def take(
        self,
        appended: Mapping[Table, list[Mapping[str, Any]]],
        settled: Mapping[Keeper, dict[Hashable, Any]],
    ) -> None:
        """Takes over what one change appended and settled."""
        for table, rows in appended.items():
            self.appended.setdefault(table, []).extend(rows)
            self.grown.add(table)
        for keeper, values in settled.items():
            self.settled.setdefault(keeper, {}).update(values)

    def write(self, connection: Connection, statements: Statements, *, only: frozenset[str] | None = None) -> None:
        """Writes what was appended and settled, of all tables or `only` some: few statements, however many the rows."""
        tables = [table for table in self.appended if only is None or table.name in only]
        keepers = [keeper for keeper in self.settled if only is None or keeper.table.name in only]
        statements.write(
            connection,
            [(table, self.appended.pop(table)) for table in tables],
            [(keeper.table, [keeper.row(value) for value in self.settled.pop(keeper).values()]) for keeper in keepers],
        )


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
        self._appended: dict[Table, list[Mapping[str, Any]]] = {}
        self._known: dict[tuple[Keeper, Hashable], Any] = {}
        self._settled: dict[Keeper, dict[Hashable, Any]] = {}
        self._noted: dict[Any, Any] = {}

    @property
    def guarded(self) -> bool:
        """True where the batch is begun again: nothing is taken on trust that can be looked up."""
        return self._changes.guarded

    def moment(self, clock: Clock) -> tuple[datetime, date]:
        """The instant and the business date of this change: one for all that share a turn of the loop, which is short;
        aside, where changes take long, each has its own.
        """
        changes = self._changes
        if changes.moment is None or changes.aside:
            changes.moment = clock.now(), clock.business_date()
        return changes.moment

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """The rows a statement answers, as tuples with names; what waits to be written to its tables is written."""
        self._write_waiting(statement)
        return super().rows(statement, parameters)

    def look_up(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The rows a statement answers, as they rest, where the caller knows by itself what waits to be written."""
        return super().rows(statement, parameters)

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> int:
        """Runs a change (once, or once for each mapping of a list) and answers how many rows it touched."""
        if not getattr(statement, "is_insert", False):
            self._write_waiting(statement)
        self._begin()
        return self._statements.execute(self._connection, statement, {} if parameters is None else parameters)

    def append(self, table: Table, row: Mapping[str, Any]) -> None:
        """Adds a row to those the whole batch inserts together, if this change succeeds, at its end or where a read
        asks for rows of that table. Every row of a table states the same columns.
        """
        rows = self._appended.get(table)
        if rows is None:
            self._appended[table] = [row]
        else:
            rows.append(row)

    def recall(self, keeper: Keeper, key: Hashable) -> Any:
        """The value kept in memory under a key, as this change and those before it left it; None where none is."""
        changes, place = self._changes, (keeper, key)
        if not changes.turn:
            changes.turn = changes.residents.take_turn(self._connection, self._statements)
        found = self._known.get(place)
        if found is None:
            found = changes.known.get(place)
        return changes.residents[place] if found is None else found

    def remember(self, keeper: Keeper, key: Hashable, value: Any) -> None:
        """Keeps a value in memory that was read from the store, or written to it by this change."""
        self._known[keeper, key] = value

    def settle(self, keeper: Keeper, key: Hashable, value: Any) -> None:
        """Changes a value in memory; its row is written at the end of the batch, once, if this change succeeds."""
        self._known[keeper, key] = value
        values = self._settled.get(keeper)
        if values is None:
            self._settled[keeper] = {key: value}
        else:
            values[key] = value

    def note(self, key: Any, value: Any) -> None:
        """Leaves a word for the later changes of the same batch, which cannot see appended rows yet."""
        self._noted[key] = value

    def noted(self, key: Any) -> Any:
        """What this change, or an earlier one of the same batch, noted under the key; or None."""
        return self._noted.get(key) or self._changes.noted.get(key)

    def keep(self) -> None:
        """Makes the change part of the batch. Guarded, it writes what it has by itself, so that it fails alone."""
        changes = self._changes
        changes.take(self._appended, self._settled)
        if changes.guarded and (self._wrote or self._appended or self._settled):
            self._begin()
            changes.write(self._connection, self._statements)
            self._statements.plain(self._connection, "RELEASE SAVEPOINT change")
        changes.known.update(self._known)
        changes.noted.update(self._noted)

    def drop(self, reason: BaseException) -> None:
        """Takes the change back, or raises `StartAgain` where it wrote unguarded, or the driver refused a read, after
        which PostgreSQL aborts the whole transaction.
        """
        if self._wrote and self._changes.guarded:
            self._changes.appended.clear()
            self._changes.settled.clear()
            self._statements.plain(self._connection, "ROLLBACK TO SAVEPOINT change")
            self._statements.plain(self._connection, "RELEASE SAVEPOINT change")
        elif self._wrote or isinstance(reason, DBAPIError | StartAgain):
            raise StartAgain

    def _write_waiting(self, statement: Executable) -> None:
        """Writes what waits for the tables of a statement: what others left, and what this change has itself."""
        changes = self._changes
        if not (changes.appended or changes.settled or self._appended or self._settled):
            return
        tables = self._statements.tables(statement)
        changes.write(self._connection, self._statements, only=tables)
        appended = [table for table in self._appended if table.name in tables]
        settled = [keeper for keeper in self._settled if keeper.table.name in tables]
        if not (appended or settled):
            return
        # Only these: a row of another table, which an earlier change left to the end, would be written over this one's.
        self._begin()
        own = Changes(changes.residents, guarded=False, aside=changes.aside)
        own.take(
            {table: self._appended.pop(table) for table in appended},
            {keeper: self._settled.pop(keeper) for keeper in settled},
        )
        own.write(self._connection, self._statements)
        changes.grown |= own.grown

    def _begin(self) -> None:
        """Before this change writes anything of its own."""
        if not self._wrote and self._changes.guarded:
            self._statements.plain(self._connection, "SAVEPOINT change")
        self._wrote = True
