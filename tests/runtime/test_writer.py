"""Who runs a batch: the loop what is short, the writer's thread what is long; nothing that waits is forgotten."""

import asyncio
import contextvars
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table, bindparam, event, select

from zhongtai.runtime.database import Store
from zhongtai.runtime.pace import LONG_S
from zhongtai.runtime.store import integer
from zhongtai.runtime.transactions import Reading, Writing
from zhongtai.runtime.writer import Change, StoreUnavailable

ROW = Table("row", MetaData(), integer("number", primary_key=True))
ADD = ROW.insert().values(number=bindparam("new"))
ALL = select(ROW.c.number).order_by(ROW.c.number)
WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


def opened(folder: Path) -> Store:
    store = Store.open(f"sqlite:///{folder}/rows.db", "rows")
    with store.engine.connect() as connection:
        ROW.create(connection, checkfirst=True)
        connection.commit()
    return store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = opened(tmp_path)
    yield store
    await asyncio.to_thread(store.close)


def add(number: int, seconds: float = 0.0) -> Callable[[Writing], int]:
    """A change that writes a row, works for so long, and answers in which thread it did."""

    def work(writing: Writing) -> int:
        writing.execute(ADD, {"new": number})
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        return threading.get_ident()

    return work


def look(seconds: float) -> Callable[[Reading], int]:
    """A read that works for so long, and answers in which thread it did."""

    def work(reading: Reading) -> int:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            reading.rows(ALL)
        return threading.get_ident()

    return work


async def numbers(store: Store) -> list[int]:
    return await store.read(lambda reading: [row.number for row in reading.rows(ALL)])


async def test_what_takes_long_is_done_aside_until_it_was_short_for_a_while(store: Store) -> None:
    here, numbers_ = threading.get_ident(), itertools.count()
    assert await store.change(add(next(numbers_)), kind="bulk") != here  # nobody knows yet how long it takes
    assert await store.change(add(next(numbers_), 2 * LONG_S), kind="bulk") == here
    # Once may be an accident of the machine.
    assert await store.change(add(next(numbers_), 2 * LONG_S), kind="bulk") == here
    assert await store.change(add(next(numbers_)), kind="bulk") != here
    assert await store.change(add(next(numbers_)), kind="other") != here
    assert await store.change(add(next(numbers_)), kind="other") == here
    async with asyncio.timeout(10):
        while await store.change(add(next(numbers_)), kind="bulk") != here:
            pass
    assert await numbers(store) == list(range(next(numbers_)))


async def test_a_long_read_is_done_aside_until_it_was_short_for_a_while(store: Store) -> None:
    here = threading.get_ident()
    assert await store.read(look(0), "list") != here
    assert await store.read(look(2 * LONG_S), "list") == here
    assert await store.read(look(2 * LONG_S), "list") == here
    assert await store.read(look(0), "list") != here
    assert await store.read(look(0)) == here
    async with asyncio.timeout(10):
        while await store.read(look(0), "list") != here:
            pass


async def test_changes_keep_their_order_beside_a_long_one(store: Store) -> None:
    for number in (-2, -1):
        await store.change(add(number, 3 * LONG_S), kind="bulk")
    order: list[int] = []

    def note(number: int) -> Callable[[Writing], None]:
        return lambda writing: order.append(number)

    changes = [Change(note(number), kind="bulk" if number == 5 else "other") for number in range(10)]
    await store.change_all(changes)
    assert order == list(range(10))


async def test_a_batch_that_takes_its_time_lets_others_have_the_loop(store: Store) -> None:
    """Sixty changes of 2 ms would fit into one batch, but not into one turn."""
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    await store.change_all([Change(add(number, 0.002)) for number in range(60)])
    assert len(commits) > 10
    assert await numbers(store) == list(range(60))


async def test_changes_run_in_the_context_of_nobody(store: Store) -> None:
    WHO.set("the first caller")
    assert await store.change(lambda _: WHO.get()) == "nobody"


async def test_a_stop_iteration_reaches_its_caller_as_a_defect(store: Store) -> None:
    def work(_: Writing | Reading) -> None:
        next(iter(()))

    async with asyncio.timeout(10):
        for done in (store.change(work, kind="never changed so"), store.read(work, kind="never read so")):
            with pytest.raises(RuntimeError, match="StopIteration"):
                await done


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    store = opened(tmp_path)
    waiting = [asyncio.create_task(store.change(add(number))) for number in range(300)]
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StoreUnavailable):
        await store.change(add(301))
    with pytest.raises(StoreUnavailable):
        await store.read(look(0))
    again = opened(tmp_path)
    assert await numbers(again) == list(range(300))
    again.close()


def test_a_loop_that_ends_with_the_turn_leaves_it_to_the_next(tmp_path: Path) -> None:
    store = opened(tmp_path)

    loop = asyncio.new_event_loop()
    left = loop.create_task(store.change(add(1)))
    loop.call_soon(loop.stop)
    loop.run_forever()  # one round: the change is put, and its turn would be the next
    loop.close()
    assert asyncio.run(asyncio.wait_for(store.change(add(2)), 5))
    assert asyncio.run(numbers(store)) == [1, 2]
    assert not left.done()
    store.close()


def test_loops_in_several_threads_share_the_writer_and_end_when_they_are_answered(tmp_path: Path) -> None:
    store = opened(tmp_path)

    async def many(first: int, count: int) -> None:
        await asyncio.gather(*(store.change(add(first + number)) for number in range(count)))

    for story in range(60):
        counts = {4000 * story + 1000 * loop: count for loop, count in enumerate((1, 3, 10, 20))}
        threads = [threading.Thread(target=asyncio.run, args=(many(*each),), daemon=True) for each in counts.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert not any(thread.is_alive() for thread in threads), "the turn went to a loop that had ended"
    assert len(asyncio.run(numbers(store))) == 60 * (1 + 3 + 10 + 20)
    store.close()
