"""The event bus: one JetStream stream per source service, and the dead letters beside them.

JetStream carries events; it is never the system of record. Every stream can be deleted and is filled again from the
outboxes. Server 2.14 or later is needed: atomic batches (ADR-50) came with 2.12, the reset of a consumer (ADR-60) with
2.14.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError

from zhongtai.kernel.refusals import Unreachable
from zhongtai.runtime import contracts
from zhongtai.runtime.acknowledgements import Acknowledgements
from zhongtai.runtime.cloud_events import headers_of
from zhongtai.runtime.envelope import Envelope

log = logging.getLogger(__name__)

OLDEST_SERVER = (2, 14)
ANSWER_WITHIN_SECONDS = 5.0
SETTLE_PAUSE_SECONDS = 0.2
MOST_IN_A_BATCH = 1000  # ADR-50: a server takes no larger atomic batch
# The server makes and removes a folder for each atomic batch, which costs it as much as some twenty synced messages.
MOST_IN_A_ROW = 16
DEAD_LETTERS = "zhongtai_dead_letters"
REDELIVERIES = "zhongtai_redeliveries"

_LAST_SEQUENCE = "Nats-Expected-Last-Sequence"
_LAST_EVENT = "Nats-Expected-Last-Msg-Id"
_NO_RESPONDERS = "503"
_WRONG_LAST = (10070, 10071)  # another event than the expected one, another place
_NAME_IN_USE = 10058
_CONTAINS_DUPLICATE = 10201


class BusUnreachable(Unreachable):
    """The event bus does not answer ({detail}): events wait in the outbox and go out when it is back.

    事件总线暂无响应（{detail}）：事件保留在发件箱，恢复后自动发送。
    """

    detail: str


class OutOfStep(Exception):
    """The stream does not end where the publisher thought: another publisher was there, or the stream is a new one."""


class NotTogether(Exception):
    """Several events could not be stored together; one by one, each is stored, is there already, or is out of step."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a stream keeps, on how many servers; 0 or -1 means no limit of that sort, as in JetStream itself.

    What is dropped is dropped from the bus only. A service that was away for longer than `max_age_seconds`, or is new,
    is brought up to date from the outboxes with `zhongtai data replay`.
    """

    replicas: int = 1
    max_age_seconds: float = 30 * 24 * 3600.0
    max_bytes: int = -1
    duplicate_window_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class End:
    """The last event of a stream: its place in the stream, its place in the outbox of its source, and its id.

    `outbox` is None where the stream cannot tell, because it has dropped all it held.
    """

    stream: int
    outbox: int | None
    event_id: str = ""


def stream_of(source: str) -> str:
    """The stream that holds the events of one source service."""
    return f"zhongtai_{source}"


def subjects_of(source: str) -> str:
    """The subjects of one source service, as a pattern."""
    return f"zhongtai.{source}.v1.>"


class Bus:
    """A connection to NATS that comes back by itself, for ever, and the streams on it.

    `connected` is set while there is a connection. Callbacks given to `on_connect` run on the loop thread each time
    it is back: whatever was asked of the server before is forgotten by then.
    """

    def __init__(self, client: Client, limits: Limits) -> None:
        self.client = client
        self.limits = limits
        self.streams: JetStreamContext = client.jetstream()
        self.acknowledgements = Acknowledgements(client)
        self.connected = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._inbox = ""
        self._asked = 0
        self._awaited: dict[str, asyncio.Future[Msg]] = {}

    @classmethod
    async def connect(
        cls,
        servers: str | Sequence[str],
        *,
        token: str = "",
        credentials: Path | None = None,
        tls: SSLContext | None = None,
        limits: Limits | None = None,
        within: float = 30.0,
    ) -> "Bus":
        """Connects to one of the servers and sees to the streams of all services.

        `token` is what an embedded broker asks for, `credentials` a NATS credentials file, `tls` the context of `tls://`
        addresses. Raises BusUnreachable where no server answers within so many seconds, or an answering one is too old.
        """
        bus = cls(Client(), limits or Limits())
        known_by = {"token": token or None, "user_credentials": str(credentials) if credentials else None, "tls": tls}
        try:
            async with asyncio.timeout(within):
                await bus._open([servers] if isinstance(servers, str) else list(servers), known_by)
                bus._demand_version()
                await bus._settle()
        except (TimeoutError, NatsError, OSError) as failure:
            await bus.close()
            raise BusUnreachable(detail=str(failure) or "no answer in time") from failure
        except BusUnreachable:
            await bus.close()
            raise
        return bus

    async def close(self) -> None:
        """Closes the connection; what was published and acknowledged is on disk already."""
        self.connected.clear()
        await self.acknowledgements.close()
        if not self.client.is_closed:
            await self.client.close()

    def on_connect(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back on the loop thread whenever the connection is back; returns what takes the callback off again."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def ensure_streams(self) -> None:
        """Makes every stream of the platform as the limits say, or brings the ones that are there to them."""
        for source in contracts.PACKAGES:
            await self._ensure_source(source)
        await self._ensure_dead_letters()

    async def _settle(self) -> None:
        """Sees to the streams as soon as the server can: one that has just started may have no leader for them yet."""
        while True:
            try:
                await self.connected.wait()
                return await self.ensure_streams()
            except (NatsError, TimeoutError) as failure:
                log.info("the event bus has no streams yet: %s", failure)
                await asyncio.sleep(SETTLE_PAUSE_SECONDS)

    async def _ensure_source(self, source: str) -> None:
        await self._ensure(
            api.StreamConfig(
                name=stream_of(source),
                description=f"events of {source}",
                subjects=[subjects_of(source)],
                storage=api.StorageType.FILE,
                retention=api.RetentionPolicy.LIMITS,
                discard=api.DiscardPolicy.OLD,
                num_replicas=self.limits.replicas,
                max_age=self.limits.max_age_seconds,
                max_bytes=self.limits.max_bytes,
                duplicate_window=self.limits.duplicate_window_seconds,
                allow_atomic=True,
            )
        )

    async def end(self, source: str) -> End:
        """Where the stream of a source ends now; the stream is made where it is not there. Raises BusUnreachable."""
        try:
            try:
                info = await self.streams.stream_info(stream_of(source))
            except NotFoundError:
                await self._ensure_source(source)
                return End(stream=0, outbox=0)
            if not info.state.last_seq:
                return End(stream=0, outbox=0)
            try:
                last = await self.streams.get_last_msg(stream_of(source), subjects_of(source))
            except NotFoundError:
                return End(stream=info.state.last_seq, outbox=None)
        except (NatsError, TimeoutError, OSError) as failure:
            raise _unreachable(failure) from failure
        headers = last.headers or {}
        sequence = headers.get("ce-sequence", "")
        return End(info.state.last_seq, int(sequence) if sequence else None, headers.get("ce-id", ""))

    async def publish(self, source: str, envelopes: Sequence[Envelope], *, after: int) -> int:
        """Stores the events of one source as the next ones of its stream, in order; returns the stream's new end.

        `after` is the stream's end as the caller knows it, which fences out any other publisher. Raises OutOfStep
        where the stream ends elsewhere, NotTogether where it does for one of several events or has one already, and
        BusUnreachable where the outcome is unknown: the stream's end then tells what became of them. A batch is stored
        whole or not at all, a few events perhaps only up to the one that was refused.
        """
        assert 0 < len(envelopes) <= MOST_IN_A_BATCH, "a batch holds one to a thousand events"
        if not self.client.is_connected:
            raise BusUnreachable(detail="not connected")
        if len(envelopes) <= MOST_IN_A_ROW:
            return await self._publish_in_a_row(envelopes, after)
        return await self._publish_as_one(envelopes, after)

    async def _publish_in_a_row(self, envelopes: Sequence[Envelope], after: int) -> int:
        """Sends a few events in one write, and the last one answers for all.

        Each but the first is fenced by the event that must be right before it. A place in the stream would not do: the
        second of two could take the place that the first was refused for.
        """
        fence = {_LAST_SEQUENCE: str(after)}
        for envelope in envelopes[:-1]:
            await self._send(envelope, fence)
            fence = {_LAST_EVENT: envelope.event_id}
        last = envelopes[-1]
        alone = len(envelopes) == 1
        try:
            end = await self._request(last.subject, last.payload, headers_of(last) | fence)
        except OutOfStep as refusal:
            raise refusal if alone else NotTogether(str(refusal)) from None
        if not alone and end != after + len(envelopes):
            raise NotTogether(f"the last of the events is there already, at {end}")
        return end

    async def _publish_as_one(self, envelopes: Sequence[Envelope], after: int) -> int:
        """Sends many events as one atomic batch, which the server syncs once."""
        batch = self.client.new_inbox().rpartition(".")[2]
        extra = {_LAST_SEQUENCE: str(after), "Nats-Batch-Id": batch}
        for number, envelope in enumerate(envelopes[:-1], start=1):
            await self._send(envelope, extra | {"Nats-Batch-Sequence": str(number)})
            extra = {"Nats-Batch-Id": batch}
        last = envelopes[-1]
        end = {"Nats-Batch-Sequence": str(len(envelopes)), "Nats-Batch-Commit": "1"}
        return await self._request(last.subject, last.payload, headers_of(last) | extra | end)

    async def _send(self, envelope: Envelope, extra: dict[str, str]) -> None:
        try:
            await self.client.publish(envelope.subject, envelope.payload, headers=headers_of(envelope) | extra)
        except NatsError as failure:
            raise _unreachable(failure) from failure

    async def store(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        """Stores one message, whatever its stream, and returns its number there. Raises BusUnreachable."""
        return await self._request(subject, payload, headers)

    async def ask(self, subject: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Calls the JetStream API (`CONSUMER.RESET....`) where nats-py has no words for what we need.

        Raises nats.js.errors.APIError with the server's refusal, and BusUnreachable.
        """
        try:
            answer = await self._answer(f"{api.DEFAULT_PREFIX}.{subject}", json.dumps(request).encode())
        except NoRespondersError as failure:
            raise _unreachable(failure) from failure
        if "error" in answer:
            raise APIError.from_error(answer["error"])
        return answer

    async def _open(self, servers: list[str], known_by: dict[str, Any]) -> None:
        async def back() -> None:
            self.connected.set()
            log.info("the event bus is back")
            for listener in tuple(self._listeners):
                listener()

        async def lost() -> None:
            if self.connected.is_set():
                log.warning("the event bus is lost: events wait in the outboxes")
            self.connected.clear()
            for awaited in self._awaited.values():
                if not awaited.done():
                    awaited.set_exception(BusUnreachable(detail="the connection was lost"))

        async def failed(failure: Exception) -> None:
            log.debug("nats: %s", failure)

        await self.client.connect(
            servers=servers,
            **known_by,
            name="zhongtai",
            max_reconnect_attempts=-1,
            reconnect_time_wait=cast(int, 0.1),
            connect_timeout=2,
            ping_interval=10,
            reconnected_cb=back,
            disconnected_cb=lost,
            error_cb=failed,
        )
        self._inbox = self.client.new_inbox()
        await self.client.subscribe(f"{self._inbox}.*", cb=self._answered)
        self.connected.set()

    def _demand_version(self) -> None:
        version = self.client.connected_server_version
        if (version.major, version.minor) < OLDEST_SERVER:
            raise BusUnreachable(detail=f"nats-server {version.major}.{version.minor} is older than 2.14")

    async def _ensure_dead_letters(self) -> None:
        common = api.StreamConfig(
            storage=api.StorageType.FILE, num_replicas=self.limits.replicas, duplicate_window=120.0
        )
        await self._ensure(
            common.evolve(
                name=DEAD_LETTERS,
                description="events that could not be applied, until they are redelivered or discarded",
                subjects=["zhongtai.dead_letters.*"],
            )
        )
        await self._ensure(
            common.evolve(
                name=REDELIVERIES,
                description="dead letters on their way back to the service that could not apply them",
                subjects=["zhongtai.redeliveries.*"],
                retention=api.RetentionPolicy.WORK_QUEUE,
            )
        )

    async def _ensure(self, config: api.StreamConfig) -> None:
        try:
            await self.streams.add_stream(config)
        except APIError as refusal:
            if refusal.err_code != _NAME_IN_USE:
                raise
            await self.streams.update_stream(config)

    async def _answered(self, message: Msg) -> None:
        awaited = self._awaited.get(message.subject.rpartition(".")[2])
        if awaited and not awaited.done():
            awaited.set_result(message)

    async def _answer(self, subject: str, payload: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The reply to a request, or BusUnreachable as soon as the connection is lost: no answer comes after that.

        nats-py has requests of its own; they take several turns of the loop each, and wait for their time to run out.
        """
        if not self.connected.is_set():
            raise BusUnreachable(detail="not connected")
        self._asked += 1
        number = str(self._asked)
        awaited = self._awaited[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                await self.client.publish(subject, payload, reply=f"{self._inbox}.{number}", headers=headers)
                message = await awaited
        except (NatsError, TimeoutError, OSError) as failure:
            raise _unreachable(failure) from failure
        finally:
            del self._awaited[number]
        if not message.data and (message.headers or {}).get("Status") == _NO_RESPONDERS:
            raise NoRespondersError
        return cast(dict[str, Any], json.loads(message.data))

    async def _request(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        try:
            answer = await self._answer(subject, payload, headers)
        except NoRespondersError as failure:
            raise OutOfStep(f"no stream takes {subject}") from failure
        error = answer.get("error")
        if not error:
            return int(answer["seq"])
        if error.get("err_code") in _WRONG_LAST:
            raise OutOfStep(error["description"])
        if error.get("err_code") == _CONTAINS_DUPLICATE:
            raise NotTogether(error["description"])
        raise BusUnreachable(detail=str(error.get("description")))


def _unreachable(failure: BaseException) -> BusUnreachable:
    return BusUnreachable(detail=str(failure) or type(failure).__name__)
