"""What is different between the two engines, in one place: SQLite for one machine, PostgreSQL for many.

On both, one transaction writes at a time: SQLite by its own lock, PostgreSQL by an advisory lock held to the commit, so
that several processes may serve one store and every rule that is read before it is written still holds.
"""

from typing import Any
from zlib import crc32

from psycopg import Connection as PostgresConnection
from psycopg.adapt import Loader
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

BUSY_MS = 10_000


class _WholeNumber(Loader):
    """PostgreSQL sums big integers to numeric; the platform stores no fractions, so they are integers again."""

    def load(self, data: Any) -> int:
        """The integer in the text."""
        return int(bytes(data))


class Engines:
    """Opens, begins and commits, as each engine wants it."""

    @staticmethod
    def open(url: str, service: str) -> Engine:
        """An engine for one service's store; on PostgreSQL its tables lie in a schema of the service's name."""
        if url.startswith("sqlite"):
            pool = StaticPool if ":memory:" in url else NullPool
            engine = create_engine(
                url,
                poolclass=pool,
                hide_parameters=True,
                connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
            )
            event.listen(engine, "connect", _prepare_sqlite)
            # The driver's own idea of when to begin is switched off: a writer takes the lock at once, so that it never
            # finds out at its first write that somebody else was faster.
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        engine = create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args={"options": f"-csearch_path={service}"}
        )
        event.listen(engine, "connect", _prepare_postgres)
        return engine

    @staticmethod
    def writer(engine: Engine) -> Connection:
        """The one connection that writes."""
        return engine.connect()

    @staticmethod
    def reader(engine: Engine) -> Connection:
        """A connection that can only read."""
        connection = engine.connect()
        if engine.dialect.name == "sqlite":
            connection = connection.execution_options(reads=True)
            connection.exec_driver_sql("PRAGMA query_only=ON")
        else:
            connection.exec_driver_sql(
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, ISOLATION LEVEL REPEATABLE READ"
            )
        connection.commit()
        return connection

    @staticmethod
    def begin(connection: Connection, service: str) -> None:
        """Begins a transaction that nobody else's can interleave with.

        It ends with the connection's commit or rollback.
        """
        connection.begin()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({crc32(service.encode())})")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads")
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MS}",
        "foreign_keys=ON",
        "cache_size=-32768",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgres(connection: PostgresConnection[Any], _record: object) -> None:
    connection.adapters.register_loader("numeric", _WholeNumber)
