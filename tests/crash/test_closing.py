"""kill -9 in the midst of a close of the day: the next life goes on with it, and every date is closed once."""

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from zhongtai.testing.embedded import Child, tables

PATIENCE_S = 300
# After so many steps it is killed; whoever comes next waits for the lease of the dead.
KILLED_AFTER = (2, 7, 12)


def done(platform: Child, over: date) -> set[str]:
    """The steps of the close of a date that are done."""
    rows = tables(platform.folder)["gateway.gateway_job_run"]
    return {row[0] for row in rows if {"DONE", over.isoformat()} <= set(row)}


async def told(platform: Child, rpc: str, **request: Any) -> Any:
    """What an RPC answers."""
    return json.loads(await platform.command("call", rpc, json.dumps(request)))


def message(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


@pytest.mark.slow
async def test_a_close_that_is_killed_goes_on_and_closes_the_date_once(tmp_path: Path) -> None:
    async with Child(tmp_path) as platform, asyncio.timeout(PATIENCE_S):
        kept = (await told(platform, "gateway.BusinessDayService.GetBusinessDate"))["businessDate"]
        over = date(kept["year"], kept["month"], kept["day"])
        following = message(over + timedelta(days=1))
        await told(platform, "gateway.BusinessDayService.AdvanceBusinessDate", requestId="on", to=following)
        await told(platform, "gateway.ClosingService.BeginClosing", requestId="begin", businessDate=message(over))
        for steps in KILLED_AFTER:
            while len(done(platform, over)) < steps:
                await asyncio.sleep(0.001)
            await platform.kill()
            await platform.start()
        closed = json.loads(await platform.command("close", over.isoformat(), "--json"))
        assert (closed["state"], closed["done"]) == ("CLOSING_STATE_CLOSED", len(closed["steps"]))
        rows = tables(tmp_path)
        assert [row[:3] for row in rows["operations.book_day"]] == [("general", over.isoformat(), "CLOSED")]
        advanced = [row for row in rows["operations.outbox"] if any("BookDayAdvanced" in str(cell) for cell in row)]
        assert len(advanced) == 5, "each state was told once"
