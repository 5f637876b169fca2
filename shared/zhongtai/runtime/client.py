"""The one way to call an RPC, wherever the service is: in this process or over gRPC.

In process the message is copied and goes through the service's own chain; over the wire it goes the same way with its
deadline, language, business date, trace and caller beside it. What comes back is a reply or a refusal of the same kind.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import grpc
from google.protobuf.message import Message
from google.rpc import status_pb2

from zhongtai.kernel.refusals import Refusal, Unreachable
from zhongtai.runtime import contracts, logs
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method, Stream
from zhongtai.runtime.errors import BODY_BYTES, DeadlineExceeded, ServiceUnreachable, refusal_of
from zhongtai.runtime.headers import headers_of
from zhongtai.runtime.streams import Batches, Flow, Tell, messages_of, together, told_in
from zhongtai.runtime.telemetry import span

STATUS_KEY = "grpc-status-details-bin"
LONGEST_CALL_S = 30.0
TRIES = 3
FIRST_PAUSE_S = 0.05
# A page of a thousand records is larger than any request.
REPLY_BYTES = 4 * BODY_BYTES

CHANNEL_OPTIONS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", REPLY_BYTES),
    ("grpc.lb_policy_name", "round_robin"),
    # Whether a request may be repeated is the contract's to say, not the channel's.
    ("grpc.enable_retries", 0),
)


class Answering(Protocol):
    """A service mounted in this process."""

    async def dispatch(self, method: Method, request: Message, call: Call) -> Message:
        """Answers one request, or raises a refusal."""


class Calls:
    """Calls RPCs of services mounted here (`services`) or listening elsewhere (`addresses`, as `host:port`).

    `token` gives the bearer token that tells another process who is calling: the caller of the call itself, so that
    scopes and kept replies are the same wherever the service is placed.
    """

    def __init__(
        self,
        services: Mapping[str, Answering],
        addresses: Mapping[str, str],
        token: Callable[[Caller], str] | None = None,
        *,
        body_bytes: int = BODY_BYTES,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._services = services
        self._addresses = addresses
        self._token = token
        self._body_bytes = body_bytes
        self._options = (*CHANNEL_OPTIONS, ("grpc.max_send_message_length", body_bytes))
        self._pause = pause
        self._chance = chance
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._stubs: dict[str, Callable[..., Awaitable[Message]]] = {}

    async def call(self, request: Message, call: Call) -> Message:
        """Sends the request to the RPC that takes it and gives the reply.

        Raises the service's refusal; `DeadlineExceeded` and `Unreachable` where the outcome is not known; `Internal`
        for a defect on the other side.
        """
        method = contracts.method_of(request)
        service = self._services.get(method.service)
        with span(method.full_name, call, "INTERNAL" if service else "CLIENT") as spanned:
            if service:
                return await _mounted(service, method, request, spanned)
            return await self._remote(method, request, spanned)

    async def stream(self, of: type[Message], batches: Batches, tell: Tell, call: Call) -> None:
        """Sends requests of one kind as a stream; `tell` is given what became of them, with their ids, in their order.

        Each is answered as `call` would answer it. Raises what ends the stream before its time: `StreamTooLong`,
        `StreamIdle`, and whatever refuses a call before its service sees it. What was not told by then is not known,
        and is sent again with the same request ids. LookupError where the contract has no stream of such requests.
        """
        method = contracts.method_of(of)
        stream = contracts.stream_of(method)
        if stream is None:
            raise LookupError(f"{method.full_name} takes no stream of its requests")
        service = self._services.get(method.service)
        with span(stream.full_name, call, "INTERNAL" if service else "CLIENT") as spanned:
            if service:
                mounted = service
                await Flow(lambda request: _mounted(mounted, method, request, spanned), tell).run(batches)
            else:
                await self._remote_stream(stream, batches, tell, spanned)

    async def close(self) -> None:
        """Closes every channel; calls under way are cancelled."""
        channels, self._channels, self._stubs = list(self._channels.values()), {}, {}
        await asyncio.gather(*(channel.close() for channel in channels))

    async def _remote(self, method: Method, request: Message, call: Call) -> Message:
        """Sends, and sends again where the contract makes it safe and the service was not there."""
        if method.service not in self._addresses:
            raise ServiceUnreachable(service=method.service)
        loop = asyncio.get_running_loop()
        deadline = call.deadline if call.deadline is not None else loop.time() + LONGEST_CALL_S
        tries = TRIES if may_repeat(method, request) else 1
        for attempt in range(1, tries + 1):
            remaining = deadline - loop.time()
            if remaining <= 0:
                raise DeadlineExceeded
            try:
                return await self._send(method, request, call, remaining)
            except Unreachable:
                # Full jitter keeps the callers of a service that comes back from arriving all at once.
                pause = FIRST_PAUSE_S * 2**attempt * self._chance()
                if attempt == tries or loop.time() + pause >= deadline:
                    raise
                await self._pause(pause)
        raise AssertionError("the last try answers or raises")

    async def _send(self, method: Method, request: Message, call: Call, remaining: float) -> Message:
        token = self._token(call.caller) if self._token else ""
        try:
            return await self._stub(method)(request, timeout=remaining, metadata=headers_of(call, token))
        except grpc.aio.AioRpcError as error:
            raise _refusal(error, method) from None

    async def _remote_stream(self, stream: Stream, batches: Batches, tell: Tell, call: Call) -> None:
        method = stream.of
        if method.service not in self._addresses:
            raise ServiceUnreachable(service=method.service)
        remaining = None if call.deadline is None else call.deadline - asyncio.get_running_loop().time()
        token = self._token(call.caller) if self._token else ""
        opened = self._channel(method).stream_stream(
            stream.path,
            request_serializer=stream.request_type.SerializeToString,
            response_deserializer=stream.response_type.FromString,
        )(timeout=remaining, metadata=headers_of(call, token))
        try:
            async with together() as group:
                group.create_task(_send(opened, stream, batches, self._body_bytes))
                async for message in opened:
                    await tell(told_in(message, method.service))
        except grpc.aio.AioRpcError as error:
            raise _refusal(error, method) from None
        finally:
            opened.cancel()

    def _stub(self, method: Method) -> Callable[..., Awaitable[Message]]:
        if method.path not in self._stubs:
            self._stubs[method.path] = self._channel(method).unary_unary(
                method.path,
                request_serializer=method.request_type.SerializeToString,
                response_deserializer=method.response_type.FromString,
            )
        return self._stubs[method.path]

    def _channel(self, method: Method) -> grpc.aio.Channel:
        if method.service not in self._channels:
            address = self._addresses[method.service]
            self._channels[method.service] = grpc.aio.insecure_channel(address, options=self._options)
        return self._channels[method.service]


def may_repeat(method: Method, request: Message) -> bool:
    """True where sending a request twice does no more than sending it once: it reads, or it has a request id."""
    return method.reads or bool(getattr(request, "request_id", ""))


async def _mounted(service: Answering, method: Method, request: Message, call: Call) -> Message:
    """Calls a service in this process; the copy keeps either side from changing the other's message."""
    copy = method.request_type()
    copy.CopyFrom(request)
    try:
        return await service.dispatch(method, copy, call)
    except Refusal:
        raise
    except Exception as error:
        raise logs.defect(error, method.full_name, call) from None


async def _send(opened: Any, stream: Stream, batches: Batches, body_bytes: int) -> None:
    try:
        async for batch in batches:
            for message in messages_of(stream, batch, body_bytes):
                await opened.write(message)
        await opened.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        # The other side has ended the stream: whoever reads it is told why.
        return


def _refusal(error: grpc.aio.AioRpcError, method: Method) -> Refusal:
    """What a failed call means; details that contradict the code were not written by a service of ours."""
    code: int = error.code().value[0]
    details: Any = dict(error.trailing_metadata() or ()).get(STATUS_KEY)
    status = status_pb2.Status.FromString(details) if isinstance(details, bytes) else status_pb2.Status()
    return refusal_of(status if status.code == code else status_pb2.Status(code=code), method.service)
