"""kill -9 at every step between accepting an entry and answering: what was answered is there, all is done once."""

import multiprocessing
import shutil
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.crash.posting import post, requests
from tests.operations.bank import Bank
from zhongtai.testing.doors import opened
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


async def test_what_was_answered_before_a_kill_is_there_and_asking_again_does_it_once(
    tmp_path: Path, server: ForkServerContext
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    url = fresh_sqlite("operations", whole)
    async with opened("operations", url) as door:
        account_id = await Bank(door).deposit(40)
    begun = tmp_path / "begun.db"
    shutil.copy(whole / "operations.db", begun)
    steps = int(told_by(server, url, account_id, 0)["steps"])
    assert steps > 20
    for last_step in range(1, steps + 1):
        crashed = tmp_path / str(last_step)
        crashed.mkdir()
        url = f"sqlite:///{shutil.copy(begun, crashed / 'operations.db')}"
        told = told_by(server, url, account_id, last_step)
        assert "steps" not in told
        async with opened("operations", url) as door:
            asked = requests(account_id)
            again = {request.request_id: (await door.call(request)).entry.entry_id for request in asked}
            assert told.items() <= again.items(), f"killed at step {last_step}"
            assert await Bank(door).balance(account_id) == 0
            await Bank(door).must_be_sound()
        shutil.rmtree(crashed)
