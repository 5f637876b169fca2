"""A small service that answers as a test tells it to, behind a real gRPC server, and the calls that reach it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from google.protobuf.message import Message

from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.refusals import Refusal, Unmet
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.contracts import Method, method_of
from zhongtai.runtime.security import Mint, SigningKeys, Verifier
from zhongtai.runtime.server import Server
from zhongtai.runtime.settings import Limits

CALLER = Caller("app", "client-1", frozenset({"credit.*"}))
GET = limit_pb2.GetLimitRequest(limit_id="lim_1")
HOLD = limit_pb2.HoldLimitRequest(request_id="1", limit_id="lim_1")
Answer = Callable[[Message, Call], Awaitable[Message]]


class LimitMustBeActive(Unmet):
    """The limit {limit_id} is frozen: ask the bank to unfreeze it.

    额度{limit_id}已冻结：请联系银行解冻。
    """

    limit_id: str


async def found(request: Message, call: Call) -> Message:
    """Answers the limit that is asked for."""
    return limit_pb2.GetLimitResponse(limit=limit_pb2.Limit(limit_id=request.limit_id))  # type: ignore[attr-defined]


def raising(*given: BaseException) -> Answer:
    """Raises these one after another, then answers."""
    left = list(given)

    async def answer(request: Message, call: Call) -> Message:
        if left:
            raise left.pop(0)
        return method_of(request).response_type()

    return answer


async def refusal_of(calls: Calls, request: Message, call: Call | None = None) -> Refusal:
    """What a call is refused with; fails where it is not."""
    with pytest.raises(Refusal) as failed:
        await calls.call(request, call or Call(CALLER))
    await calls.close()
    return failed.value


@dataclass
class Desk:
    """A service by the name of credit: what it was asked, and the answer it gives."""

    answer: Answer
    name: str = "credit"
    asked: list[tuple[Message, Call]] = field(default_factory=list)

    async def dispatch(self, method: Method, request: Message, call: Call) -> Message:
        self.asked.append((request, call))
        return await self.answer(request, call)


@dataclass
class Counter:
    """A desk behind its door, with what it takes to call it."""

    desk: Desk
    server: Server
    keys: SigningKeys
    clock: GivenClock

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def calls(self, **options: object) -> Calls:
        return Calls({}, {self.desk.name: self.address}, Mint(self.keys, self.clock).token, **options)  # type: ignore[arg-type]

    def bearer(self, caller: Caller = CALLER) -> tuple[str, str]:
        return "authorization", f"Bearer {Mint(self.keys, self.clock).token(caller)}"


@asynccontextmanager
async def opened_counter(answer: Answer, limits: Limits | None = None, name: str = "credit") -> AsyncIterator[Counter]:
    """A server on a free port until the block ends."""
    keys, clock, desk = SigningKeys.new(), GivenClock(), Desk(answer, name)
    server = Server(desk, 0, Verifier(keys, clock).verify, limits or Limits())
    await server.start()
    try:
        yield Counter(desk, server, keys, clock)
    finally:
        await server.stop()
