"""kill -9 in the midst of an import: going on leaves, byte for byte, what an undisturbed one leaves."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from tests.crash.test_end_of_day import steps_of
from tests.credit.examples import plant_seeds, request_id
from tests.credit.loan_files import ARREARS, csv_file, loan, sent
from zhongtai.credit.file_import import store as file_store
from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.limit_node.store import LIMIT_NODE
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_import import store as import_store
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.runtime import journal
from zhongtai.testing.doors import opened
from zhongtai.testing.templates import fresh_sqlite

LOANS = 400
KILLS = 3
STORES = (file_store, limit_store, hold_store, loan_store, import_store)


def book() -> bytes:
    """Loans of customers who have one or two, some in arrears, one in twenty bad."""
    rows = []
    for number in range(LOANS):
        late = ARREARS if number % 3 == 0 else {}
        rows.append(loan(number, customer_id=f"cus_{number * 2 // 3}", **late))
        if number % 20 == 7:
            rows[-1] |= {"outstanding": "12000.01"}
    return csv_file(rows)


def child(url: str, import_id: str) -> "subprocess.Popen[str]":
    """A process that goes on with the import."""
    command = [sys.executable, "-m", "tests.crash.importing", url, import_id]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def everything(url: str) -> dict[str, list[Any]]:
    """All rows an import leaves and all it told; the names of nodes and events are chance."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = [table for store in STORES for table in store.metadata.sorted_tables]
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
        nodes = select(*list(LIMIT_NODE.c)[1:]).order_by(LIMIT_NODE.c.kind, LIMIT_NODE.c.subject)
        told = select(journal.OUTBOX.c.subject, journal.OUTBOX.c.key, journal.OUTBOX.c.payload).order_by("sequence")
        found |= {"nodes": list(map(tuple, connection.execute(nodes)))}
        found |= {"told": list(map(tuple, connection.execute(told)))}
    engine.dispose()
    return found


@pytest.mark.slow
async def test_an_import_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "killed").mkdir()
    url = fresh_sqlite("credit", tmp_path)
    async with opened("credit", url) as door:
        await plant_seeds(door)
        import_id = await sent(door, book())
        await door.call(v1.SealFileRequest(request_id=request_id(), import_id=import_id))
    shutil.copy(tmp_path / "credit.db", tmp_path / "killed" / "credit.db")
    killed_url = f"sqlite:///{tmp_path}/killed/credit.db"
    with child(url, import_id) as undisturbed:
        steps = steps_of(undisturbed, 1_000)
    assert undisturbed.returncode == 0
    chance = Random("import")
    done = 0
    for _ in range(KILLS):
        with child(killed_url, import_id) as killed:
            done += steps_of(killed, chance.randint(1, 4))
            await asyncio.sleep(chance.random() / 30)
            killed.kill()
        assert killed.returncode == -signal.SIGKILL
    assert KILLS <= done < steps, "the kills fell into the import"
    with child(killed_url, import_id) as last:
        assert steps_of(last, 1_000)
    assert last.returncode == 0
    left, expected = everything(killed_url), everything(url)
    assert len(expected["credit_loan"]) == LOANS - LOANS // 20
    for name, rows in expected.items():
        assert left[name] == rows, name
