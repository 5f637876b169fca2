"""Durable single-row commands: one registration of a customer each, acknowledged after the fsync."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import uvloop
from google.protobuf.message import Message

from tests.load.figure import Figure
from tests.load.serving import caller_of, mounted, serving
from zhongtai.kernel.identifiers import make_identity_number
from zhongtai.marketing.v1.customer_pb2 import (
    CUSTOMER_KIND_PERSON,
    IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
    GetCustomerRequest,
    RegisterCustomerRequest,
)
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls

CALL = Call(Caller(subject="bench", client_id="bench", scopes=frozenset({"*"})))


def register(number: int) -> RegisterCustomerRequest:
    """A request nobody sent before."""
    born = date(1950, 1, 1) + timedelta(days=number // 999)
    return RegisterCustomerRequest(
        request_id=f"register-{number}",
        kind=CUSTOMER_KIND_PERSON,
        name="王伟",
        identity_kind=IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
        identity_number=make_identity_number("110101", born, 1 + number % 999),
    )


async def rate(calls: Calls, request: Callable[[int], Message], *, callers: int, total: int, first: int) -> float:
    """Requests a second from so many independent callers, each waiting for its own answer."""
    requests = iter([request(number) for number in range(first, first + total)])

    async def caller() -> None:
        for each in requests:
            await calls.call(each, CALL)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return total / (time.perf_counter() - begun)


async def _in_process(folder: Path, group: int, callers: int, total: int) -> float:
    async with mounted("marketing", folder, group=group) as calls:
        await rate(calls, register, callers=callers, total=200, first=0)
        return await rate(calls, register, callers=callers, total=total, first=1000)


async def _over_grpc(address: str, folder: Path) -> dict[int, float]:
    calls = caller_of("marketing", address, folder)
    try:
        await rate(calls, register, callers=16, total=300, first=0)
        return {
            callers: await rate(calls, register, callers=callers, total=total, first=callers * 100_000)
            for callers, total in ((1, 500), (16, 3000), (64, 6000))
        }
    finally:
        await calls.close()


async def _reads(folder: Path) -> float:
    async with mounted("marketing", folder) as calls:
        reply: Any = await calls.call(register(0), CALL)
        request = GetCustomerRequest(customer_id=reply.customer_id)
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
            with serving("marketing", folder) as address:
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
