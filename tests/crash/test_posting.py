"""kill -9 at every step between accepting an entry and answering: what was answered is there, all is done once."""

import multiprocessing
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.crash.posting import post, requests
from tests.operations.bank import Bank
from zhongtai.testing.doors import opened
from zhongtai.testing.postgres import fresh_postgres
from zhongtai.testing.templates import fresh_sqlite


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    """Starts processes that have everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.posting"])
    return context


def told_by(server: ForkServerContext, url: str, account_id: str, last_step: int) -> dict[str, str]:
    """What a process that ends at a step has answered before."""
    ours, theirs = server.Pipe(duplex=False)
    process = server.Process(target=post, args=(url, account_id, last_step, theirs))
    process.start()
    theirs.close()
    told = {}
    try:
        while True:
            name, value = ours.recv()
            told[name] = value
    except EOFError:
        process.join()
    ours.close()
    return told


@dataclass(frozen=True)
class Engine:
    """How a store is begun and copied, and at how many of the steps somebody is killed; 0 means at all of them."""

    begun: str
    copy: Callable[[int], str]
    kills: int = 0

    def last_steps(self, steps: int) -> range:
        """The steps to be killed at, from first to last."""
        return range(1, steps + 1, steps // self.kills if self.kills else 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Both keep the same promise; PostgreSQL needs longer for each life, and is killed less often."""
    if request.param == "sqlite":
        begun = fresh_sqlite("operations", tmp_path)
        return Engine(
            begun, lambda step: f"sqlite:///{shutil.copy(tmp_path / 'operations.db', tmp_path / f'{step}.db')}"
        )
    server = create_engine(request.getfixturevalue("postgres_url"), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def made(name: str, template: str) -> str:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return server.url.set(database=name).render_as_string(hide_password=False)

    begun = fresh_postgres(made("begun", "template0"), "operations")
    return Engine(begun, lambda step: made(f"killed_{step}", "begun"), kills=8)


@pytest.mark.slow
async def test_what_was_answered_before_a_kill_is_there_and_asking_again_does_it_once(
    engine: Engine, server: ForkServerContext
) -> None:
    async with opened("operations", engine.begun) as door:
        account_id = await Bank(door).deposit(40)
    steps = int(told_by(server, engine.copy(0), account_id, 0)["steps"])
    assert steps > 20
    for last_step in engine.last_steps(steps):
        url = engine.copy(last_step)
        told = told_by(server, url, account_id, last_step)
        assert "steps" not in told
        async with opened("operations", url) as door:
            asked = requests(account_id)
            again = {request.request_id: (await door.call(request)).entry.entry_id for request in asked}
            assert told.items() <= again.items(), f"killed at step {last_step}"
            assert await Bank(door).balance(account_id) == 0
            await Bank(door).must_be_sound()
