"""The nights of many demand deposits: nothing moved, every account moved, every account is paid its interest.

Each account is there with one entry that paid money in; the accrual runs through the service, in process, on a store
that syncs every commit. Seconds of the processor, so that other work on the machine does not count.
"""

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import uvloop

from tests.load.commands import CALL
from tests.load.figure import Figure
from tests.operations.bank import drafted
from zhongtai.operations.account.store import ACCOUNT
from zhongtai.operations.v1.deposit_interest_pb2 import AccrueDepositsRequest
from zhongtai.operations.v1.ledger_pb2 import PostEntriesRequest
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.service import Service
from zhongtai.testing.templates import fresh_sqlite

ACCOUNTS = 100_000
AT_ONCE = 500
DAY = timedelta(days=1)
# The twentieth of the last month of a quarter is the day of settlement.
FIRST = date(2026, 6, 18)
_SAID = {
    "account_id": "printf('acc_%026d', n)",
    "customer_id": "printf('cus_%026d', n)",
    "account_class": "'CUSTOMER'",
    "product": "'demand_deposit'",
    "account_code": "'2011'",
    "side": "'CREDIT'",
    "currency_code": "'CNY'",
    "floor_minor": "0",
    "floor_currency": "'CNY'",
    "status": "'ACTIVE'",
    "holds": "'[]'",
    "book": "'general'",
    "dimensions": "'[]'",
}


def fill(url: str, accounts: int) -> None:
    """Writes so many accounts with nothing on them into an empty store."""
    engine = Engines.open(url, "operations")
    with engine.connect() as connection:
        connection.begin()
        names = [column.name for column in ACCOUNT.columns]
        numbers = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
        chosen = f"{numbers} SELECT {', '.join(_SAID[name] for name in names)} FROM numbers"
        driver: Any = connection.connection.driver_connection
        driver.execute(f"INSERT INTO account ({', '.join(names)}) {chosen}", {"last": accounts - 1})
        connection.commit()
    engine.dispose()


async def pay_in(calls: Calls, accounts: int) -> None:
    """Pays something into every account, one entry each."""
    for first in range(0, accounts, AT_ONCE):
        drafts = [
            drafted(("1001", "DEBIT", fen), (f"acc_{number:026d}", "CREDIT", fen))
            for number in range(first, min(first + AT_ONCE, accounts))
            for fen in (100_000 + number * 7 % 9_999_999,)
        ]
        await calls.call(PostEntriesRequest(request_id=f"pay in {first}", drafts=drafts), CALL)


async def _night(calls: Calls, clock: GivenClock, on: date) -> float:
    """Seconds of the processor of a date's accrual."""
    clock.today = on + DAY
    begun, more, number = time.process_time(), True, 0
    while more:
        number += 1
        request = AccrueDepositsRequest(request_id=f"{on} {number}", business_date=date_message(on))
        reply: Any = await calls.call(request, CALL)
        more = reply.more
    return time.process_time() - begun


async def measure(url: str, accounts: int) -> tuple[float, float, float]:
    """Seconds of the processor: every account moved, none did, every account is paid."""
    opened, clock = Store.open(url, "operations"), GivenClock(today=FIRST)
    try:
        calls = Calls({"operations": Service("operations", opened, clock)}, {})
        await pay_in(calls, accounts)
        moved, still, paid = [await _night(calls, clock, FIRST + number * DAY) for number in range(3)]
        return moved, still, paid
    finally:
        opened.close()


def run(runs: int, accounts: int = ACCOUNTS) -> list[Figure]:
    """Measures on SQLite, each time in an empty store."""
    names = ("every account moved", "no account moved", "every account is paid its quarter")
    figures = [Figure(f"night of {accounts:,} demand deposits, {name}", "s of CPU", [], "-") for name in names]
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            url = fresh_sqlite("operations", Path(folder))
            fill(url, accounts)
            for figure, seconds in zip(figures, uvloop.run(measure(url, accounts)), strict=True):
                figure.values.append(seconds)
    return figures


if __name__ == "__main__":
    for figure in run(1, int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS):
        print(figure)
