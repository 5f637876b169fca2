"""Work orders: taken, swept and counted while ten thousand and a hundred thousand wait; and what the gate costs.

Everything is real but the wire: a SQLite store that syncs each commit, and every command through the whole chain. The
gate before maker and checker is timed alone, since beside a command that syncs a disk it cannot be seen.
"""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import uvloop
from google.protobuf.message import Message

from tests.load.figure import Figure
from zhongtai.operations.opening_rule.domain import Wish
from zhongtai.operations.v1 import work_order_pb2, workload_pb2
from zhongtai.operations.work_order import store
from zhongtai.operations.work_order.domain import WorkOrder
from zhongtai.operations.work_queue.store import SHIPPED
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.transactions import Writing
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

OPEN = (10_000, 100_000)
OFFICERS = 16
CLAIMS = 50
COUNT = 10
SWEEPS = 10
LOOKS = 20
GATES = 200_000
POST = "zhongtai.operations.v1.LedgerService.PostEntry"
QUEUE = SHIPPED["limit_control"]
ADMIN = Call(Caller("bench", "bench", frozenset({"*"})))


def _officer(number: int) -> Call:
    scopes = frozenset({"operations.*", f"role:{QUEUE.role}"})
    return Call(Caller(f"officer_{number}", "bench", scopes))


async def _fill(door: Door, count: int) -> None:
    """So many orders that wait, opened over a week, each with its own hour."""
    first = door.clock.now()

    def opened_then(number: int) -> WorkOrder:
        wish = Wish(kind="exposure_break", subject=f"break_{number}", title="Find out", details={"counted": "CNY 1.00"})
        now = first - timedelta(minutes=number % 10_080)
        return WorkOrder.open(f"wo_{number:08}", wish, QUEUE, opened_by="event:credit", now=now)[0]

    def filled(writing: Writing) -> None:
        store.work_orders.add_all(door.service.unit(writing, ADMIN, "fill"), map(opened_then, range(count)))

    await door.service.store.change(filled)


async def _claims(door: Door) -> tuple[float, float]:
    """Orders taken a second by officers who ask at once, and the median milliseconds that one waits."""
    waits: list[float] = []

    async def officer(number: int) -> int:
        taken = 0
        for turn in range(CLAIMS):
            request = work_order_pb2.ClaimNextWorkOrdersRequest(request_id=f"claim-{number}-{turn}", count=COUNT)
            begun = time.perf_counter()
            taken += len((await door.calls.call(request, _officer(number))).work_orders)  # type: ignore[attr-defined]
            waits.append((time.perf_counter() - begun) * 1e3)
        return taken

    begun = time.perf_counter()
    taken = sum(await asyncio.gather(*(officer(number) for number in range(OFFICERS))))
    assert taken == OFFICERS * CLAIMS * COUNT
    return taken / (time.perf_counter() - begun), median(waits)


async def _sweeps(door: Door) -> float:
    """Orders a second whose clocks are moved on, one call after another, where every clock has something to do."""
    door.now(door.clock.now() + timedelta(days=30))
    begun, moved = time.perf_counter(), 0
    for turn in range(SWEEPS):
        request = work_order_pb2.SweepWorkOrdersRequest(request_id=f"sweep-{turn}")
        moved += (await door.calls.call(request, ADMIN)).moved  # type: ignore[attr-defined]
    return moved / (time.perf_counter() - begun)


async def _looks(door: Door, request: Message) -> float:
    """The median milliseconds of a reading request."""
    taken = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        await door.calls.call(request, ADMIN)
        taken.append((time.perf_counter() - begun) * 1e3)
    return median(taken)


async def measure(folder: Path, count: int) -> dict[tuple[str, str], float]:
    """Everything with so many orders that wait, by its name and unit."""
    async with opened("operations", fresh_sqlite("operations", folder)) as door:
        await _fill(door, count)
        taken, waited = await _claims(door)
        page = work_order_pb2.ListWorkOrdersRequest(status="WORK_ORDER_STATUS_OPEN", queue_id=QUEUE.queue_id)
        return {
            (f"work orders taken, {OFFICERS} officers, {COUNT} each time", "/s"): taken,
            ("one such claim", "ms"): waited,
            ("workload page", "ms"): await _looks(door, workload_pb2.GetWorkloadRequest()),
            ("first page of a queue", "ms"): await _looks(door, page),
            ("orders swept", "/s"): await _sweeps(door),
        }


async def _gate(folder: Path) -> float:
    """Nanoseconds by which the gate makes a command slower that is under no policy."""
    async with opened("operations", fresh_sqlite("operations", folder)) as door:
        concern, rpc, now = (
            door.service.approvals.concern,
            "zhongtai.operations.v1.LedgerService.PostEntry",
            time.time(),
        )
        begun = time.process_time()
        for _ in range(GATES):
            concern(rpc, now)
        return (time.process_time() - begun) / GATES * 1e9


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on an empty store."""
    figures: dict[str, Figure] = {}
    gate = Figure("gate of a command under no policy, processor", "ns", [], "≤ 1,000")
    for _ in range(runs):
        for count in OPEN:
            with tempfile.TemporaryDirectory() as name:
                for (what, unit), value in uvloop.run(measure(Path(name), count)).items():
                    title = f"{what}, {count:,} open"
                    figures.setdefault(title, Figure(title, unit, [], "no bound")).values.append(value)
        with tempfile.TemporaryDirectory() as name:
            gate.values.append(uvloop.run(_gate(Path(name))))
    return [*figures.values(), gate]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
