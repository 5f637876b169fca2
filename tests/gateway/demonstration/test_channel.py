"""The demonstration's channel at a door that answers as it is told: what it sends again, and what it does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from zhongtai.gateway.demonstration.channel import Channel, Problem
from zhongtai.gateway.demonstration.connections import Connections, DoorUnreachableError

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Request:
    """What reached the door."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """A door: it gives out a new token for each asking, and gives the answers of its script in turn, then 200."""

    script: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    tokens: int = 0
    silent: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            line, *rest = head.decode().rstrip().split("\r\n")
            headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in rest)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            given = self._answer(Request(line, headers, body))
            self.asked.set()
            if self.silent:
                continue
            writer.write(given)
            if not given.endswith(b"}"):
                # Half an answer, or none: it hangs up.
                writer.close()
                return

    def _answer(self, request: Request) -> bytes:
        if " /oauth/token " in request.line:
            self.tokens += 1
            return answer(200, {"access_token": f"token {self.tokens}"})
        self.requests.append(request)
        return self.script.pop(0) if self.script else answer(200, {"done": len(self.requests)})


def answer(status: int, content: dict[str, Any]) -> bytes:
    """An answer as it goes over the wire."""
    body = json.dumps(content)
    kind = "application/json" if status < 400 else "application/problem+json"
    return f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


@pytest.fixture
async def scripted() -> AsyncIterator[tuple[Scripted, str]]:
    """A door and its address."""
    door = Scripted()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await door.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield door, "http://{}:{}".format(*server.sockets[0].getsockname())
    server.close()
    for writer in door.writers:
        writer.close()


async def test_requests_share_a_token_and_a_connection(scripted: Any) -> None:
    door, address = scripted
    page: dict[str, int | str] = {"page.size": 5, "page.token": "a=="}
    async with Channel(address, "demo", "secret") as channel:
        assert await channel.post("/v1/customers", {"name": "王芳"}, key="k1") == {"done": 1}
        assert await channel.get("/v1/limits", **page) == {"done": 2}
    first, second = door.requests
    assert json.loads(first.body) == {"name": "王芳"}
    assert first.headers["idempotency-key"] == "k1"
    assert first.headers["authorization"] == second.headers["authorization"] == "Bearer token 1"
    assert second.line == "GET /v1/limits?page.size=5&page.token=a%3D%3D HTTP/1.1"
    assert "idempotency-key" not in second.headers
    assert (door.connections, door.tokens) == (1, 1)


@pytest.mark.parametrize(
    "doubtful",
    [
        answer(503, {"reason": "STORE_BUSY"}),
        answer(429, {"reason": "TOO_MANY_RUNS"}),
        b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
        b"",
    ],
    ids=["busy", "too fast", "half an answer", "hung up"],
)
async def test_what_is_in_doubt_is_sent_again_as_it_was(scripted: Any, doubtful: bytes) -> None:
    door, address = scripted
    door.script = [doubtful]
    async with Channel(address, "demo", "secret") as channel:
        assert await channel.post("/v1/accounts", {"product": "demand_deposit"}, key="k") == {"done": 2}
    first, second = door.requests
    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])


async def test_a_token_that_is_not_taken_any_more_is_renewed(scripted: Any) -> None:
    door, address = scripted
    door.script = [answer(401, {"reason": "UNAUTHENTICATED"})]
    async with Channel(address, "demo", "secret") as channel:
        await channel.get("/v1/limits")
    assert [request.headers["authorization"] for request in door.requests] == ["Bearer token 1", "Bearer token 2"]


async def test_a_refusal_is_raised_at_once(scripted: Any) -> None:
    door, address = scripted
    refusal = {"reason": "ACCOUNT_NOT_FOUND", "detail": "There is none.", "metadata": {"account_id": "acc_1"}}
    door.script = [answer(404, refusal)]
    async with Channel(address, "demo", "secret") as channel:
        with pytest.raises(Problem, match=r"404 ACCOUNT_NOT_FOUND: There is none\.") as raised:
            await channel.get("/v1/accounts/acc_1")
    assert (raised.value.status, raised.value.metadata) == (404, {"account_id": "acc_1"})
    assert len(door.requests) == 1


async def test_closing_breaks_off_what_is_under_way(scripted: Any) -> None:
    door, address = scripted
    door.silent = True
    connections = Connections(address, 1)
    asking = asyncio.create_task(connections.ask("GET", "/v1/limits", None, {}))
    await door.asked.wait()
    connections.close()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(DoorUnreachableError):
            await asking
