"""A loan book taken over from a file: how fast rows are checked and landed, and how long a repayment waits meanwhile.

One row in a hundred is bad. Loans have twelve to thirty-six months, of which some are over; customers have one loan or
two. The file is imported through the service, in process, on a store that syncs every commit. The baseline is DuckDB
reading the same file, and the same rows of the same tables written in bulk, in one transaction for every piece.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import uvloop
from sqlalchemy import select

from tests.credit.loan_files import WORKING, content_hash
from tests.load.commands import CALL
from tests.load.figure import Figure, percentile
from zhongtai.credit.file_import.domain import PART_BYTES
from zhongtai.credit.limit.store import GRANT, LIMIT
from zhongtai.credit.limit_hold.store import HOLD
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_import.domain import Names
from zhongtai.credit.loan_import.store import IMPORTED_LOAN
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.credit.v1 import repayment_pb2
from zhongtai.kernel.schedule import months_later
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.seeds import plant
from zhongtai.runtime.service import Service
from zhongtai.testing.postgres import NoPostgres, fresh_postgres, postgres
from zhongtai.testing.templates import fresh_sqlite

LOANS = 1_000_000
TODAY = date(2026, 6, 30)
COLUMNS = (
    "reference,customer_id,product_id,account_id,currency,principal,outstanding,nominal_interest_rate,"
    "annual_percentage_rate,transfer_rate,grade,term_months,start_date,last_due_date"
)


def book(loans: int) -> Iterator[str]:
    """The lines of a file of so many loans; every hundredth owes more than was lent."""
    yield COLUMNS
    for number in range(loans):
        term = 12 + number * 7 % 25
        elapsed = 1 + number * 11 % (term - 1)
        start = months_later(date(2026, 5, 31), -elapsed).replace(day=1 + number % 28)
        principal = 1_000_000 + number * 7919 % 19_000_000
        owed = principal * (term - elapsed) // term if number % 100 else principal + 1
        rate = 400 + number % 120
        amounts = f"{principal // 100}.{principal % 100:02d},{owed // 100}.{owed % 100:02d}"
        yield (
            f"OLD-{number:09d},cus_{number * 2 // 3:026d},consumer_instalment,acc_{number:026d},CNY,{amounts},"
            f"0.{rate:04d},0.{rate + 20:04d}00,0.0235,{('A', 'BB', 'B')[number % 3]},{term},{start},"
            f"{months_later(start, elapsed)}"
        )


def written(loans: int, folder: Path) -> Path:
    """The file."""
    path = folder / "loans.csv"
    path.write_text("\n".join(book(loans)) + "\n", encoding="utf-8")
    return path


async def _go_on(calls: Calls, import_id: str) -> v1.FileImport:
    while True:
        request = v1.ContinueFileImportRequest(request_id=str(uuid4()), import_id=import_id)
        reply: Any = await calls.call(request, CALL)
        if reply.file_import.phase not in WORKING:
            found: v1.FileImport = reply.file_import
            return found


async def _sent(calls: Calls, content: bytes) -> str:
    announced: Any = await calls.call(
        v1.BeginFileImportRequest(
            request_id=str(uuid4()),
            kind=v1.IMPORT_KIND_LOANS,
            format=v1.FILE_FORMAT_CSV,
            size_bytes=len(content),
            content_hash=content_hash(content),
        ),
        CALL,
    )
    import_id: str = announced.import_id
    for number, first in enumerate(range(0, len(content), PART_BYTES)):
        part = content[first : first + PART_BYTES]
        await calls.call(
            v1.AppendFilePartRequest(request_id=str(uuid4()), import_id=import_id, number=number, content=part), CALL
        )
    await calls.call(v1.SealFileRequest(request_id=str(uuid4()), import_id=import_id), CALL)
    return import_id


async def _repayments(calls: Calls, import_id: str, stop: asyncio.Event, waits: list[float]) -> None:
    """Repays a fen of loans that have landed, one after the other, and notes how long each took in milliseconds."""
    names, line = Names.of(import_id), 2
    while not stop.is_set():
        await asyncio.sleep(0.02)
        line += 1 if line % 100 else 3
        request = repayment_pb2.RepayLoanRequest(
            request_id=str(uuid4()),
            loan_id=names.name("loan", line),
            amount={"currency_code": "CNY", "minor_units": 1},
            payment_id=f"pay {line}",
        )
        begun = time.perf_counter()
        try:
            await calls.call(request, CALL)
        except Exception:
            line = 2
            continue
        waits.append(1000 * (time.perf_counter() - begun))


async def measure(url: str, content: bytes) -> tuple[float, float, float, list[float]]:
    """Seconds to send, to check and to land a file, and the milliseconds that repayments waited while it landed."""
    clock = GivenClock(today=TODAY)
    opened = Store.open(url, "credit")
    try:
        calls = Calls({"credit": Service("credit", opened, clock)}, {})
        await plant("credit", calls)
        begun = time.perf_counter()
        import_id = await _sent(calls, content)
        sent = time.perf_counter()
        found = await _go_on(calls, import_id)
        checked = time.perf_counter()
        assert found.phase == v1.IMPORT_PHASE_CHECKED
        await calls.call(v1.LandFileImportRequest(request_id=str(uuid4()), import_id=import_id), CALL)
        stop, waits = asyncio.Event(), list[float]()
        repaying = asyncio.create_task(_repayments(calls, import_id, stop, waits))
        found = await _go_on(calls, import_id)
        landed = time.perf_counter()
        stop.set()
        await repaying
        assert found.landed_rows == found.good_rows == found.rows - found.bad_rows
        return sent - begun, checked - sent, landed - checked, waits
    finally:
        await asyncio.to_thread(opened.close)


def baseline(path: Path, source: str, target: str) -> tuple[float, float]:
    """Seconds DuckDB takes to read the file, and that the rows which landed take to be written again in bulk."""
    begun = time.perf_counter()
    duckdb.read_csv(str(path), all_varchar=True).fetchall()
    read = time.perf_counter() - begun
    tables = (loan_store.LOAN, loan_store.INSTALMENT, loan_store.LOAN_CHANGE, LIMIT, GRANT, HOLD, IMPORTED_LOAN)
    spent = 0.0
    with Engines.open(source, "credit").connect() as reading, Engines.open(target, "credit").connect() as writing:
        for table in tables:
            rows = reading.execution_options(yield_per=10_000).execute(select(table))
            for piece in rows.mappings().partitions(10_000):
                values = [dict(row) for row in piece]
                begun = time.perf_counter()
                writing.execute(table.insert(), values)
                writing.commit()
                spent += time.perf_counter() - begun
    return read, spent


def run(runs: int) -> list[Figure]:
    """Measures on both engines, once for each: a run takes minutes; PostgreSQL is left out where there is none."""
    _ = runs
    return measured(LOANS)


def measured(loans: int) -> list[Figure]:
    """The figures of a file of so many loans."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = written(loans, folder)
        (folder / "again").mkdir()
        url = fresh_sqlite("credit", folder)
        figures = _figures("SQLite", path, url) + _baseline(path, url, fresh_sqlite("credit", folder / "again"))
        try:
            with postgres() as server:
                figures += _figures("PostgreSQL", path, fresh_postgres(server, "credit"))
        except NoPostgres:
            pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*figures, Figure("memory of this process at its peak", "MiB", [peak], "no bound")]


def _figures(engine: str, path: Path, url: str) -> list[Figure]:
    content = path.read_bytes()
    rows = content.count(b"\n") - 1
    sent, checked, landed, waits = uvloop.run(measure(url, content))
    return [
        Figure(f"import of {rows:,} loans, 1 % bad, end to end, {engine}", "s", [sent + checked + landed], "-"),
        Figure(f"rows sent, {engine}", "rows/s", [rows / sent], "-"),
        Figure(f"rows checked, {engine}", "rows/s", [rows / checked], "-"),
        Figure(f"rows landed, {engine}", "rows/s", [0.99 * rows / landed], "-"),
        Figure(f"a repayment meanwhile, p50 and worst, {engine}", "ms", [percentile(waits, 0.5), max(waits)], "-"),
    ]


def _baseline(path: Path, url: str, again: str) -> list[Figure]:
    read, inserted = baseline(path, url, again)
    return [
        Figure("the file read by DuckDB", "s", [read], "the baseline"),
        Figure("what landed written in bulk, SQLite", "s", [inserted], "the baseline"),
    ]


if __name__ == "__main__":
    for figure in measured(LOANS):
        print(figure)
