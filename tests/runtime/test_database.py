"""The writer: changes share commits, yet each keeps its own answer; what is acknowledged is on disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table, bindparam, event, select

from zhongtai.kernel.refusals import Unmet
from zhongtai.runtime.database import Store
from zhongtai.runtime.store import integer, text
from zhongtai.runtime.transactions import Reading, Writing
from zhongtai.runtime.writer import StoreUnavailable

PURSE = Table("purse", MetaData(), text("name", primary_key=True), integer("fen"))
ADD = PURSE.insert().values(name=bindparam("new_name"), fen=bindparam("new_fen"))
TAKE = PURSE.update().where(PURSE.c.name == bindparam("of")).values(fen=PURSE.c.fen - bindparam("much"))
LOOK = select(PURSE.c.fen).where(PURSE.c.name == bindparam("of"))


class PurseMustHoldEnough(Unmet):
    """There is not enough."""


def take(much: int) -> Callable[[Writing], int]:
    """A change that takes an amount out of the purse, and refuses only after it has already written."""

    def work(writing: Writing) -> int:
        writing.execute(TAKE, {"of": "till", "much": much})
        left = int(writing.rows(LOOK, {"of": "till"})[0].fen)
        if left < 0:
            raise PurseMustHoldEnough
        return left

    return work


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/purse.db", "purse")
    with opened.engine.connect() as connection:
        PURSE.create(connection)
        connection.commit()
    await opened.change(lambda writing: writing.execute(ADD, {"new_name": "till", "new_fen": 100}))
    yield opened
    await asyncio.to_thread(opened.close)


async def fen(store: Store) -> int:
    return await store.read(lambda reading: int(reading.rows(LOOK, {"of": "till"})[0].fen))


async def test_a_change_that_fails_takes_only_itself_back(store: Store) -> None:
    answers = await asyncio.gather(*(store.change(take(much)) for much in (40, 70, 50, 30)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, PurseMustHoldEnough, int, PurseMustHoldEnough]
    assert await fen(store) == 10


async def test_changes_that_wait_share_a_commit(store: Store) -> None:
    commits = 0

    def count(*_: object) -> None:
        nonlocal commits
        commits += 1

    event.listen(store.engine, "commit", count)
    await asyncio.gather(*(store.change(take(1)) for _ in range(64)))
    assert await fen(store) == 36
    assert commits < 20


async def test_group_commit_can_be_switched_off(tmp_path: Path) -> None:
    single = Store.open(f"sqlite:///{tmp_path}/single.db", "purse", group=1)
    with single.engine.connect() as connection:
        PURSE.create(connection)
        connection.commit()
    try:
        await single.change(lambda writing: writing.execute(ADD, {"new_name": "till", "new_fen": 5}))
        assert await asyncio.gather(*(single.change(take(1)) for _ in range(3))) == [4, 3, 2]
    finally:
        await asyncio.to_thread(single.close)


async def test_what_is_acknowledged_another_process_can_read(store: Store, tmp_path: Path) -> None:
    assert await store.change(take(1)) == 99
    with sqlite3.connect(tmp_path / "purse.db") as other:
        assert other.execute("select fen from purse").fetchone() == (99,)


async def test_appended_rows_come_only_from_changes_that_succeed(store: Store) -> None:
    def append_then_fail(writing: Writing) -> None:
        writing.append(PURSE, {"name": "never", "fen": 1})
        raise PurseMustHoldEnough

    def append(writing: Writing) -> None:
        writing.append(PURSE, {"name": "kept", "fen": 1})

    await asyncio.gather(store.change(append_then_fail), store.change(append), return_exceptions=True)
    names = await store.read(lambda reading: [row.name for row in reading.rows(select(PURSE.c.name))])
    assert sorted(names) == ["kept", "till"]


async def test_a_reader_cannot_write(store: Store) -> None:
    def write(reading: Reading) -> None:
        reading._connection.exec_driver_sql("update purse set fen = 0")

    with pytest.raises(StoreUnavailable):
        await store.read(write)
    assert await fen(store) == 100


async def test_a_change_whose_deadline_passed_in_the_queue_is_not_run(store: Store) -> None:
    with pytest.raises(TimeoutError):
        await store.change(take(1), deadline=0.0)
    assert await fen(store) == 100


async def test_a_closed_store_refuses(store: Store) -> None:
    await asyncio.to_thread(store.close)
    with pytest.raises(StoreUnavailable):
        await store.change(take(1))
