"""A stream of the requests of one RPC: each is answered as if it had come alone, and told in the order they came.

Requests of one stream are under way side by side, so that they share commits as those of independent callers do. A
window bounds them: where it is full, nothing is read, and whoever sends has to wait. A contract declares such a stream
by one option, `stream_of`; what an answer is, the RPC alone decides.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import DecodeError, Message

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.contracts import Stream
from zhongtai.runtime.errors import BODY_BYTES, refusal_of, status_of
from zhongtai.runtime.violations import RequestInvalid, Violation, unknown_here

WINDOW = 256

# What became of one request, and of several with their ids.
Outcome = Message | Refusal
Told = Sequence[tuple[str, Outcome]]
Batches = AsyncIterable[Sequence[Message]]
Answer = Callable[[Message], Awaitable[Message]]
Tell = Callable[[Told], Awaitable[None]]


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that end together: where one fails, the others are cancelled, and its failure is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


class Flow:
    """One stream on its way: requests in, outcomes out in the same order, at most `window` of them in between."""

    def __init__(self, answer: Answer, tell: Tell, window: int = WINDOW) -> None:
        """`answer` gives a reply or raises a refusal; `tell` is given outcomes, as many at once as there are."""
        self._answer = answer
        self._tell = tell
        self._room = asyncio.Semaphore(window)
        self._under_way: deque[tuple[str, asyncio.Task[Outcome]]] = deque()
        self._moved = asyncio.Event()
        self._read = False

    async def run(self, batches: Batches) -> None:
        """Answers everything the batches hold.

        Where they end by a refusal, what came before it is answered and told all the same; then it is raised.
        """
        ended: Refusal | None = None
        async with together() as group:
            group.create_task(self._tell_all())
            try:
                async for batch in batches:
                    for request in batch:
                        await self._room.acquire()
                        task = group.create_task(self._outcome(request))
                        task.add_done_callback(self._wake)
                        self._under_way.append((str(getattr(request, "request_id", "")), task))
            except Refusal as refusal:
                ended = refusal
            self._read = True
            self._moved.set()
        if ended is not None:
            raise ended

    async def _outcome(self, request: Message) -> Outcome:
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return refusal

    def _wake(self, task: asyncio.Task[Outcome]) -> None:
        _ = task
        self._moved.set()

    async def _tell_all(self) -> None:
        """Tells the outcomes that are there and have none before them that is not."""
        while not self._read or self._under_way:
            await self._moved.wait()
            self._moved.clear()
            ready = list(self._ready())
            if ready:
                # Room is made when they are told: who does not listen is not worked for.
                await self._tell(ready)
                for _ in ready:
                    self._room.release()

    def _ready(self) -> Iterator[tuple[str, Outcome]]:
        while self._under_way and self._under_way[0][1].done():
            request_id, task = self._under_way.popleft()
            yield request_id, task.result()


def requests_in(stream: Stream, body: bytes) -> Sequence[Message]:
    """The requests a message of a stream holds; raises `RequestInvalid` where it is no such message, or too long.

    What each request may hold is looked at when it is answered.
    """
    message = stream.request_type()
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise RequestInvalid(violations=(MALFORMED,)) from None
    if found := tuple(unknown_here(message)):
        raise RequestInvalid(violations=found)
    if len(message.requests) > stream.at_once:
        raise RequestInvalid(violations=(_too_many(stream.at_once),))
    requests: Sequence[Message] = message.requests
    return requests


def messages_of(stream: Stream, requests: Sequence[Message], body_bytes: int) -> Iterator[Message]:
    """Messages that hold the requests in order, each as many as it may, by count and by bytes."""
    message, size = stream.request_type(), 0
    for request in requests:
        length = request.ByteSize() + 16
        if message.requests and (len(message.requests) == stream.at_once or size + length > body_bytes):
            yield message
            message, size = stream.request_type(), 0
        message.requests.append(request)
        size += length
    if message.requests:
        yield message


def responses_of(stream: Stream, told: Told, language: str, trace_id: str) -> Iterator[Message]:
    """Messages that hold the outcomes in order, none much longer than a request may be."""
    message, size = stream.response_type(), 0
    for request_id, outcome in told:
        one = message.outcomes.add(request_id=request_id)
        if isinstance(outcome, Refusal):
            one.refusal.CopyFrom(status_of(outcome, language, trace_id))
        else:
            one.response.CopyFrom(outcome)
        size += one.ByteSize()
        if size > BODY_BYTES:
            yield message
            message, size = stream.response_type(), 0
    if message.outcomes:
        yield message


def told_in(message: Any, service: str) -> Told:
    """The outcomes that a message of a service's stream holds."""
    return [
        (one.request_id, refusal_of(one.refusal, service) if one.HasField("refusal") else one.response)
        for one in message.outcomes
    ]


MALFORMED = Violation("", "MALFORMED", "the body is not this request's message", "报文无法解析为该请求")


def _too_many(most: int) -> Violation:
    return Violation("requests", "REPEATED_MAX_ITEMS", f"must have at most {most} items", f"不得超过{most}项")
