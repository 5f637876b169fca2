"""The demonstration, as a stranger runs it: from the command, twice, and Ctrl-C at the end."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from zhongtai.testing.embedded import Child, tables

STORY = ("demo", "--count", "400", "--json")


@pytest.mark.slow
async def test_told_twice_it_doubles_nothing(tmp_path: Path) -> None:
    # Jobs by the clock would go on meanwhile.
    async with Child(tmp_path, extra={"ZHONGTAI_JOBS_RUN": "false"}) as platform:
        first = lines(await platform.command(*STORY))
        before = {name: len(rows) for name, rows in tables(tmp_path).items()}
        await platform.stop()
        await platform.start()
        second = lines(await platform.command(*STORY))
        after = {name: len(rows) for name, rows in tables(tmp_path).items()}
    assert after == before
    assert before["credit.credit_loan"] == int(first["approved and disbursed"]) > 0
    timed = {"run at the door, p50 and p99", "the whole demonstration"}
    assert {name for name in first if first[name] != second[name]} <= timed


def lines(printed: str) -> dict[str, str]:
    """The table's values by their lines; fails where one does not hold."""
    # The training prints its own tables first.
    table = json.loads(printed[printed.index("[\n") :])
    assert [line for line in table if line["holds"] is False] == []
    return {line["line"]: line["value"] for line in table}


async def test_ctrl_c_ends_everything_within_five_seconds(tmp_path: Path) -> None:
    async with Child(tmp_path) as platform:
        assert platform.broker_pid
        assert processes_on(tmp_path)
        # Five seconds of a machine of its own: where processes share the tests, the others have their part of it.
        sharing = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        assert await platform.stop(within_s=5.0 * sharing) == 0
        assert platform.broker_pid == 0
        assert processes_on(tmp_path) == []


async def test_ctrl_c_in_the_midst_of_the_story_leaves_it_to_be_told_on(tmp_path: Path) -> None:
    """The platform stops while it is busy, the command goes on when it is there again, and every line holds."""
    async with Child(tmp_path) as platform:
        story = asyncio.create_task(platform.command(*STORY))
        while len(tables(tmp_path)["gateway.gateway_run"]) < 20:
            await asyncio.sleep(0.05)
        assert await platform.stop() == 0
        assert processes_on(tmp_path) == []
        await platform.start()
        assert lines(await story)


async def busy(folder: Path) -> None:
    """Some runs were begun."""
    assert len(tables(folder)["gateway.gateway_run"]) >= 20


def processes_on(folder: Path) -> list[str]:
    """The command lines of all brokers that name the folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"{folder.resolve()}/" in command:
                found.append(command)
    return found
