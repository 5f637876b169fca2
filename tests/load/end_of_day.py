"""The end of day over a million loans: how long a date takes, and how long a repayment waits while it runs.

The book lies in the tables as a close of the day before left it: 60 profiles, periods that end on any day of a month,
six loans in a hundred past due. On each date ten thousand loans have changed. A date is closed through the service, in
process, on a store that syncs every commit.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from sqlalchemy import Table
from sqlalchemy import text as sql

from tests.load.commands import CALL
from tests.load.figure import Figure, percentile
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.allowance.domain import monthly_rate
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_day import store
from zhongtai.credit.loan_day.domain import Profile
from zhongtai.credit.loan_day.engine.columns import COLUMNS, RATE_UNIT, TERMS, day_number, packed
from zhongtai.credit.product import store as product_store
from zhongtai.credit.product.domain import Product
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.credit.v1 import repayment_pb2
from zhongtai.credit.v1.product_pb2 import PublishProductRequest
from zhongtai.kernel.rates import DayCount
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.convert import date_message, value_of
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.seeds import plant, seeds
from zhongtai.runtime.service import Service
from zhongtai.testing.postgres import NoPostgres, fresh_postgres, postgres
from zhongtai.testing.templates import fresh_sqlite

LOANS = 1_000_000
CHANGED = 10_000
PRODUCTS = 3
FIRST = date(2026, 6, 30)
NIGHT = timedelta(days=1)

_COLUMNS = ", ".join(column.name for column in store.LOAN_DAY.columns[1:])
_COPY = sql(
    f"""
    INSERT INTO credit_loan_day_columns (business_date, {_COLUMNS}) SELECT CAST(:on_date AS TEXT), {_COLUMNS}
    FROM credit_loan_day_columns WHERE business_date = :previous AND partition = :of_partition
    """
)
# In millionths: what six places tell, as a bank's own loans have them, some of each.
_ANNUAL_RATES = tuple(Decimal(126_825 + 7 * number) / 1_000_000 for number in range(40))
_PROFILES = [
    Profile(
        product_id=f"product_{number % PRODUCTS}",
        currency="CNY",
        grade=("AAA", "AA", "A", "BBB", "BB", "B")[number % 6],
        agreed_grade=("AAA", "AA", "A", "BBB", "BB", "B")[number % 6],
        nominal_interest_rate=Decimal(400 + 13 * number) / 10_000,
        day_count=DayCount.ACT_365,
        amortisation="EQUAL_INSTALMENT",
    )
    for number in range(60)
]


def loan_id(number: int) -> str:
    """The id of a loan, as long as ours are."""
    return f"loan_{number:026d}"


def book(loans: int, changed: int = CHANGED) -> Iterator[tuple[Table, Iterator[tuple[Any, ...]]]]:
    """The rows of a book of so many loans, table by table; `changed` of them change on each date."""
    places = [_place(number) for number in range(loans)]
    yield product_store.PRODUCT, (tuple(product_store.products.row(one).values()) for one in _products())
    yield loan_store.LOAN, (_loan(number) for number in range(loans))
    yield loan_store.INSTALMENT, (row for number in range(loans) for row in _instalments(number))
    yield store.CONTRACT, ((place, loan_id(number), 1) for number, place in enumerate(places))
    partitions = max(places) // store.PARTITION + 1
    yield (
        store.PLACES,
        ((number + 1, f"product_{number % PRODUCTS}", "CNY", store.PARTITION) for number in range(partitions)),
    )
    yield (
        store.PROFILE,
        (
            (number + 1, it.product_id, "CNY", it.grade, it.agreed_grade, *_interest(it))
            for number, it in enumerate(_PROFILES)
        ),
    )
    placed = sorted((place, number) for number, place in enumerate(places))
    by_partition = groupby(placed, key=lambda one: store.partition_at(one[0]))
    filled = [(partition, _columns(list(of_partition))) for partition, of_partition in by_partition]
    yield store.LOAN_DAY, ((FIRST.isoformat(), partition, *rows) for partition, (rows, _) in filled)
    yield store.TERMS_OF, ((partition, *terms) for partition, (_, terms) in filled)
    days = ((FIRST.isoformat(), None, 1, 1, "CLOSED", "", partitions, partitions, loans, 0),)
    yield end_of_day_store.END_OF_DAY, iter(days)
    changes = range(0, loans, loans // changed)
    dates = [(FIRST + NIGHT * (1 + later)).isoformat() for later in range(30)]
    yield (
        loan_store.LOAN_CHANGE,
        ((on, loan_id(it), "ACTIVE", _owed(it), _due(it).isoformat(), 0) for on in dates for it in changes),
    )


def _products() -> Iterator[Product]:
    """The products of the book: as the first that is planted."""
    planted = next(seed for seed in seeds("credit") if isinstance(seed, PublishProductRequest))
    for number in range(PRODUCTS):
        yield replace(value_of(planted.product, Product), product_id=f"product_{number}", version=1)


def _interest(profile: Profile) -> tuple[str, str, str]:
    return str(profile.nominal_interest_rate), profile.day_count.value, profile.amortisation


def _place(number: int) -> int:
    """Loans of one product fill a partition of their own; partitions take turns."""
    product, of_product = number % PRODUCTS, number // PRODUCTS
    round_, offset = divmod(of_product, store.PARTITION)
    return (round_ * PRODUCTS + product) * store.PARTITION + offset


def _owed(number: int) -> int:
    return 100_000 + number * 7919 % 20_000_000


def _due(number: int) -> date:
    """The due date of the oldest instalment not paid in full: August, as July's is paid ahead, or for some earlier."""
    day_ = 1 + number % 28
    return date(2026, 1 + number % 6, day_) if number % 17 == 0 else date(2026, 8, day_)


def _loan(number: int) -> tuple[Any, ...]:
    profile, owed = _PROFILES[number % 60], _owed(number)
    name, rate = f"{number:026d}", str(profile.nominal_interest_rate)
    ids = (f"cus_{name}", profile.product_id, 1, f"acc_{name}", f"lim_{name}", f"hold_{name}", f"dec_{name}")
    terms = (rate, "0.0235", str(_annual_rate(number)), profile.amortisation, profile.day_count.value, 36)
    dates = ("2025-01-05", _maturity(number).isoformat())
    standing = ("ACTIVE", owed, "CNY", f"pay_{name}", 0, _due(number).isoformat(), None)
    return (loan_id(number), *ids, profile.grade, owed, "CNY", *terms, *dates, *standing)


def _instalments(number: int) -> Iterator[tuple[Any, ...]]:
    """The instalments around the day: the one whose period runs, and those of the months after it."""
    owed, day_ = _owed(number), 1 + number % 28
    part, interest = owed // 20, owed // 100
    for later, balance in enumerate((owed - part, owed - 2 * part, 0)):
        principal = part if balance else owed - 2 * part
        parts = (principal, interest, principal + interest, balance, 0, 0)
        amounts = (value for part in parts for value in (part, "CNY"))
        yield (loan_id(number), 17 + later, date(2026, 7 + later, day_).isoformat(), *amounts, None)


def _annual_rate(number: int) -> Decimal:
    return _ANNUAL_RATES[number // 60 % len(_ANNUAL_RATES)]


def _maturity(number: int) -> date:
    return date(2028, 1 + number % 60 % 12, 1 + number % 28)


def _columns(loans: Sequence[tuple[int, int]]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What a close of the day before left of a partition, and its terms: places with their loans' numbers."""
    count = loans[-1][0] % store.PARTITION + 1
    rows = {name: np.zeros(count, np.int64) for name in COLUMNS}
    terms = {name: np.zeros(count, np.int64) for name in TERMS}
    for place, number in loans:
        for columns, cells in ((rows, _row(number)), (terms, _terms(number))):
            for name, value in cells.items():
                columns[name][place % store.PARTITION] = value
    return (count, *map(packed, rows.values())), (count, *map(packed, terms.values()))


def _row(number: int) -> dict[str, int]:
    """The row a close of the day before left."""
    owed, due = _owed(number), _due(number)
    late = max((FIRST - due).days, 0)
    return {
        "number": 17,
        "ends_on": day_number(date(2026, 7, 1 + number % 28)),
        "accruing": owed,
        "accrued": 1_234,
        "remainder": 777,
        "recognised": 99_999,
        "accrual": 300,
        "outstanding": owed,
        "oldest_due": day_number(due),
        "category": sum(late > days for days in (0, 90, 270, 360)),
        "stage": 3 if late > 90 else 2 if late > 30 else 1,
        "allowance": owed // 100,
        "allowance_change": 5,
    }


def _terms(number: int) -> dict[str, int]:
    return {
        "profile": number % 60 + 1,
        "maturity": day_number(_maturity(number)),
        "effective_rate": int(monthly_rate(_annual_rate(number)) * RATE_UNIT),
    }


def fill(url: str, loans: int, changed: int = CHANGED) -> None:
    """Writes the book into a migrated, empty store."""
    engine = Engines.open(url, "credit")
    with engine.connect() as connection:
        connection.begin()
        driver: Any = connection.connection.driver_connection
        for table, rows in book(loans, changed):
            names = ", ".join(column.name for column in table.columns)
            if engine.dialect.name == "sqlite":
                marks = ", ".join("?" * len(table.columns))
                driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
            else:
                with driver.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        connection.commit()
        if engine.dialect.name == "sqlite":
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            driver.autocommit = True
            driver.execute("VACUUM ANALYZE")
    engine.dispose()


async def _close(calls: Calls, clock: GivenClock, on: date) -> tuple[float, float]:
    """How long a date takes: seconds on the clock, and of this process on the processor."""
    clock.today = on + NIGHT
    begun, spent = time.perf_counter(), time.process_time()
    business_date, number = date_message(on), 0
    await calls.call(v1.BeginEndOfDayRequest(request_id=f"begin {on}", business_date=business_date), CALL)
    while True:
        number += 1
        request = v1.ContinueEndOfDayRequest(request_id=f"{on} {number}", business_date=business_date)
        reply: Any = await calls.call(request, CALL)
        if reply.end_of_day.phase == v1.END_OF_DAY_PHASE_CLOSED:
            assert reply.end_of_day.loans == LOANS
            return time.perf_counter() - begun, time.process_time() - spent


async def _repayments(calls: Calls, stop: asyncio.Event, waits: list[float], name: str) -> None:
    """One fen after another, each as soon as the one before was answered and a moment passed."""
    number = 0
    while not stop.is_set():
        number += 1
        request = repayment_pb2.RepayLoanRequest(
            request_id=f"{name} {number}",
            loan_id=loan_id(17 * number),
            amount=Money(currency_code="CNY", minor_units=1),
            payment_id=f"pay {name} {number}",
        )
        begun = time.perf_counter()
        await calls.call(request, CALL)
        waits.append(1000 * (time.perf_counter() - begun))
        await asyncio.sleep(0.005)


async def _copy(opened: Store, on: date) -> float:
    """The least a close can do: each partition's rows written again, in a transaction of its own."""
    begun = time.perf_counter()
    for partition in range(1, LOANS // store.PARTITION + 2):
        parameters = {"on_date": on.isoformat(), "previous": FIRST.isoformat(), "of_partition": partition}
        await opened.change(lambda writing, parameters=parameters: writing.execute(_COPY, parameters))  # type: ignore[misc]
    return time.perf_counter() - begun


async def measure(url: str, runs: int) -> tuple[list[tuple[float, float]], list[float], list[float], list[float]]:
    """Seconds of each close and of each copy; milliseconds repayments waited with nothing running and with a close."""
    clock = GivenClock()
    opened = Store.open(url, "credit")
    try:
        calls = Calls({"credit": Service("credit", opened, clock)}, {})
        await plant("credit", calls)
        closes, copies = [], []
        for run in range(runs):
            closes.append(await _close(calls, clock, FIRST + NIGHT * (1 + run)))
            copies.append(await _copy(opened, FIRST - NIGHT * (1 + run)))
        quiet: list[float] = []
        busy: list[float] = []
        stop = asyncio.Event()
        repaying = asyncio.create_task(_repayments(calls, stop, quiet, "quiet"))
        await asyncio.sleep(1)
        stop.set()
        await repaying
        stop = asyncio.Event()
        repaying = asyncio.create_task(_repayments(calls, stop, busy, "busy"))
        await _close(calls, clock, FIRST + NIGHT * (1 + runs))
        stop.set()
        await repaying
        return closes, copies, quiet, busy
    finally:
        await asyncio.to_thread(opened.close)


def run(runs: int) -> list[Figure]:
    """Measures on both engines; PostgreSQL is left out where there is none."""
    with tempfile.TemporaryDirectory() as name:
        figures = _measured("SQLite", fresh_sqlite("credit", Path(name)), runs, "≤ 2.5")
    try:
        with postgres() as server:
            figures += _measured("PostgreSQL", fresh_postgres(server, "credit"), runs, "≤ 6")
    except NoPostgres:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*figures, Figure("memory of this process at its peak", "MiB", [peak], "no bound")]


def _measured(engine: str, url: str, runs: int, wanted: str) -> list[Figure]:
    fill(url, LOANS)
    closes, copies, quiet, busy = uvloop.run(measure(url, runs))
    walls, processor = ([close[part] for close in closes] for part in range(2))
    return [
        Figure(f"end of day, {LOANS:,} loans, {2 * LOANS:,} postings, {engine}", "s", walls, wanted),
        Figure(f"processor's time of it in this process, {engine}", "s", processor, "-"),
        Figure(f"its rows copied as they are, {engine}", "s", copies, "the baseline"),
        Figure(f"a repayment meanwhile, p50 and worst, {engine}", "ms", [percentile(busy, 0.5), max(busy)], "-"),
        Figure(f"a repayment alone, p50 and worst, {engine}", "ms", [percentile(quiet, 0.5), max(quiet)], "-"),
    ]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
