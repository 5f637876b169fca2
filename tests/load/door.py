"""Figures of the HTTP door: reads through it in process and over a socket, and what its own parts cost.

Run it: `python -m tests.load.door`. The stores, the tokens, the daily caps and the codecs are real. Nothing here is
asserted.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop
from google.protobuf import json_format
from starlette.types import ASGIApp

from tests.load.figure import Figure
from zhongtai.credit.v1 import limit_pb2
from zhongtai.gateway.door.admission import Admission
from zhongtai.gateway.door.application import application
from zhongtai.gateway.door.findings import Findings
from zhongtai.gateway.door.listening import listening
from zhongtai.gateway.door.reading import fill, parse
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.gateway.door.tokens import Tokens
from zhongtai.gateway.door.writing import to_json
from zhongtai.gateway.v1 import client_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.security import SigningKeys, Verifier
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import Limits
from zhongtai.testing.templates import fresh_sqlite

REQUESTS = 10_000
CALLERS = 32
EVERYTHING = Call(Caller("load", "load", frozenset({"*"})))
HOLD = {"limitId": "lim_1", "amount": {"currencyCode": "CNY", "minorUnits": "12300"}, "requestId": "r1"}


class Still:
    """A service that answers at once: what is left is the door."""

    def __init__(self, reply: limit_pb2.GetLimitResponse) -> None:
        self._reply = reply

    async def dispatch(self, *_: object) -> limit_pb2.GetLimitResponse:
        """The same reply to every request."""
        return self._reply


@asynccontextmanager
async def opened(folder: Path, still: bool) -> AsyncIterator[tuple[ASGIApp, str, str]]:
    """The door, a token of a client with a daily cap, and a limit to read."""
    clock, keys = SystemClock(), SigningKeys.new()
    stores = {name: Store.open(fresh_sqlite(name, folder), name) for name in ("gateway", "credit")}
    services: dict[str, Any] = {}
    calls = Calls(services, {})
    services.update({name: Service(name, store, clock, calls=calls) for name, store in stores.items()})
    gateway = services["gateway"]
    await calls.call(
        client_pb2.RegisterClientRequest(request_id="r", client_id="app", scopes=["credit.*"], daily_cap=10**9),
        EVERYTHING,
    )
    granted: Any = await calls.call(
        limit_pb2.GrantLimitRequest(
            request_id="g", customer_id="c", product_line="p", amount={"currency_code": "CNY", "minor_units": 100}
        ),
        EVERYTHING,
    )
    if still:
        services["credit"] = Still(limit_pb2.GetLimitResponse(limit=granted.limit))

    async def ready() -> dict[str, bool]:
        return {}

    given = Surroundings(
        calls=calls,
        authenticate=Verifier(keys, clock).verify,
        admission=Admission(gateway),
        tokens=Tokens(gateway, keys, timedelta(hours=1)),
        clock=clock,
        limits=Limits(),
        ready=ready,
    )
    token = keys.issue(Caller("app", "app", frozenset({"credit.*"})), timedelta(hours=1), clock.now())
    yield application(given), token, f"/v1/limits/{granted.limit_id}"
    for store in stores.values():
        await asyncio.to_thread(store.close)


async def rate(one: Callable[[], Awaitable[None]], callers: int) -> float:
    """Calls a second, from so many callers, each waiting for its answer."""

    async def caller() -> None:
        for _ in range(REQUESTS // callers):
            await one()

    await one()
    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return REQUESTS / (time.perf_counter() - begun)


def in_process(app: ASGIApp, token: str, path: str) -> Callable[[], Awaitable[None]]:
    """One read by calling the application as a server would."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"door")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(f"the door answered {message['status']}")

    async def one() -> None:
        await app(dict(scope), receive, send)

    return one


async def over_socket(port: int, token: str, path: str) -> float:
    """Reads a second over kept connections, one for each caller."""
    request = f"GET {path} HTTP/1.1\r\nhost: door\r\nauthorization: Bearer {token}\r\n\r\n".encode()

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(REQUESTS // CALLERS):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return REQUESTS / (time.perf_counter() - begun)


def codec_microseconds() -> tuple[float, float, float, float]:
    """Parsing and writing a small request: ours, then protobuf's own."""
    body = json.dumps(HOLD).encode()
    descriptor: Any = limit_pb2.HoldLimitRequest.DESCRIPTOR
    read, message = fill(descriptor), limit_pb2.HoldLimitRequest()

    def ours() -> None:
        found, fresh = Findings(), limit_pb2.HoldLimitRequest()
        read(fresh, parse(body, found), (), found)

    json_format.Parse(body, message)
    works = (
        ours,
        lambda: to_json(message),
        lambda: json_format.Parse(body, limit_pb2.HoldLimitRequest()),
        lambda: json_format.MessageToJson(message, indent=None, always_print_fields_with_no_presence=True),
    )
    return tuple(_microseconds(work) for work in works)  # type: ignore[return-value]


def _microseconds(work: Callable[[], object], times: int = 5_000) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times * 1e6


async def _measure() -> dict[str, float]:
    found: dict[str, float] = {}
    for still, name in ((True, "the door alone"), (False, "a read of SQLite")):
        with tempfile.TemporaryDirectory() as folder:
            async with opened(Path(folder), still) as (app, token, path):
                found[f"{name}, in process"] = await rate(in_process(app, token, path), CALLERS)
                async with listening(app, "127.0.0.1", 0) as port:
                    found[f"{name}, over a socket from the same process"] = await over_socket(port, token, path)
    return found


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on empty stores."""
    figures: dict[str, Figure] = {}
    for _ in range(runs):
        for name, value in uvloop.run(_measure()).items():
            figures.setdefault(name, Figure(f"gateway read hop: {name}", "requests/s", [], "no bound")).values.append(
                value
            )
        names = ("read, compiled", "write, compiled", "read, json_format", "write, json_format")
        for name, value in zip(names, codec_microseconds(), strict=True):
            figures.setdefault(name, Figure(f"JSON of a small request: {name}", "µs", [], "no bound")).values.append(
                value
            )
    return list(figures.values())


if __name__ == "__main__":
    for figure in run(3):
        print(figure)
