"""kill -9 in the midst of a close of the day, on either engine: the next life goes on, and leaves the same books."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.engines import Engines
from zhongtai.testing.embedded import Child
from zhongtai.testing.postgres import fresh_postgres

PATIENCE_S = 600
# What a close leaves of its date, without ids and moments; the day before it was paid in is a date of its own.
LEFT = {
    "operations": (
        "SELECT status FROM book_day WHERE business_date = :on",
        "SELECT account_code, side, amount_minor, amount_currency FROM ledger_entry"
        " JOIN ledger_leg USING (book, number) WHERE booking_date = :on",
    ),
    "asset_liability": (
        "SELECT kind, product_id, currency_code, positions, outstanding_minor FROM position_day_line"
        " WHERE business_date = :on",
        "SELECT currency_code, agrees FROM gap_day WHERE business_date = :on",
    ),
    "reporting": ("SELECT COUNT(*) FROM portfolio_day WHERE business_date = :on",),
}


@dataclass(frozen=True)
class Engine:
    """Where the stores lie, and after how many steps somebody is killed; who comes next waits for a lease of 30 s."""

    url: str
    killed_after: Sequence[int]

    def rows(self, folder: Path, service: str, statement: str, on: date) -> list[tuple[Any, ...]]:
        """What a statement finds of a date in a service's store."""
        engine = Engines.open(self.url or f"sqlite:///{folder / f'{service}.db'}", service)
        with engine.connect() as connection:
            found = sorted(tuple(row) for row in connection.execute(text(statement), {"on": on.isoformat()}))
        engine.dispose()
        return found

    def books(self, folder: Path, on: date) -> list[list[tuple[Any, ...]]]:
        """All that a close left of a date."""
        return [
            self.rows(folder, service, statement, on)
            for service, statements in LEFT.items()
            for statement in statements
        ]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Both keep the same promise; PostgreSQL needs longer for each life, and is killed less often."""
    if request.param == "sqlite":
        return Engine("", (2, 7, 12))
    url: str = request.getfixturevalue("postgres_url")
    for service in PACKAGES:
        fresh_postgres(url, service)
    return Engine(url, (9,))


async def told(platform: Child, rpc: str, **request: Any) -> Any:
    """What an RPC answers."""
    return json.loads(await platform.command("call", rpc, json.dumps(request)))


def message(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


async def paid_in(platform: Child) -> None:
    """A deposit of 360,000.00, which earns whole fen each day."""
    asked = {"accountClass": "ACCOUNT_CLASS_CUSTOMER", "product": "demand_deposit", "currencyCode": "CNY"}
    rpc = "operations.AccountService.OpenAccount"
    opened = await told(platform, rpc, requestId="open", customerId="cus_1", **asked)
    amount = {"currencyCode": "CNY", "minorUnits": "36000000"}
    legs = [
        {"accountCode": "1001", "side": "SIDE_DEBIT", "amount": amount},
        {"accountId": opened["account"]["accountId"], "side": "SIDE_CREDIT", "amount": amount},
    ]
    await told(
        platform, "operations.LedgerService.PostEntry", requestId="pay in", draft={"reference": "paid in", "legs": legs}
    )


async def over(platform: Child) -> date:
    """Takes the bank to its next date; answers the one that is over."""
    kept = (await told(platform, "gateway.BusinessDayService.GetBusinessDate"))["businessDate"]
    day = date(kept["year"], kept["month"], kept["day"])
    following = message(day + timedelta(days=1))
    await told(platform, "gateway.BusinessDayService.AdvanceBusinessDate", requestId=f"on {day}", to=following)
    return day


async def closed(platform: Child, on: date) -> None:
    """Closes a date, or has it go on."""
    found = json.loads(await platform.command("close", on.isoformat(), "--json"))
    assert (found["state"], found["done"]) == ("CLOSING_STATE_CLOSED", len(found["steps"]))


DONE = "SELECT job_id FROM gateway_job_run WHERE status = 'DONE' AND occasion = :on"
ADVANCED = "SELECT 1 FROM outbox WHERE subject = 'zhongtai.operations.v1.BookDayAdvanced' AND business_date > :on"


@pytest.mark.slow
async def test_a_close_that_is_killed_goes_on_and_leaves_the_books_of_one_that_was_not(
    tmp_path: Path, engine: Engine
) -> None:
    extra = {f"ZHONGTAI_{name.upper()}_DATABASE_URL": engine.url for name in PACKAGES} if engine.url else {}
    async with Child(tmp_path, extra=extra) as platform, asyncio.timeout(PATIENCE_S):
        # The first date holds what was paid in, the second is closed undisturbed, the third is killed.
        await paid_in(platform)
        await closed(platform, await over(platform))
        undisturbed = await over(platform)
        await closed(platform, undisturbed)
        killed = await over(platform)
        await told(platform, "gateway.ClosingService.BeginClosing", requestId="begin", businessDate=message(killed))
        for steps in engine.killed_after:
            while len(engine.rows(tmp_path, "gateway", DONE, killed)) < steps:
                await asyncio.sleep(0.001)
            await platform.kill()
            await platform.start()
        await closed(platform, killed)
        books = engine.books(tmp_path, killed)
        assert books == engine.books(tmp_path, undisturbed)
        assert [len(rows) for rows in books] == [1, 2, 1, 1, 1]
        assert len(engine.rows(tmp_path, "operations", ADVANCED, killed)) == 5, "each state was told once"
