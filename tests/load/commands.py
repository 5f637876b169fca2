"""Durable single-row commands: one grant of a limit each, acknowledged after the fsync."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import uvloop
from google.protobuf.message import Message

from tests.load.figure import Figure
from tests.load.serving import caller_of, mounted, serving
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1.limit_pb2 import GetLimitRequest, GrantLimitRequest
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls

CALL = Call(Caller(subject="bench", client_id="bench", scopes=frozenset({"*"})))


def grant(number: int) -> GrantLimitRequest:
    """A request nobody sent before."""
    return GrantLimitRequest(
        request_id=f"grant-{number}",
        customer_id=f"cus_{number}",
        product_line="bench",
        amount=Money(currency_code="CNY", minor_units=100_000),
    )


async def rate(calls: Calls, request: Callable[[int], Message], *, callers: int, total: int, first: int) -> float:
    """Requests a second from so many independent callers, each waiting for its own answer."""
    numbers = iter(range(first, first + total))

    async def caller() -> None:
        for number in numbers:
            await calls.call(request(number), CALL)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return total / (time.perf_counter() - begun)


async def _in_process(folder: Path, group: int, callers: int, total: int) -> float:
    async with mounted("credit", folder, group=group) as calls:
        await rate(calls, grant, callers=callers, total=200, first=0)
        return await rate(calls, grant, callers=callers, total=total, first=1000)


async def _over_grpc(address: str, folder: Path) -> dict[int, float]:
    calls = caller_of("credit", address, folder)
    try:
        await rate(calls, grant, callers=16, total=300, first=0)
        return {
            callers: await rate(calls, grant, callers=callers, total=total, first=callers * 100_000)
            for callers, total in ((1, 500), (16, 3000), (64, 6000))
        }
    finally:
        await calls.close()


async def _reads(folder: Path) -> float:
    async with mounted("credit", folder) as calls:
        reply = await calls.call(grant(0), CALL)
        request = GetLimitRequest(limit_id=reply.limit.limit_id)  # type: ignore[attr-defined]
        return await rate(calls, lambda _: request, callers=16, total=5000, first=0)


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on an empty store."""
    grpc = {
        callers: Figure(f"durable command over gRPC, {callers} callers", "/s", [], wanted)
        for callers, wanted in ((1, "no bound"), (16, "no bound"), (64, "≥ 2,000"))
    }
    inside = Figure("durable command in process, 64 callers", "/s", [], "≥ 5,000")
    single = Figure("the same without group commit, 64 callers", "/s", [], "baseline")
    reading = Figure("read in process, 16 callers", "/s", [], "no bound")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with serving("credit", folder) as address:
                for callers, value in uvloop.run(_over_grpc(address, folder)).items():
                    grpc[callers].values.append(value)
        with tempfile.TemporaryDirectory() as name:
            inside.values.append(uvloop.run(_in_process(Path(name), 256, 64, 10_000)))
        with tempfile.TemporaryDirectory() as name:
            single.values.append(uvloop.run(_in_process(Path(name), 1, 64, 2_000)))
        with tempfile.TemporaryDirectory() as name:
            reading.values.append(uvloop.run(_reads(Path(name))))
    return [*grpc.values(), inside, single, reading]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
