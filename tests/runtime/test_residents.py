"""Values in the writer's memory: written once for all who share a commit, and never truer than the store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.kernel.refusals import Missing, Unmet
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.resident import ResidentRecords
from zhongtai.runtime.store import integer, text
from zhongtai.runtime.transactions import Writing, metadata
from zhongtai.runtime.unit import Unit

PURSE = Table("purse", MetaData(), text("name", primary_key=True), integer("fen"), text("colour"))
CALL = Call(Caller(subject="test", client_id="test"))


class PurseNotFound(Missing):
    """There is no purse {name}."""

    name: str


class PurseMustHoldEnough(Unmet):
    """There is not enough."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What many take from at the same time."""

    name: str
    fen: int
    colour: str = "red"


purses = ResidentRecords(PURSE, Purse, missing=PurseNotFound)
RICH = purses.query(PURSE.c.fen >= bindparam("least"), order_by=PURSE.c.name)


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/purse.db", "purse")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = opened(tmp_path)
    with store.engine.connect() as connection:
        PURSE.create(connection)
        metadata.create_all(connection)
        connection.execute(PURSE.insert(), [{"name": "till", "fen": 100, "colour": "red"}])
        connection.commit()
    yield store
    await asyncio.to_thread(store.close)


def within(work: Callable[[Unit], Any]) -> Callable[[Writing], Any]:
    clock = SystemClock()
    now, today = datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4)
    return lambda writing: work(Unit(writing, CALL, now, today, service="x", ids=Ids(clock), request_id="r"))


def take(much: int, name: str = "till") -> Callable[[Writing], int]:
    """Takes from the purse, and refuses only after it has changed it."""

    def work(unit: Unit) -> int:
        purse = purses.load(unit, name)
        left = replace(purse, fen=purse.fen - much)
        purses.save(unit, left)
        if left.fen < 0:
            raise PurseMustHoldEnough
        return left.fen

    return within(work)


async def rests(store: Store) -> dict[str, int]:
    return await store.read(lambda reading: {row.name: row.fen for row in reading.rows(select(PURSE))})


async def test_a_change_sees_those_before_it_and_one_that_fails_is_not_seen(store: Store) -> None:
    answers = await asyncio.gather(*(store.change(take(much)) for much in (40, 70, 50, 30)), return_exceptions=True)
    assert [60, PurseMustHoldEnough, 10, PurseMustHoldEnough] == [
        answer if isinstance(answer, int) else type(answer) for answer in answers
    ]
    assert await rests(store) == {"till": 10}


async def test_a_row_is_read_once_and_written_once_for_all_who_share_a_commit(store: Store) -> None:
    await store.change(take(1))
    traced: list[str] = []

    def trace(writing: Writing) -> None:
        driver: Any = writing._connection.connection.driver_connection
        driver.set_trace_callback(traced.append)

    await store.change(trace)
    assert await asyncio.gather(*(store.change(take(1)) for _ in range(20))) == list(range(98, 78, -1))
    assert len([statement for statement in traced if "purse" in statement]) == 1
    assert await rests(store) == {"till": 79}


async def test_two_processes_on_one_store_never_decide_on_what_the_other_has_changed(
    store: Store, tmp_path: Path
) -> None:
    other = opened(tmp_path)
    try:
        for _ in range(3):
            assert isinstance(await store.change(take(10)), int)
            assert isinstance(await other.change(take(10)), int)
        assert await store.change(take(1)) == 39
        with pytest.raises(PurseMustHoldEnough):
            await other.change(take(40))
        assert await other.change(take(39)) == 0
        assert await store.change(take(0)) == 0
    finally:
        await asyncio.to_thread(other.close)


async def test_a_turn_that_was_taken_back_is_not_taken_for_ones_own(store: Store, tmp_path: Path) -> None:
    def turn_then_write_and_fail(unit: Unit) -> None:
        purses.load(unit, "till")
        unit.execute(PURSE.insert(), {"name": "none", "fen": 0, "colour": "red"})
        raise PurseMustHoldEnough

    other = opened(tmp_path)
    try:
        await store.change(take(10))
        with pytest.raises(PurseMustHoldEnough):
            await other.change(within(turn_then_write_and_fail))
        await store.change(take(10))
        assert await other.change(take(10)) == 70
        assert await store.change(take(10)) == 60
    finally:
        await asyncio.to_thread(other.close)


async def test_a_read_by_other_than_the_key_sees_what_is_changed_in_memory(store: Store) -> None:
    def look(unit: Unit) -> list[Purse]:
        purses.save(unit, replace(purses.load(unit, "till"), fen=7))
        purses.add(unit, Purse("sock", 8, "blue"))
        return [*RICH(unit, least=7), *purses.where(unit, PURSE.c.fen == 100)]

    assert await store.change(within(look)) == [Purse("sock", 8, "blue"), Purse("till", 7)]
    assert await rests(store) == {"sock": 8, "till": 7}


async def test_what_an_earlier_change_left_to_the_end_is_not_written_over_a_later_one(store: Store) -> None:
    coin = Table("coin", MetaData(), text("name", primary_key=True))
    with store.engine.connect() as connection:
        coin.create(connection)
        connection.commit()

    def take_and_look(unit: Unit) -> list[str]:
        purses.save(unit, replace(purses.load(unit, "till"), fen=80))
        unit.append(coin, {"name": "penny"})
        return [row.name for row in unit.rows(select(coin))]

    left, looked = await asyncio.gather(store.change(take(10)), store.change(within(take_and_look)))
    assert (left, looked) == (90, ["penny"])
    assert await rests(store) == {"till": 80}


async def test_a_commit_that_fails_leaves_nothing_in_memory(store: Store) -> None:
    await store.change(take(1))

    def spoil(writing: Writing) -> None:
        take(50)(writing)
        writing.append(Table("nowhere", MetaData(), text("name", primary_key=True)), {"name": "x"})

    answers = await asyncio.gather(store.change(take(1)), store.change(spoil), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
    assert await store.change(take(1)) == 98
