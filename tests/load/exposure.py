"""The proof of exposure over a million limits: how long it takes, and how long a hold waits while it reads.

Each limit has one loan that uses it whole, each loan a balance in the ledger, each customer a node; they agree but for
a few. The proof runs through the service, in process, on a store that syncs every commit.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import Table

from tests.load.commands import CALL
from tests.load.figure import Figure, percentile
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.exposure_proof.store import LEDGER_EXPOSURE
from zhongtai.credit.limit.store import LIMIT
from zhongtai.credit.limit_node.store import LIMIT_NODE
from zhongtai.credit.loan.store import LOAN
from zhongtai.credit.v1 import exposure_proof_pb2 as v1
from zhongtai.credit.v1 import limit_pb2
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.service import Service
from zhongtai.testing.templates import fresh_sqlite

LIMITS = 1_000_000
BREAKS = 500
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
_OWED = "100000 + n % 9973"
# What is said of each row of a table; of the rest, what may be absent is, and amounts are nothing.
_SAID: dict[Table, dict[str, str]] = {
    LIMIT: {
        "limit_id": "printf('lim_%026d', n)",
        "customer_id": "printf('cus_%026d', n)",
        "product_line": "'consumer'",
        "granted_minor": f"2 * ({_OWED})",
        "used_minor": _OWED,
        "standing_minor": f"2 * ({_OWED})",
        "status": "'ACTIVE'",
    },
    LOAN: {
        "loan_id": "printf('loan_%026d', n)",
        "limit_id": "printf('lim_%026d', n)",
        "status": "'ACTIVE'",
        "outstanding_minor": _OWED,
    },
    LEDGER_EXPOSURE: {"loan_id": "printf('loan_%026d', n)", "balance": f"{_OWED} + (n < {BREAKS})"},
    LIMIT_NODE: {
        "node_id": "printf('node_%026d', n)",
        "kind": "'CUSTOMER'",
        "subject": "printf('cus_%026d', n)",
        "obligor": "'NON_BANK'",
        "used_minor": _OWED,
    },
}


def fill(url: str, limits: int) -> None:
    """Writes so many limits, loans on them, nodes above them and balances in the ledger into an empty store."""
    engine = Engines.open(url, "credit")
    with engine.connect() as connection:
        connection.begin()
        driver: Any = connection.connection.driver_connection
        for table, said in _SAID.items():
            values = [said.get(column.name, _plain(column)) for column in table.columns]
            names = ", ".join(column.name for column in table.columns)
            chosen = f"{_NUMBERS} SELECT {', '.join(values)} FROM numbers"
            driver.execute(f"INSERT INTO {table.name} ({names}) {chosen}", {"last": limits - 1})
        of_line = LIMIT_NODE.name
        driver.execute(f"CREATE TEMP TABLE line AS SELECT * FROM {of_line} LIMIT 1")
        driver.execute(
            f"UPDATE line SET node_id = 'node_line', kind = 'PRODUCT', subject = 'consumer',"
            f" used_minor = (SELECT sum(used_minor) FROM {of_line})"
        )
        driver.execute(f"INSERT INTO {of_line} SELECT * FROM line")
        connection.commit()
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _plain(column: Any) -> str:
    if column.nullable:
        return "NULL"
    is_currency = column.name.endswith("_currency") or column.name == "currency_code"
    return "'CNY'" if is_currency else "''" if str(column.type) == "TEXT" else "0"


async def _holds(calls: Calls, stop: asyncio.Event, waits: list[float], name: str) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        amount = Money(currency_code="CNY", minor_units=1)
        request = limit_pb2.HoldLimitRequest(
            request_id=f"{name} {number}", limit_id=f"lim_{number * 17:026d}", amount=amount
        )
        begun = time.perf_counter()
        await calls.call(request, CALL)
        waits.append(1000 * (time.perf_counter() - begun))
        await asyncio.sleep(0.005)


async def measure(url: str, runs: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each proof; milliseconds that holds waited with nothing running, and beside a proof."""
    opened = Store.open(url, "credit")
    try:
        calls = Calls({"credit": Service("credit", opened, GivenClock())}, {})
        quiet: list[float] = []
        busy: list[float] = []
        proofs: list[float] = []
        for waits in (quiet, *[busy] * runs):
            stop = asyncio.Event()
            holding = asyncio.create_task(_holds(calls, stop, waits, f"{len(proofs)} {waits is quiet}"))
            begun = time.perf_counter()
            if waits is quiet:
                await asyncio.sleep(1)
            else:
                reply: Any = await calls.call(v1.ProveExposureRequest(request_id=f"proof {len(proofs)}"), CALL)
                proofs.append(time.perf_counter() - begun)
                assert reply.proof.open_breaks >= BREAKS, reply
            stop.set()
            await holding
        return proofs, quiet, busy
    finally:
        await asyncio.to_thread(opened.close)


def run(runs: int, limits: int = LIMITS) -> list[Figure]:
    """Measures on SQLite."""
    with tempfile.TemporaryDirectory() as name:
        url = fresh_sqlite("credit", Path(name))
        fill(url, limits)
        proofs, quiet, busy = uvloop.run(measure(url, runs))
    return [
        Figure(f"proof of exposure, {limits:,} limits, {BREAKS} breaks, SQLite", "s", proofs, "-"),
        Figure("a hold meanwhile, p50 and worst", "ms", [percentile(busy, 0.5), max(busy)], "nobody waits 50"),
        Figure("a hold alone, p50 and worst", "ms", [percentile(quiet, 0.5), max(quiet)], "-"),
    ]


if __name__ == "__main__":
    for figure in run(2, int(sys.argv[1]) if len(sys.argv) > 1 else LIMITS):
        print(figure)
