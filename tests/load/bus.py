"""Figures of the event bus: how fast the relay empties an outbox, how fast events are applied, and their lag.

Run it: `python -m tests.load.bus`. Everything is real: SQLite stores that sync each commit, a nats-server that syncs
each batch, a service with its inbox. Nothing here is asserted.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from tests.load.figure import Figure, percentile
from tests.runtime.event_parts import Listener, commit, name_of, open_store, running, until
from zhongtai.runtime.bus import Bus
from zhongtai.runtime.consumers import Consumers
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.relay import Relay
from zhongtai.runtime.service import Service

EVENTS = 20_000
WAVE = 5_000  # committed at once: well below the bound of a store's queue
PACED_EVENTS = 1_000
PACED_PER_SECOND = 200


class Timed:
    """A service that notes when each event was applied, which is when its commit was answered."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.name = service.name
        self.subjects = service.subjects
        self.applied_at: dict[str, float] = {}

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
        """Delivers, and notes the time."""
        answers = await self._service.deliver(envelopes)
        now = time.perf_counter()
        self.applied_at.update((envelope.event_id, now) for envelope in envelopes)
        return answers


async def _relayed_per_second(credit: Store, bus: Bus) -> float:
    relay = Relay("credit", credit, bus)
    begun = time.perf_counter()
    relay.start()
    await until(lambda: relay.published >= EVENTS, seconds=120)
    taken = time.perf_counter() - begun
    await relay.stop()
    return EVENTS / taken


async def _applied_per_second(service: Timed, bus: Bus) -> float:
    consumers = Consumers(service, bus)
    begun = time.perf_counter()
    consumers.start()
    await until(lambda: consumers.applied >= EVENTS, seconds=120)
    taken = time.perf_counter() - begun
    await consumers.stop()
    return EVENTS / taken


async def _lags(credit: Store, service: Timed, bus: Bus) -> list[float]:
    """Milliseconds from the answer of a commit to that of the consumer's commit, at a steady pace of single commits."""
    relay, consumers = Relay("credit", credit, bus), Consumers(service, bus)
    relay.start()
    consumers.start()
    committed_at: dict[str, float] = {}

    async def one(number: int) -> None:
        await commit(credit, number, number)
        committed_at[name_of(number)] = time.perf_counter()

    # One event ahead, so that what is measured is the flow and not the start of the consumers.
    await one(0)
    await until(lambda: name_of(0) in service.applied_at, seconds=60)
    committed_at.clear()
    begun = time.perf_counter()
    running_commits = []
    for place in range(PACED_EVENTS):
        await asyncio.sleep(max(begun + place / PACED_PER_SECOND - time.perf_counter(), 0))
        running_commits.append(asyncio.create_task(one(EVENTS + 1 + place)))
    await asyncio.gather(*running_commits)
    await until(lambda: all(event_id in service.applied_at for event_id in committed_at), seconds=60)
    await consumers.stop()
    await relay.stop()
    # The consumer may answer before the caller's own task has its turn: then the event was on its way for no time.
    return [max(service.applied_at[event_id] - at, 0) * 1000 for event_id, at in committed_at.items()]


async def _measure(folder: Path) -> tuple[float, float, list[float]]:
    credit, reporting = open_store(folder, "credit"), open_store(folder, "reporting")
    try:
        async with running(folder) as (_, bus):
            for first in range(1, EVENTS, WAVE):
                await commit(credit, first, first + WAVE - 1, keys=1000)
            service = Timed(Listener(reporting).service())
            return (
                await _relayed_per_second(credit, bus),
                await _applied_per_second(service, bus),
                await _lags(credit, service, bus),
            )
    finally:
        credit.close()
        reporting.close()


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on empty stores and an empty broker."""
    relayed = Figure("relay, outbox to stream", "events/s", [], "≥ 10,000")
    applied = Figure("consumer, stream to inbox", "events/s", [], "no bound")
    middle = Figure(f"event lag p50, commit to applied, {PACED_PER_SECOND} single commits/s", "ms", [], "no bound")
    slowest = Figure(f"event lag p99, commit to applied, {PACED_PER_SECOND} single commits/s", "ms", [], "≤ 20")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            relay_rate, apply_rate, lags = uvloop.run(_measure(Path(folder)))
        relayed.values.append(relay_rate)
        applied.values.append(apply_rate)
        middle.values.append(percentile(lags, 0.5))
        slowest.values.append(percentile(lags, 0.99))
    return [relayed, applied, middle, slowest]


if __name__ == "__main__":
    for figure in run(3):
        print(figure)
