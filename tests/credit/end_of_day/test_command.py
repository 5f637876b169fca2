"""`zhongtai eod`: dates that were skipped are closed one by one, a dry run writes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.credit.closes import rows
from tests.credit.examples import disbursed
from zhongtai.credit.end_of_day import commands
from zhongtai.runtime.client import Calls
from zhongtai.testing.doors import Door


@pytest.fixture(autouse=True)
def platform(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command calls the door's service."""

    @asynccontextmanager
    async def calls() -> AsyncIterator[Calls]:
        yield Calls({"credit": door.service}, {})

    monkeypatch.setattr(commands, "local_calls", calls)


async def run(*arguments: str) -> Any:
    """What the command does, in a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, commands.app, list(arguments))


async def test_skipped_dates_are_closed_one_by_one_after_a_dry_run_that_writes_nothing(door: Door) -> None:
    await disbursed(door, 1_234_567)
    door.today(date(2026, 2, 9))
    early = await run("--date", "2026-02-09")
    assert (early.exit_code, "BUSINESS_DATE_MUST_BE_OVER" in early.output + early.stderr) == (1, True)
    dry = await run("--date", "2026-02-05", "--dry-run", "--json")
    assert dry.exit_code == 0, dry.output
    assert await rows(door) == []
    (would,) = json.loads(dry.stdout)
    done = await run("--date", "2026-02-05", "--json")
    (closed,) = json.loads(done.stdout)
    assert closed["figures"] == would["figures"]
    assert closed["figures"][0]["loans"] == 1
    caught_up = await run("--date", "2026-02-08", "--json")
    assert [one["business_date"] for one in json.loads(caught_up.stdout)] == ["2026-02-06", "2026-02-07", "2026-02-08"]
    assert len(await rows(door)) == 4
    again = await run("--date", "2026-02-08")
    assert again.exit_code == 0
    assert "2026-02-08, closed" in again.stdout
    assert len(await rows(door)) == 4
