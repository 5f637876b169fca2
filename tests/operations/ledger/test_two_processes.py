"""Two processes on one store: what one of them remembers is never truer than what the other has written."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import MetaData, create_engine, select, text
from sqlalchemy.pool import NullPool

from tests.operations.bank import Bank
from tests.operations.ledger.story import Story, bytes_of
from tests.operations.ledger.troubles import commits_fail
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.engines import Engines
from zhongtai.testing.doors import opened


def rests(url: str) -> Callable[[], object]:
    """What is in a store: every byte of it, or every row."""
    if url.startswith("sqlite"):
        return bytes_of(Path(url.removeprefix("sqlite:///")))
    engine = create_engine(url, poolclass=NullPool)
    tables = MetaData(schema="operations")
    tables.reflect(engine)

    def rows() -> object:
        with engine.connect() as connection:
            return {name: sorted(map(repr, connection.execute(select(table)))) for name, table in tables.tables.items()}

    return rows


async def test_two_processes_that_take_turns_and_whose_commits_fail_do_what_one_would(store_url: str) -> None:
    chance = Random("two processes")
    troubles = (nullcontext, partial(commits_fail, "lost", durable=False), partial(commits_fail, "lost", durable=True))
    async with AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(opened("operations", store_url)) for _ in range(2)]
        story = Story(doors[0], rests(store_url))
        for _ in range(10):
            await story.goes_on(chance.choice(doors))
            await story.group(40, chance.getrandbits(32), chance.choice(troubles)())
        assert story.unanswered
        await story.must_be_sound()


async def test_two_processes_that_fight_for_one_account_never_pay_out_more_than_there_is(store_url: str) -> None:
    async with AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(opened("operations", store_url)) for _ in range(2)]
        bank = Bank(doors[0])
        account_id = await bank.deposit(100)
        asked = [
            (door, bank.entry((account_id, "DEBIT", 5), ("1001", "CREDIT", 5))) for _ in range(40) for door in doors
        ]
        answers = await asyncio.gather(*[door.call(request) for door, request in asked], return_exceptions=True)
        refused = [answer.reason for answer in answers if isinstance(answer, Refusal)]
        assert refused == ["AVAILABLE_BALANCE_EXHAUSTED"] * 60
        numbers = sorted(answer.entry.number for answer in answers if isinstance(answer, v1.PostEntryResponse))
        assert numbers == list(range(2, 22))
        for door in doors:
            await Bank(door).must_be_sound()
            assert await Bank(door).balance(account_id) == 0


async def test_the_same_request_to_two_processes_at_once_is_done_once(store_url: str) -> None:
    async with AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(opened("operations", store_url)) for _ in range(2)]
        bank = Bank(doors[0])
        for _ in range(10):
            request = bank.entry(("1001", "DEBIT", 5), ("6011", "CREDIT", 5))
            one, other = await asyncio.gather(*[door.call(request) for door in doors])
            assert one == other
        assert await bank.balance("1001") == 50


async def test_a_process_whose_connection_is_cut_says_so_and_goes_on(store_url: str) -> None:
    if store_url.startswith("sqlite"):
        pytest.skip("SQLite has no connection to cut")
    async with opened("operations", store_url) as door:
        bank = Bank(door)
        account_id = await bank.deposit(100)
        with Engines.open(store_url, "operations").connect() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        request = bank.entry((account_id, "DEBIT", 10), ("1001", "CREDIT", 10))
        assert (await door.refused(request)).reason == "STORE_UNAVAILABLE"
        assert (await door.call(request)).entry.number == 2
    async with opened("operations", store_url) as door:
        assert await Bank(door).balance(account_id) == 90
        await Bank(door).must_be_sound()
