"""The relay: every committed fact reaches the stream once and in order, whatever becomes of the broker or stream."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.event_parts import commit, names, open_store, running, stored, until
from zhongtai.runtime import relay as relay_module
from zhongtai.runtime.bus import Bus, stream_of
from zhongtai.runtime.cloud_events import envelope_of
from zhongtai.runtime.database import Store
from zhongtai.runtime.relay import Relay


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The outbox of credit."""
    store = open_store(tmp_path, "credit")
    yield store
    store.close()


async def last_of(bus: Bus) -> int:
    """How many messages the stream of credit has taken."""
    return int((await bus.streams.stream_info(stream_of("credit"))).state.last_seq)


async def reached(bus: Bus, count: int) -> None:
    """Returns when the stream holds so many."""

    async def there() -> bool:
        return bus.client.is_connected and await last_of(bus) >= count

    await until(there)


async def test_facts_arrive_in_the_order_of_their_commits_with_all_they_carry(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (_, bus):
        await commit(store, 1, 700)  # more than a batch waits before the relay starts
        relay = Relay("credit", store, bus)
        relay.start()
        await reached(bus, 700)
        await commit(store, 701, 701)
        await reached(bus, 701)
        await until(lambda: relay.published == 701)
        await relay.stop()
        assert await stored(bus) == names(1, 701)
        facts = await store.outbox_after(0, 1000)
        message = await bus.streams.get_msg(stream_of("credit"), seq=701)
        assert envelope_of(message.headers, message.data or b"") == facts[700]
        assert await store.relayed() == 701


async def test_a_broker_killed_in_the_middle_loses_nothing_and_doubles_nothing(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (broker, bus):
        relay = Relay("credit", store, bus, batch=50)
        relay.start()
        committing = asyncio.create_task(commit(store, 1, 3000))
        for killed_at in (200, 1200, 2200):
            await until(lambda reached=killed_at: relay.published >= reached)
            pid = broker.pid
            os.kill(pid, signal.SIGKILL)
            await until(lambda before=pid: broker.pid not in (0, before))
        await committing
        await reached(bus, 3000)
        await relay.stop()
        assert await stored(bus) == names(1, 3000)


async def test_what_is_committed_close_together_travels_together(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "GATHER_SECONDS", 0.5)
    async with running(tmp_path) as (_, bus):
        relay = Relay("credit", store, bus)
        relay.start()
        await commit(store, 1, 1)
        await until(lambda: relay.published == 1 and relay.behind_seconds == 0)
        for number in range(2, 5):
            await commit(store, number, number)  # one commit each
        await until(lambda: relay.published == 4 and relay.behind_seconds == 0)
        sent = [await bus.streams.get_msg(stream_of("credit"), seq=place) for place in range(1, 5)]
        # Those that were not the first of what was sent say which event they were sent behind.
        behind = [(each.headers or {}).get("Nats-Expected-Last-Msg-Id") for each in sent]
        assert behind == [None, None, *names(2, 3)]
        await relay.stop()


async def test_a_backlog_does_not_wait_for_the_next_commit(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "GATHER_SECONDS", 3600)
    monkeypatch.setattr(relay_module, "LOOK_AGAIN_SECONDS", 3600)
    async with running(tmp_path) as (_, bus):
        await commit(store, 1, 130)
        relay = Relay("credit", store, bus, batch=50)
        relay.start()
        await until(lambda: relay.published == 130)
        await relay.stop()
        assert await stored(bus) == names(1, 130)


async def test_a_relay_started_anew_goes_on_behind_the_end_of_the_stream(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (_, bus):
        await commit(store, 1, 30)
        await bus.publish("credit", await store.outbox_after(0, 20), after=0)  # published, and the cursor never marked
        assert await store.relayed() == 0
        relay = Relay("credit", store, bus)
        relay.start()
        await reached(bus, 30)
        await until(lambda: relay.published == 10)
        await relay.stop()
        assert await stored(bus) == names(1, 30)


async def test_a_deleted_stream_is_filled_again_from_the_outbox(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (_, bus):
        await commit(store, 1, 600)
        relay = Relay("credit", store, bus)
        relay.start()
        await reached(bus, 600)
        await bus.streams.delete_stream(stream_of("credit"))
        await commit(store, 601, 601)  # the next fact finds out
        await until(lambda: relay.published == 600 + 601)
        assert await stored(bus) == names(1, 601)
        await relay.stop()
        await bus.streams.delete_stream(stream_of("credit"))
        relay = Relay("credit", store, bus)  # and so does the next start, without any fact
        relay.start()
        await until(lambda: relay.published == 601)
        await relay.stop()
        assert await stored(bus) == names(1, 601)


async def test_two_relays_on_one_outbox_keep_the_order_and_double_nothing(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (broker, bus):
        other_bus = await Bus.connect(broker.url)
        relays = [Relay("credit", store, bus, batch=20), Relay("credit", store, other_bus, batch=30)]
        for relay in relays:
            relay.start()
        for first in range(1, 1000, 100):
            await commit(store, first, first + 99)
        await reached(bus, 1000)
        for relay in relays:
            await relay.stop()
        await other_bus.close()
        assert await stored(bus) == names(1, 1000)


async def test_facts_the_stream_has_already_are_passed_over_one_by_one(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (_, bus):
        await commit(store, 1, 20)
        await bus.publish("credit", await store.outbox_after(0, 10), after=0)
        await bus.streams.purge_stream(stream_of("credit"))  # now the stream cannot tell, and the cursor says 0
        relay = Relay("credit", store, bus)
        relay.start()
        await reached(bus, 20)
        await relay.stop()
        assert await stored(bus) == names(11, 20)


async def test_a_stream_of_another_outbox_does_not_swallow_the_facts_of_this_one(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (_, bus):
        earlier = open_store(tmp_path, "earlier")
        await commit(earlier, 101, 150)
        await bus.publish("credit", await earlier.outbox_after(0, 50), after=0)
        earlier.close()
        await commit(store, 1, 60)  # a new store, in which other facts have the sequence numbers of the stream's
        relay = Relay("credit", store, bus)
        relay.start()
        await reached(bus, 110)
        await relay.stop()
        assert await stored(bus) == names(101, 150) + names(1, 60)


async def test_a_relay_that_stands_still_says_so_until_nothing_waits(tmp_path: Path, store: Store) -> None:
    async with running(tmp_path) as (broker, bus):
        relay = Relay("credit", store, bus)
        relay.start()
        await commit(store, 1, 1)
        await until(lambda: relay.published == 1 and relay.behind_seconds == 0)
        await broker.stop()
        await commit(store, 2, 2)
        await until(lambda: relay.behind_seconds > 0)
        await broker.start()
        await until(lambda: relay.published == 2 and relay.behind_seconds == 0)
        await relay.stop()
