"""Two processes on one store: what one of them remembers is never truer than what the other has written."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.pool import NullPool

from tests.operations.bank import Bank
from tests.operations.ledger.story import Story, bytes_of
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import ledger_pb2 as v1
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


async def test_two_processes_that_take_turns_do_what_one_would(store_url: str) -> None:
    chance = Random("two processes")
    async with AsyncExitStack() as stack:
        doors = [await stack.enter_async_context(opened("operations", store_url)) for _ in range(2)]
        story = Story(doors[0], rests(store_url))
        for _ in range(10):
            await story.goes_on(chance.choice(doors))
            await story.group(40, chance.getrandbits(32))
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
