"""The whole close of a date over many deposits and loans, step by step as the shipped jobs say, events between them.

Each service is there as a close of the day before left it; the steps are called in process, one after the other, on
stores that sync every commit, and after each step the services hear what it told. Seconds of the processor, so that
other work on the machine does not count. Proofs are asked and paid for; that these made-up books hold is not.
"""

import asyncio
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from tests.load import deposits, end_of_day
from tests.load.commands import CALL
from tests.load.figure import Figure
from zhongtai.asset_liability.position.store import MOVEMENT, POSITION, SCHEDULE
from zhongtai.gateway.closing.domain import Night
from zhongtai.gateway.job import calls as job_calls
from zhongtai.gateway.job.domain import Job, JobRunStatus, KeptJob
from zhongtai.gateway.job.graph import Graph
from zhongtai.gateway.v1 import job_pb2
from zhongtai.reporting.portfolio.store import INSTALMENT, LOAN
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.convert import value_of
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.replay import replay
from zhongtai.runtime.seeds import plant, seeds
from zhongtai.runtime.service import Service
from zhongtai.testing.templates import fresh_sqlite

ACCOUNTS, LOANS = 100_000, 20_000
SERVICES = ("operations", "credit", "asset_liability", "reporting")
# The end of day of credit has been closed through this date; the next is closed here.
ON = end_of_day.FIRST + timedelta(days=1)
NOW = datetime(2026, 7, 2, tzinfo=UTC)
_FLOWS = struct.Struct("<9q")


def _positions(accounts: int, loans: int) -> Iterator[tuple[Any, ...]]:
    nothing = (0, "CNY")
    start = end_of_day.FIRST.isoformat()
    for number in range(accounts):
        names = (f"cus_{number:026d}", "demand_deposit")
        amounts = (*nothing, 100_000 + number * 7, "CNY", *nothing, *nothing)
        yield (f"acc_{number:026d}", "DEPOSIT", "LIABILITY", *names, *amounts, None, None, None)
    for number in range(loans):
        names = (f"cus_{number:026d}", f"product_{number % 3}")
        amounts = (120_000, "CNY", 120_000, "CNY", *nothing, *nothing)
        yield (end_of_day.loan_id(number), "LOAN", "ASSET", *names, *amounts, "0.05", f"0.0{200 + number % 50}", start)


def _movements(accounts: int, loans: int) -> Iterator[tuple[Any, ...]]:
    start, nothing = end_of_day.FIRST.isoformat(), (0, "CNY")
    for number in range(accounts):
        yield (f"acc_{number:026d}", "evt_1", start, 100_000 + number * 7, "CNY", *nothing, *nothing)
    for number in range(loans):
        yield (end_of_day.loan_id(number), "evt_1", start, 120_000, "CNY", *nothing, *nothing)


def _schedules(loans: int) -> Iterator[tuple[Any, ...]]:
    for number in range(loans):
        due = ON.toordinal() + number % 60
        flows = (value for later in range(3) for value in (due + 30 * later, 40_000, 300))
        yield end_of_day.loan_id(number), _FLOWS.pack(*flows)


def _portfolio(loans: int) -> Iterator[tuple[Any, ...]]:
    start = end_of_day.FIRST
    for number in range(loans):
        ids = (end_of_day.loan_id(number), f"dec_{number:026d}", f"product_{number % 3}", "A", f"pay_{number:026d}")
        rates = ("0.05", f"0.0{200 + number % 50}", "ACT_365")
        yield (*ids, 120_000, "CNY", *rates, start.isoformat(), start.toordinal(), 729_390, 1_000)


def _due(loans: int) -> Iterator[tuple[Any, ...]]:
    for number in range(loans):
        for later in range(3):
            due = date.fromordinal(ON.toordinal() - 40 + number % 60 + 30 * later)
            yield end_of_day.loan_id(number), 1 + later, due.isoformat(), 40_300 * (1 + later)


def fill(urls: dict[str, str], accounts: int, loans: int) -> None:
    """Writes the books of the day before into four empty stores."""
    deposits.fill(urls["operations"], accounts)
    end_of_day.fill(urls["credit"], loans, changed=max(loans // 100, 1))
    for service, rows in (
        (
            "asset_liability",
            (
                (POSITION, _positions(accounts, loans)),
                (MOVEMENT, _movements(accounts, loans)),
                (SCHEDULE, _schedules(loans)),
            ),
        ),
        ("reporting", ((LOAN, _portfolio(loans)), (INSTALMENT, _due(loans)))),
    ):
        engine = Engines.open(urls[service], service)
        with engine.connect() as connection:
            connection.begin()
            driver: Any = connection.connection.driver_connection
            for table, values in rows:
                driver.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", values)
            connection.commit()
        engine.dispose()


@dataclass
class Bank:
    """The services of a bank, and through which of its facts each outbox has been heard."""

    services: dict[str, Service]
    calls: Calls
    told: dict[str, int] = field(default_factory=dict)

    async def skip(self) -> None:
        """What was told so far is heard by nobody."""
        for name, service in self.services.items():
            while facts := await service.store.outbox_after(self.told.get(name, 0), 10_000):
                self.told[name] = facts[-1].sequence

    async def hear(self) -> None:
        """Every service hears what was told since."""
        for name, source in self.services.items():
            after = self.told.get(name, 0)
            for listener in self.services.values():
                await replay(source.store, listener, after=after)
            while facts := await source.store.outbox_after(self.told.get(name, 0), 10_000):
                self.told[name] = facts[-1].sequence

    async def called(self, kept: KeptJob) -> int:
        """How many calls a job takes for the date."""
        run = kept.begin(ON.isoformat(), NOW)
        while run.status is JobRunStatus.RUNNING:
            step = kept.job.steps[run.step]
            reply = await self.calls.call(job_calls.request(step, run), CALL)
            more, position = job_calls.more(step, reply)
            run, _ = kept.called(run, NOW, more=more, position=position)
        return run.calls


def shipped_jobs() -> Night:
    """The jobs of the close as they are shipped."""
    defined = [request.job for request in seeds("gateway") if isinstance(request, job_pb2.DefineJobRequest)]
    jobs = {each.job_id: KeptJob(each.job_id, value_of(each, Job), paused=False, since="") for each in defined}
    return Night(Graph(jobs, {}, {}), "book_closed")


async def measure(urls: dict[str, str], accounts: int) -> dict[str, tuple[float, int]]:
    """Seconds of the processor and calls of each step, and of hearing what the steps told."""
    clock = GivenClock(today=ON)
    stores = {name: Store.open(url, name) for name, url in urls.items()}
    try:
        services = {name: Service(name, store, clock) for name, store in stores.items()}
        bank = Bank(services, Calls(services, {}))
        for name in services:
            await plant(name, bank.calls)
        await deposits.pay_in(bank.calls, accounts)
        await bank.skip()
        clock.today = ON + timedelta(days=1)
        found: dict[str, tuple[float, int]] = {}
        heard = 0.0
        night = shipped_jobs()
        for name in night.steps(ON):
            begun = time.process_time()
            made = await bank.called(night.graph.jobs[name])
            between = time.process_time()
            await bank.hear()
            found[name] = between - begun, made
            heard += time.process_time() - between
        found["events"] = heard, 0
        return found
    finally:
        for store in stores.values():
            await asyncio.to_thread(store.close)


def run(runs: int, accounts: int = ACCOUNTS, loans: int = LOANS) -> list[Figure]:
    """Measures on SQLite, each time in empty stores."""
    figures: dict[str, Figure] = {}
    whole = Figure(f"close of a date, {accounts:,} deposits, {loans:,} loans, all steps", "s of CPU", [], "-")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            urls = {name: fresh_sqlite(name, Path(folder)) for name in SERVICES}
            fill(urls, accounts, loans)
            found = uvloop.run(measure(urls, accounts))
        for name, (seconds, made) in found.items():
            title = f"  {name}, {made} calls" if made else f"  {name} heard between the steps"
            figures.setdefault(name, Figure(title, "s of CPU", [], "-")).values.append(seconds)
        whole.values.append(sum(seconds for seconds, _ in found.values()))
    return [whole, *figures.values()]


if __name__ == "__main__":
    for figure in run(1, *map(int, sys.argv[1:])):
        print(figure)
