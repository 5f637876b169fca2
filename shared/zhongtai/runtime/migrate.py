"""Brings one service's store to the tables its code expects, by Alembic revisions: one file, one branch for each noun.

A store that is up to date is recognised from the names of the files alone, without running Alembic.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect, text

from zhongtai.runtime import approvals, journal, transactions
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.service import components

_ALEMBIC = Lock()
_NAME = re.compile(r"^(?P<noun>[a-z_]+)_(?P<number>\d{4})\.py$")


def folders(service: str) -> list[Path]:
    """Where a service's revisions lie: the runtime's own first, then the service's."""
    found = [Path(__file__).parent / "migrations"]
    for path in import_module(f"zhongtai.{service}").__path__:
        if (Path(path) / "migrations").is_dir():
            found.append(Path(path) / "migrations")
    return found


def heads(service: str) -> set[str]:
    """The newest revision of every noun."""
    newest: dict[str, str] = {}
    for folder in folders(service):
        for file in sorted(folder.iterdir()):
            if match := _NAME.match(file.name):
                newest[match["noun"]] = file.stem
    return set(newest.values())


def tables(service: str) -> MetaData:
    """Every table the service's code expects: the runtime's own and those of its components."""
    expected = MetaData()
    stores = [
        import_module(name) for noun in components(service) if find_spec(name := f"zhongtai.{service}.{noun}.store")
    ]
    declared = [store.metadata for store in stores if hasattr(store, "metadata")]
    for source in (journal.metadata, transactions.metadata, approvals.metadata, *declared):
        for table in source.tables.values():
            table.to_metadata(expected)
    return expected


def upgrade(url: str, service: str) -> bool:
    """Runs the revisions that are missing; answers whether there were any."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = Engines.open(url, service)
    try:
        with engine.connect() as connection:
            if _present(connection, service) == heads(service):
                return False
        # Alembic keeps the running environment in module variables: one store at a time.
        with _ALEMBIC, engine.connect() as connection:
            _run(connection, service)
        return True
    finally:
        engine.dispose()


def _present(connection: Connection, service: str) -> set[str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
        connection.commit()
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return {row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))}


def _run(connection: Connection, service: str) -> None:
    """Runs every missing revision in one transaction, on both engines."""
    first, *rest = folders(service)
    config = Config()
    config.set_main_option("script_location", str(first))
    script = ScriptDirectory(str(first), version_locations=[str(folder) for folder in (first, *rest)])
    with EnvironmentContext(
        config, script, fn=lambda present, _: script._upgrade_revs("heads", present)
    ) as environment:
        environment.configure(connection=connection, target_metadata=None, transactional_ddl=True)
        with environment.begin_transaction():
            environment.run_migrations()
        connection.commit()


def revision(service: str, noun: str) -> Path:
    """Writes the first revision of a noun from the tables its store declares; answers the file."""
    name = f"{noun}_0001"
    declared: MetaData = (
        journal.metadata if noun == "runtime" else import_module(f"zhongtai.{service}.{noun}.store").metadata
    )
    with create_engine("sqlite://").connect() as empty:
        context = MigrationContext.configure(empty)
        script = produce_migrations(context, declared)
    if script.upgrade_ops is None or script.downgrade_ops is None:
        raise LookupError(f"{service}/{noun} declares no tables")
    body = re.sub(r"\n? *# ### [^\n]*", "", render_python_code(script.upgrade_ops)).strip()
    file = folders(service)[0 if noun == "runtime" else -1] / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(_REVISION.format(noun=noun, name=name, body=body))
    return file


_REVISION = '''"""The tables of `{noun}`."""

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = None
branch_labels = ("{noun}",)


def upgrade() -> None:
    """Makes the tables."""
    {body}
'''
