"""A statement of our account with another bank against the ledger: landing its lines, and matching them.

Of a hundred lines eighty-eight have an entry of their reference and amount, four stand for two entries of their
reference each, three have only amount and day in common with one, two are fees nobody has booked, and three find
nothing. The store syncs every commit; the baseline is the same pairing by reference and amount as one join in DuckDB.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import uvloop

from tests.load.commands import CALL
from tests.load.figure import Figure
from zhongtai.operations.bank_statement.domain import PART_BYTES
from zhongtai.operations.v1 import account_pb2, bank_statement_pb2, ledger_pb2, reconciliation_pb2
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.errors import DeadlineExceeded
from zhongtai.runtime.service import Service
from zhongtai.testing.postgres import NoPostgres, fresh_postgres, postgres
from zhongtai.testing.templates import fresh_sqlite

LINES = 100_000
DAY = date(2026, 5, 4)
OURS = "acc_bench_nostro"
_ENTRIES_AT_ONCE = 5_000
_CUSTOMER = "6011"
# By the last two digits of its number, what a line finds.
_ALONE, _SPLIT, _UNNAMED, _FEE = 97, 88, 92, 95


def _amount(number: int) -> int:
    return 1_000 + number * 7919 % 9_999_999


def entries(lines: int) -> Iterator[tuple[str, int]]:
    """The reference and the minor units of each entry that the ledger has."""
    for number in range(lines):
        kind = number % 100
        if kind < _SPLIT:
            yield f"REF-{number:07d}", _amount(number)
        elif kind < _UNNAMED:
            yield f"REF-{number:07d}", _amount(number) - 300
            yield f"REF-{number:07d}", 300
        elif kind < _FEE:
            yield f"OUR-{number:07d}", 10_000_000 + number


def statement(lines: int) -> bytes:
    """The file of the other bank."""
    rows = ["booking_date,amount,reference,remittance_information"]
    for number in range(lines):
        kind, text = number % 100, "贷款 payment"
        fen = _amount(number)
        if _UNNAMED <= kind < _FEE:
            fen = 10_000_000 + number
        elif _FEE <= kind < _ALONE:
            fen, text = -(100 + number % 900), "账户管理费 手续费"
        reference = f"REF-{number:07d}" if kind < _UNNAMED else f"THEIRS-{number}"
        sign = "-" if fen < 0 else ""
        rows.append(f"{DAY.isoformat()},{sign}{abs(fen) // 100}.{abs(fen) % 100:02d},{reference},{text}")
    return ("\n".join(rows) + "\n").encode()


async def _post(calls: Calls, lines: int) -> int:
    drafts = [
        ledger_pb2.EntryDraft(
            reference=reference,
            legs=[
                ledger_pb2.Leg(account_id=OURS, side="SIDE_DEBIT", amount={"currency_code": "CNY", "minor_units": fen}),
                ledger_pb2.Leg(
                    account_code=_CUSTOMER, side="SIDE_CREDIT", amount={"currency_code": "CNY", "minor_units": fen}
                ),
            ],
        )
        for reference, fen in entries(lines)
    ]
    for first in range(0, len(drafts), _ENTRIES_AT_ONCE):
        part = drafts[first : first + _ENTRIES_AT_ONCE]
        await calls.call(ledger_pb2.PostEntriesRequest(request_id=str(uuid4()), drafts=part), CALL)
    return len(drafts)


async def _landed(calls: Calls, content: bytes) -> None:
    announced: Any = await calls.call(
        bank_statement_pb2.BeginBankStatementRequest(
            request_id=str(uuid4()),
            account_id=OURS,
            form=bank_statement_pb2.BANK_STATEMENT_FORM_CSV,
            size_bytes=len(content),
            content_hash=sha256(content).hexdigest(),
        ),
        CALL,
    )
    statement_id = announced.statement_id
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        part = bank_statement_pb2.AppendBankStatementPartRequest(
            request_id=str(uuid4()),
            statement_id=statement_id,
            number=number,
            content=content[start : start + PART_BYTES],
        )
        await calls.call(part, CALL)
    await calls.call(
        bank_statement_pb2.LandBankStatementRequest(request_id=str(uuid4()), statement_id=statement_id), CALL
    )


async def _reconciled(calls: Calls) -> int:
    """How many lines are open once a reconciliation has nothing more to do."""
    more = True
    while more:
        try:
            reply: Any = await calls.call(
                reconciliation_pb2.ReconcileAccountRequest(request_id=str(uuid4()), account_id=OURS), CALL
            )
            more = reply.more
        except DeadlineExceeded:
            # On a busy machine a call may take too long; what it has done stays done, and the next one goes on.
            more = True
    lines_open: int = reply.reconciliation.lines_open
    return lines_open


async def measure(url: str, lines: int) -> tuple[float, float, float, int]:
    """Seconds to land a statement and to reconcile it, the processor's of the latter, and how many lines stay open."""
    opened = Store.open(url, "operations")
    try:
        calls = Calls({"operations": Service("operations", opened, GivenClock(today=DAY))}, {})
        await calls.call(
            account_pb2.OpenAccountRequest(
                request_id=str(uuid4()),
                account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
                product="nostro",
                currency_code="CNY",
                chosen_id=OURS,
            ),
            CALL,
        )
        await _post(calls, lines)
        await calls.call(
            reconciliation_pb2.SetReconciliationRequest(request_id=str(uuid4()), account_id=OURS, break_after_days=3),
            CALL,
        )
        begun = time.perf_counter()
        await _landed(calls, statement(lines))
        landed, spent = time.perf_counter(), time.process_time()
        lines_open = await _reconciled(calls)
        return landed - begun, time.perf_counter() - landed, time.process_time() - spent, lines_open
    finally:
        await asyncio.to_thread(opened.close)


def baseline(lines: int) -> float:
    """Seconds DuckDB takes to pair lines and entries by reference and amount, both in its memory already."""
    with duckdb.connect() as database, tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours.csv", Path(name) / "theirs.csv"
        ours.write_text("reference,fen\n" + "\n".join(f"{reference},{fen}" for reference, fen in entries(lines)))
        theirs.write_bytes(statement(lines))
        database.execute(f"CREATE TABLE ours AS FROM read_csv('{ours}')")
        database.execute(
            f"CREATE TABLE theirs AS SELECT reference, CAST(amount * 100 AS BIGINT) fen FROM read_csv('{theirs}')"
        )
        begun = time.perf_counter()
        database.execute("SELECT count(*) FROM ours JOIN theirs USING (reference, fen)").fetchall()
        return time.perf_counter() - begun


def run(runs: int) -> list[Figure]:
    """Measures on both engines, once for each; PostgreSQL is left out where there is none."""
    _ = runs
    return measured(LINES)


def measured(lines: int) -> list[Figure]:
    """The figures of a statement of so many lines."""
    with tempfile.TemporaryDirectory() as name:
        figures = _figures("SQLite", fresh_sqlite("operations", Path(name)), lines)
    try:
        with postgres() as server:
            figures += _figures("PostgreSQL", fresh_postgres(server, "operations"), lines)
    except NoPostgres:
        pass
    return [*figures, Figure("the pairs by reference and amount as a join in DuckDB", "s", [baseline(lines)], "-")]


def _figures(engine: str, url: str, lines: int) -> list[Figure]:
    landing, matching, spent, lines_open = uvloop.run(measure(url, lines))
    assert lines_open == lines - lines * _ALONE // 100, f"{lines_open} of {lines} lines are open"
    return [
        Figure(f"statement of {lines:,} lines (CSV) sent and landed, {engine}", "s", [landing], "-"),
        Figure(f"its lines matched with as many entries, {engine}", "s", [matching], "seconds"),
        Figure(f"the processor's time of that, {engine}", "s", [spent], "-"),
    ]


if __name__ == "__main__":
    for figure in measured(LINES):
        print(figure)
