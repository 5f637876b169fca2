"""Statements, compiled once: SQLAlchemy writes the SQL, the driver runs it.

A statement that a module keeps is seen again and again; from its second use on its text goes straight to the driver's
cursor, which is several times cheaper than SQLAlchemy's own path. A statement built for one call goes through
SQLAlchemy, whose cache knows its shape. All columns are text, big integers and bytes, so no value needs converting
either way.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Dialect, Executable, LargeBinary, Table
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

Rows = Sequence[Mapping[str, Any]]


class _Prepared:
    """The text of one statement for one driver, and how its parameters are laid out."""

    def __init__(self, statement: Any, dialect: Dialect, keys: Sequence[str]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(keys) or None)
        self.text: str = compiled.string
        # Lists that expand at run time (IN) have no fixed text.
        self.fixed = not (compiled.post_compile_params or compiled.literal_execute_params)
        self._pick = _picker(compiled.positiontup) if compiled.positional else None
        self._defaults: dict[str, Any] = dict(compiled.params)
        self.row: Callable[..., Any] | None = _row(compiled)

    def bind(self, parameters: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        if self._pick is None:
            return {**self._defaults, **parameters}
        try:
            return self._pick(parameters)
        except KeyError:
            return self._pick({**self._defaults, **parameters})


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What takes the values of these names out of a mapping, in order, as a tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: tuple(parameters[name] for name in names)


class _Whole:
    """How many rows of one table are written at once."""

    def __init__(self, table: Table, names: tuple[str, ...], *, replaces: bool) -> None:
        self.table = f'"{table.name}"'
        self.columns = ", ".join(f'"{name}"' for name in names)
        self.pick = _picker(names)
        key = [column.name for column in table.primary_key.columns]
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
        keys = ", ".join(f'"{name}"' for name in key)
        self.conflict = f" ON CONFLICT ({keys}) DO UPDATE SET {changed}" if replaces else ""

    def write(self, cursor: Any, rows: Rows) -> None:
        """Writes the rows through a driver's cursor."""
        raise AssertionError("one of the two below writes")

    def travels(self, rows: Rows) -> bool:
        """Whether the rows may go with those of other tables in one round to the server."""
        _ = rows
        return False


class _ListedRows(_Whole):
    """SQLite: many rows in the list of one statement, during which the interpreter is free for the loop.

    The texts are few, so that the driver keeps them all compiled: so many rows at once, or a power of two.
    """

    AT_ONCE = 64

    def __init__(self, table: Table, names: tuple[str, ...], *, replaces: bool) -> None:
        super().__init__(table, names, replaces=replaces)
        self._row = f"({', '.join('?' * len(names))})"

    def write(self, cursor: Any, rows: Rows) -> None:
        """Writes the rows through a driver's cursor."""
        start, left = 0, len(rows)
        while left:
            count = min(self.AT_ONCE, 1 << (left.bit_length() - 1))
            listed = ", ".join([self._row] * count)
            parts = [part for row in rows[start : start + count] for part in self.pick(row)]
            cursor.execute(f"INSERT INTO {self.table} ({self.columns}) VALUES {listed}{self.conflict}", parts)
            start, left = start + count, left - count


class _CopiedRows(_Whole):
    """PostgreSQL: rows are copied into the table; a few, and what may replace others, as one array a column."""

    FEW = 32

    def __init__(self, table: Table, names: tuple[str, ...], *, replaces: bool) -> None:
        super().__init__(table, names, replaces=replaces)
        kinds = {BigInteger: "bigint", LargeBinary: "bytea"}
        arrays = ", ".join(f"%s::{kinds.get(type(table.c[name].type), 'text')}[]" for name in names)
        self._copy = f"COPY {self.table} ({self.columns}) FROM STDIN"
        self._insert = f"INSERT INTO {self.table} ({self.columns}) SELECT * FROM unnest({arrays}){self.conflict}"

    def write(self, cursor: Any, rows: Rows) -> None:
        """Writes the rows through a driver's cursor."""
        if self.travels(rows):
            cursor.execute(self._insert, [list(column) for column in zip(*map(self.pick, rows), strict=True)])
            return
        with cursor.copy(self._copy) as copy:
            for row in rows:
                copy.write_row(self.pick(row))

    def travels(self, rows: Rows) -> bool:
        """What is copied goes alone: it costs both sides less for each row, and a round more."""
        return bool(self.conflict) or len(rows) <= self.FEW


class Statements:
    """Runs statements on one engine's connections."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._prepared: WeakKeyDictionary[Executable, _Prepared | None] = WeakKeyDictionary()
        self._tables: WeakKeyDictionary[Executable, frozenset[str]] = WeakKeyDictionary()
        self._wholes: dict[tuple[Table, tuple[str, ...], bool], _Whole] = {}

    def rows(self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a query."""
        prepared = self._known(statement, parameters)
        if prepared is None or prepared.row is None:
            return connection.execute(statement, dict(parameters)).all()
        cursor = _cursor(connection)
        try:
            cursor.execute(prepared.text, prepared.bind(parameters))
            return list(map(prepared.row, cursor.fetchall()))
        except Exception as error:
            raise _translated(connection, error, prepared.text) from error
        finally:
            cursor.close()

    def execute(
        self,
        connection: Connection,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> int:
        """Runs a change, once or for each row of parameters; answers the number of rows touched."""
        rows = [parameters] if isinstance(parameters, Mapping) else parameters
        if not rows:
            return 0
        prepared = self._known(statement, rows[0])
        if prepared is None:
            return int(connection.execute(statement, [dict(row) for row in rows]).rowcount)
        cursor = _cursor(connection)
        try:
            if len(rows) == 1:
                cursor.execute(prepared.text, prepared.bind(rows[0]))
            else:
                cursor.executemany(prepared.text, [prepared.bind(row) for row in rows])
            return int(cursor.rowcount)
        except Exception as error:
            raise _translated(connection, error, prepared.text) from error
        finally:
            cursor.close()

    def tables(self, statement: Executable) -> frozenset[str]:
        """The tables a statement names, by its parts; where it is a text, every word of it may be one."""
        found = self._tables.get(statement)
        if found is None:
            text = getattr(statement, "text", None)
            if isinstance(text, str):
                found = frozenset(re.findall(r"\w+", text))
            else:
                parts = visitors.iterate(statement)  # type: ignore[arg-type]
                found = frozenset(part.name for part in parts if isinstance(part, Table))
            self._tables[statement] = found
        return found

    def write(
        self,
        connection: Connection,
        appended: Iterable[tuple[Table, Rows]],
        replaced: Iterable[tuple[Table, Rows]],
    ) -> None:
        """Inserts rows of some tables, and of others inserts them or writes them over those of the same primary key.

        The rows of a table state the same columns. Few statements, however many the rows; to PostgreSQL they go in one
        round where they are few, since each takes longer on its way than there.
        """
        wholes = [(self._whole(table, tuple(rows[0]), replaces=False), rows) for table, rows in appended]
        wholes += [(self._whole(table, tuple(rows[0]), replaces=True), rows) for table, rows in replaced]
        together = [(whole, rows) for whole, rows in wholes if whole.travels(rows)]
        if together:
            self._in_one_round(connection, together)
        for whole, rows in wholes:
            if whole.travels(rows):
                continue
            cursor = _cursor(connection)
            try:
                whole.write(cursor, rows)
            except Exception as error:
                raise _translated(connection, error, whole.table) from error
            finally:
                cursor.close()

    def _in_one_round(self, connection: Connection, wholes: "Sequence[tuple[_Whole, Rows]]") -> None:
        cursors = [_cursor(connection) for _ in wholes]
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                for cursor, (whole, rows) in zip(cursors, wholes, strict=True):
                    whole.write(cursor, rows)
        except Exception as error:
            raise _translated(connection, error, ", ".join(whole.table for whole, _ in wholes)) from error
        finally:
            for cursor in cursors:
                cursor.close()

    def _whole(self, table: Table, names: tuple[str, ...], *, replaces: bool) -> "_Whole":
        key = (table, names, replaces)
        if key not in self._wholes:
            kind = _CopiedRows if self._dialect.name == "postgresql" else _ListedRows
            self._wholes[key] = kind(table, names, replaces=replaces)
        return self._wholes[key]

    @staticmethod
    def plain(connection: Connection, text: str) -> None:
        """Runs a statement without parameters or rows, such as a savepoint."""
        cursor = _cursor(connection)
        cursor.execute(text)
        cursor.close()

    def _known(self, statement: Executable, parameters: Mapping[str, Any]) -> _Prepared | None:
        """The prepared form from the second use on; None for the first use and for what has no fixed text."""
        if statement not in self._prepared:
            self._prepared[statement] = None
            return None
        prepared = self._prepared[statement]
        if prepared is None:
            keys = tuple(parameters) if getattr(statement, "is_dml", False) else ()
            prepared = self._prepared[statement] = _Prepared(statement, self._dialect, keys)
        return prepared if prepared.fixed else None


def _cursor(connection: Connection) -> Any:
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()


def _row(compiled: Compiled) -> Callable[..., Any] | None:
    columns = getattr(compiled, "_result_columns", None)
    if not columns:
        return None
    make: Callable[..., Any] = _named(*(column.keyname for column in columns))
    return make


def _named(*columns: str) -> Any:
    """A tuple class with the columns' names; what is not a name (`count(*)`) gets one by its place."""
    kind: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    return kind._make


def _translated(connection: Connection, error: Exception, text: str) -> Exception:
    """The driver's error in SQLAlchemy's terms, as its own path would raise it."""
    from_driver = connection.dialect.loaded_dbapi.Error
    if not isinstance(error, from_driver):
        return error
    return DBAPIError.instance(text, None, error, from_driver, dialect=connection.dialect)
