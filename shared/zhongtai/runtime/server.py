"""The gRPC door of a service, made from its descriptors: no generated stub, no hand-written route.

Every request passes, in this order: room (concurrency) → who calls → deadline → body (known fields only) → the
service's own chain. What is refused before the service's chain has touched no store.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts, logs
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import REPLY_BYTES, STATUS_KEY, Answering
from zhongtai.runtime.contracts import Method, Stream
from zhongtai.runtime.errors import (
    DeadlineExceeded,
    MethodUnknown,
    ServiceUnreachable,
    StreamIdle,
    StreamTooLong,
    TooManyRequests,
    grpc_code,
    status_of,
)
from zhongtai.runtime.headers import LANGUAGE, call_of, language_of, token_in
from zhongtai.runtime.settings import Limits
from zhongtai.runtime.streams import MALFORMED, Flow, Told, requests_in, responses_of
from zhongtai.runtime.telemetry import span, trace_id, trace_of
from zhongtai.runtime.violations import RequestInvalid, unknown_fields

STOP_WITHIN_S = 3.0
BUSY_RETRY_S = 0.1
# A deadline that has passed is sent all the same, as one nanosecond, which the core of gRPC rounds up to a millisecond:
# with so little left nothing is begun, so that a call that came too late leaves no trace, however fast we are.
PASSED_S = 0.002
PREFIX = "/zhongtai."
Behaviour = Callable[[bytes, grpc.aio.ServicerContext], Any]
Streaming = Callable[[object, grpc.aio.ServicerContext], Any]


class Named(Answering, Protocol):
    """A service that answers, by its name."""

    @property
    def name(self) -> str:
        """The name of the service, `credit`."""


class Server:
    """Serves RPCs on a port: by default those of the service, or the `methods` given (the gateway serves all)."""

    def __init__(
        self,
        service: Named,
        port: int,
        authenticate: Callable[[str], Caller],
        limits: Limits,
        *,
        host: str = "127.0.0.1",
        methods: Sequence[Method] | None = None,
    ) -> None:
        """`authenticate` turns a bearer token into its caller or raises `TokenInvalid`; port 0 takes a free one."""
        self._service = service
        self._address = f"{host}:{port}"
        self._authenticate = authenticate
        self._limits = limits
        self._methods = {method.path: method for method in (methods or contracts.methods(service.name))}
        self._streams = {stream.path: stream for stream in map(contracts.stream_of, self._methods.values()) if stream}
        self._running = 0
        self._streaming = 0
        self._patience: set[asyncio.Timeout] = set()
        self._stopping = False
        self._server: grpc.aio.Server | None = None
        self._health = health.aio.HealthServicer()
        self.port = port

    async def start(self) -> int:
        """Opens the port and answers which it is; raises RuntimeError where it is taken."""
        self._server = grpc.aio.server(options=self._options())
        self._server.add_generic_rpc_handlers((_Door(self, self._methods, self._streams),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (*self._names(), health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self.port = self._server.add_insecure_port(self._address)
        await self._server.start()
        for name in ("", *self._names()):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return self.port

    async def stop(self) -> None:
        """Tells health checks to go elsewhere, takes no new calls, and gives those under way three seconds.

        Streams end as soon as what they brought is answered: what they would still bring is for another process.
        """
        if self._server:
            self._stopping = True
            for patience in self._patience:
                if not patience.expired():
                    patience.reschedule(asyncio.get_running_loop().time())
            await self._health.enter_graceful_shutdown()
            await self._server.stop(STOP_WITHIN_S)
            self._server = None

    def _options(self) -> tuple[tuple[str, int], ...]:
        return (
            ("grpc.max_receive_message_length", self._limits.body_bytes),
            ("grpc.max_send_message_length", REPLY_BYTES),
            ("grpc.so_reuseport", 0),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
        )

    def _names(self) -> tuple[str, ...]:
        services = (method.descriptor.containing_service.full_name for method in self._methods.values())
        return tuple(dict.fromkeys(services))

    def behaviour(self, path: str) -> Behaviour:
        """What answers calls of that path."""
        method = self._methods.get(path)

        async def answer(body: bytes, context: grpc.aio.ServicerContext) -> Message:
            headers = _headers(context)
            if self._running >= self._limits.concurrent_calls:
                await _refuse(context, TooManyRequests(retry_after_seconds=BUSY_RETRY_S), headers)
            self._running += 1
            try:
                if method is None:
                    raise MethodUnknown(method=path.removeprefix("/").replace("/", "."))
                return await self._answer(method, body, headers, context.time_remaining())
            except Refusal as refusal:
                await _refuse(context, refusal, headers)
            finally:
                self._running -= 1

        return answer

    def streaming(self, path: str) -> Streaming:
        """What answers streams of that path."""
        stream = self._streams[path]

        async def answer(_: object, context: grpc.aio.ServicerContext) -> None:
            headers = _headers(context)
            if self._streaming >= self._limits.concurrent_streams:
                await _refuse(context, TooManyRequests(retry_after_seconds=BUSY_RETRY_S), headers)
            self._streaming += 1
            try:
                await self._answer_stream(stream, headers, context)
            except Refusal as refusal:
                await _refuse(context, refusal, headers)
            finally:
                self._streaming -= 1

        return answer

    async def _answer_stream(self, stream: Stream, headers: dict[str, str], context: grpc.aio.ServicerContext) -> None:
        remaining = context.time_remaining()
        deadline = None if remaining is None else asyncio.get_running_loop().time() + remaining
        given = call_of(headers, self._authenticate(token_in(headers)), deadline)
        with span(stream.full_name, given, "SERVER") as call:
            headers.update(call.trace)
            logs.current_trace.set(trace_id(call.trace))
            await self._flow(stream, headers, call, context)

    async def _flow(
        self, stream: Stream, headers: dict[str, str], given: Call, context: grpc.aio.ServicerContext
    ) -> None:
        """Answers what a stream brings, each request with its own time, within that of the stream."""
        loop, longest = asyncio.get_running_loop(), self._limits.longest_call_seconds
        ends = math.inf if given.deadline is None else given.deadline

        async def batches() -> AsyncIterator[Sequence[Message]]:
            left = self._limits.stream_requests
            while (body := await self._next_of(context)) is not None:
                # A stream may outlive the token that opened it: who calls is asked again with each message.
                self._authenticate(token_in(headers))
                batch = requests_in(stream, body)
                yield batch[:left]
                left -= len(batch)
                if left < 0:
                    raise StreamTooLong(limit_requests=self._limits.stream_requests)

        async def answer(request: Message) -> Message:
            deadline = min(loop.time() + longest, ends)
            with span(stream.of.full_name, replace(given, deadline=deadline), "SERVER") as call:
                return await self._handle(stream.of, _known(request), call)

        async def tell(told: Told) -> None:
            for message in responses_of(stream, told, given.language, trace_id(given.trace)):
                await context.write(message.SerializeToString())

        await Flow(answer, tell, self._limits.stream_window).run(batches())

    async def _next_of(self, context: grpc.aio.ServicerContext) -> bytes | None:
        """The next message of a stream; None behind the last.

        Raises `StreamIdle` where it takes too long, `ServiceUnreachable` where the server stops.
        """
        patience = asyncio.timeout(0 if self._stopping else self._limits.stream_idle_seconds)
        self._patience.add(patience)
        try:
            async with patience:
                body = await context.read()
        except TimeoutError:
            if self._stopping:
                raise ServiceUnreachable(service=self._service.name) from None
            raise StreamIdle(idle_seconds=self._limits.stream_idle_seconds) from None
        finally:
            self._patience.discard(patience)
        return None if body is grpc.aio.EOF else bytes(body)

    async def _answer(self, method: Method, body: bytes, headers: dict[str, str], remaining: float | None) -> Message:
        """The reply, or a refusal raised; a defect is written down and told as `Internal`."""
        caller = self._authenticate(token_in(headers))
        longest = self._limits.longest_call_seconds
        allowed = longest if remaining is None else min(remaining, longest)
        if allowed <= PASSED_S:
            raise DeadlineExceeded
        deadline = asyncio.get_running_loop().time() + allowed
        with span(method.full_name, call_of(headers, caller, deadline), "SERVER") as call:
            # A refusal names the trace its span belongs to, also where this process began it.
            headers.update(call.trace)
            logs.current_trace.set(trace_id(call.trace))
            return await self._handle(method, _parsed(method, body), call)

    async def _handle(self, method: Method, request: Message, call: Call) -> Message:
        try:
            return await self._service.dispatch(method, request, call)
        except Refusal:
            raise
        except Exception as error:
            raise logs.defect(error, method.full_name, call) from None


class _Door(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc ships no types
    """Finds what answers a path; paths outside the platform are left to other handlers (health, reflection)."""

    def __init__(self, server: Server, paths: Iterable[str], streams: Iterable[str]) -> None:
        self._server = server
        self._known = {path: self._handler(path) for path in paths}
        self._known |= {path: grpc.stream_stream_rpc_method_handler(server.streaming(path)) for path in streams}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The handler of one call; an unknown path of the platform gets one that refuses."""
        path: str = handler_call_details.method
        if not path.startswith(PREFIX):
            return None
        return self._known.get(path) or self._handler(path)

    def _handler(self, path: str) -> grpc.RpcMethodHandler:
        # The body comes as bytes: where it is no message, gRPC itself would answer with a defect.
        return grpc.unary_unary_rpc_method_handler(self._server.behaviour(path), response_serializer=_serialised)


def _serialised(message: Message) -> bytes:
    return message.SerializeToString()


def _headers(context: grpc.aio.ServicerContext) -> dict[str, str]:
    """The metadata of a call that is text, by lower-case name."""
    return {name: value for name, value in context.invocation_metadata() or () if isinstance(value, str)}


def _parsed(method: Method, body: bytes) -> Message:
    """The request; raises `RequestInvalid` where it is no such message or holds what the contract does not have."""
    request = method.request_type()
    try:
        request.ParseFromString(body)
    except DecodeError:
        raise RequestInvalid(violations=(MALFORMED,)) from None
    return _known(request)


def _known(request: Message) -> Message:
    """The request; raises `RequestInvalid` where it holds what the contract does not have."""
    if found := unknown_fields(request):
        raise RequestInvalid(violations=found)
    return request


async def _refuse(context: grpc.aio.ServicerContext, refusal: Refusal, headers: dict[str, str]) -> NoReturn:
    """Ends the call with the refusal as google.rpc.Status."""
    language = language_of(headers.get(LANGUAGE, ""))
    status = status_of(refusal, language, trace_id(trace_of(headers)))
    await context.abort(grpc_code(refusal), status.message, ((STATUS_KEY, status.SerializeToString()),))
    raise AssertionError("abort raises")
