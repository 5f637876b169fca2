"""The consumers: bring the events of every source to one service, in order, each acting once.

One durable pull consumer stands on each source stream for each service that listens to it. Messages are acknowledged
after the commit; the inbox makes a second delivery harmless. Where a service runs more than once, the server gives a
consumer's messages to one of them (a pinned client, ADR-42), so that the order of a key is kept; when another takes
over, or whenever a delivery is missing, the consumer goes back to its first unacknowledged message (a reset, ADR-60)
and not past it.

An event that cannot be applied goes to the dead letters with its reason, and the ones behind it go on.
"""

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from zhongtai.kernel.refusals import Contended, Refusal, Unreachable
from zhongtai.runtime import contracts
from zhongtai.runtime.bus import REDELIVERIES, Bus, BusUnreachable, stream_of
from zhongtai.runtime.cloud_events import envelope_of
from zhongtai.runtime.dead_letters import bury
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.service import EventMustWait

log = logging.getLogger(__name__)

BATCH = 200
PULL_LASTS_SECONDS = 5.0
PIN_LASTS_SECONDS = 12.0  # a pinned client that did not pull for so long is taken for dead
ACK_WAIT_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 2.0
GROUP = "apply"
EVERY = "*"


class Listens(Protocol):
    """What the consumers need of a service."""

    @property
    def name(self) -> str:
        """The service's name, `reporting`."""

    @property
    def subjects(self) -> set[str]:
        """The events it wants, by full name; "*" means every event."""

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
        """Applies events, each once; one answer each: None, or what went wrong."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often an event is tried in place before it becomes a dead letter, with pauses that double from the first.

    A lost race is the event's own trouble. A store that does not answer is not: that is waited for, about five
    minutes, and from the fourth try on event by event, so that one event that breaks a common commit does not take
    the others along.
    """

    contended_tries: int = 3
    unreachable_tries: int = 70
    first_pause_seconds: float = 0.05
    longest_pause_seconds: float = 5.0

    def tries(self, failure: BaseException) -> int:
        """How often an event that fails like this is tried."""
        if isinstance(failure, Contended):
            return self.contended_tries
        return self.unreachable_tries if isinstance(failure, Unreachable) else 1


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that could not be applied, and why."""

    envelope: Envelope
    error: BaseException


async def apply(service: Listens, envelopes: Sequence[Envelope], patience: Patience | None = None) -> list[Failure]:
    """Delivers events to a service, again where that may help; returns the ones it could not apply.

    An event that waits for the one before it was not tried, and is brought again for as long as that one is.
    """
    patience = patience or Patience()
    failed: list[Failure] = []
    waiting = list(envelopes)
    tries: Counter[str] = Counter()
    rounds = 0
    pause = patience.first_pause_seconds
    while waiting:
        rounds += 1
        together = rounds <= patience.contended_tries
        answers = await (service.deliver(waiting) if together else _one_by_one(service, waiting))
        again: list[Envelope] = []
        for envelope, error in zip(waiting, answers, strict=True):
            if error is None:
                continue
            tries[envelope.event_id] += not isinstance(error, EventMustWait)
            if isinstance(error, EventMustWait) or tries[envelope.event_id] < patience.tries(error):
                again.append(envelope)
            else:
                failed.append(Failure(envelope, error))
        waiting = again
        if waiting:
            log.info("%s tries %d events again in %.2f s", service.name, len(waiting), pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, patience.longest_pause_seconds)
    return failed


async def _one_by_one(service: Listens, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
    """Delivers each event on its own, and none of a key behind one that failed."""
    answers: list[BaseException | None] = []
    stopped: set[tuple[str, str]] = set()
    for envelope in envelopes:
        if (envelope.source, envelope.key) in stopped:
            answers.append(EventMustWait(event_id=envelope.event_id))
            continue
        (error,) = await service.deliver([envelope])
        answers.append(error)
        if error is not None:
            stopped.add((envelope.source, envelope.key))
    return answers


def sources_of(subjects: set[str]) -> dict[str, list[str]]:
    """The source services of some subjects, each with the subjects wanted of it; an empty list means all of them."""
    if EVERY in subjects:
        return {source: [] for source in contracts.PACKAGES}
    wanted: dict[str, list[str]] = {}
    for subject in sorted(subjects):
        wanted.setdefault(subject.split(".")[1], []).append(subject)
    return wanted


class Consumers:
    """All consumers of one service: one for each source it listens to, and one for its redelivered dead letters."""

    def __init__(self, service: Listens, bus: Bus, *, patience: Patience | None = None) -> None:
        self.each = [
            Consumer(service, bus, stream_of(source), filters, patience)
            for source, filters in sources_of(service.subjects).items()
        ]
        self.each.append(Consumer(service, bus, REDELIVERIES, [f"zhongtai.redeliveries.{service.name}"], patience))
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def applied(self) -> int:
        """How many events were applied, or had been already, since the start."""
        return sum(consumer.applied for consumer in self.each)

    @property
    def buried(self) -> int:
        """How many events became dead letters since the start."""
        return sum(consumer.buried for consumer in self.each)

    def start(self) -> None:
        """Consumes in the background until `stop()`."""
        self._tasks = [asyncio.create_task(each.run(), name=f"consumer {each.label}") for each in self.each]

    async def stop(self) -> None:
        """Stops at once: what was delivered and not acknowledged comes again, and acts once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await asyncio.gather(*(each.release() for each in self.each))


class _Interrupted(Exception):
    """What was pulled so far is not to be relied on: pull again from the first unacknowledged message."""


class Consumer:
    """One durable consumer of one service on one stream."""

    def __init__(
        self, service: Listens, bus: Bus, stream: str, filters: Sequence[str], patience: Patience | None = None
    ) -> None:
        self.label = f"{service.name} on {stream}"
        self.applied = 0
        self.buried = 0
        self.begun = 0  # how often it took its place anew: at the start, and after each interruption
        self._service = service
        self._bus = bus
        self._stream = stream
        self._filters = list(filters)
        self._patience = patience
        self._queue: list[Msg] = []
        self._arrived = asyncio.Event()
        self._open = 0  # how many messages the running pull request may still bring
        self._pin = ""
        self._expected = 1  # the consumer sequence of the next message
        self._interrupted = False

    async def run(self) -> None:
        """Consumes until cancelled, whatever becomes of the broker, the stream or the consumer itself."""
        pause = 0.01
        while True:
            try:
                await self._ensure()
                self.begun += 1
                async with self._subscribed() as inbox:
                    pause = 0.01
                    await self._consume(inbox)
            except _Interrupted as interruption:
                log.debug("%s starts again: %s", self.label, interruption)
                await self._bus.connected.wait()
            except (BusUnreachable, APIError, NatsError) as failure:
                # The bus tells of its loss once; a refusal of the server is this consumer's own affair.
                level = logging.WARNING if isinstance(failure, APIError) else logging.DEBUG
                log.log(level, "%s waits: %s", self.label, failure)
                await self._wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Exception:
                # A defect here must not end the flow of events: nothing was acknowledged, so nothing is lost.
                log.exception("%s waits after a defect", self.label)
                await self._wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _wait(self, pause: float) -> None:
        await asyncio.sleep(pause)
        await self._bus.connected.wait()

    async def _ensure(self) -> None:
        """Makes the consumer where it is not there, and takes it back to its first unacknowledged message."""
        name = self._service.name
        config: dict[str, object] = {
            "name": name,
            "durable_name": name,
            "description": f"events for {name}",
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": _nanoseconds(ACK_WAIT_SECONDS),
            "max_deliver": -1,
            "max_ack_pending": 5 * BATCH,
            "priority_groups": [GROUP],
            "priority_policy": "pinned_client",
            "priority_timeout": _nanoseconds(PIN_LASTS_SECONDS),
        }
        if self._filters:
            config["filter_subjects"] = self._filters
        request = {"stream_name": self._stream, "config": config}
        try:
            await self._bus.ask(f"CONSUMER.CREATE.{self._stream}.{name}", request)
        except NotFoundError:
            await self._bus.ensure_streams()
            await self._bus.ask(f"CONSUMER.CREATE.{self._stream}.{name}", request)
        # The pin may be a dead client's, and would then last for seconds; a living one stands by, and takes its turn.
        await self._unpin()
        await self._bus.ask(f"CONSUMER.RESET.{self._stream}.{name}", {})

    async def release(self) -> None:
        """Lets another of the same service take over at once, where one stands by; `run` has ended before."""
        await self._bus.acknowledgements.send()
        if self._pin:
            with contextlib.suppress(BusUnreachable, APIError):
                await self._unpin()

    async def _unpin(self) -> None:
        await self._bus.ask(f"CONSUMER.UNPIN.{self._stream}.{self._service.name}", {"group": GROUP})

    @contextlib.asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[str]:
        """An inbox for pulled messages, and a forgetful start."""
        self._queue, self._pin, self._expected, self._open, self._interrupted = [], "", 1, 0, False
        inbox = self._bus.client.new_inbox()
        subscription: Subscription = await self._bus.client.subscribe(inbox, cb=self._receive)
        forget = self._bus.on_connect(self._interrupt)
        try:
            yield inbox
        finally:
            forget()
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    async def _consume(self, inbox: str) -> None:
        while True:
            if not self._open:
                await self._pull(inbox)
            if not self._queue:
                self._arrived.clear()
                try:
                    # A pull request is answered by its end; where even that does not come, it was lost.
                    async with asyncio.timeout(PULL_LASTS_SECONDS + 1):
                        await self._arrived.wait()
                except TimeoutError:
                    raise _Interrupted("the pull request was not answered") from None
            if self._interrupted:
                raise _Interrupted("the connection or the consumer was lost")
            messages, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            if messages:
                self._check(messages)
                if not self._open:
                    await self._pull(inbox)
                await self._handle(messages)

    async def _pull(self, inbox: str) -> None:
        self._open = BATCH
        request: dict[str, object] = {"batch": BATCH, "expires": _nanoseconds(PULL_LASTS_SECONDS), "group": GROUP}
        if self._pin:
            request["id"] = self._pin
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._service.name}"
        await self._bus.client.publish(subject, json.dumps(request).encode(), reply=inbox)

    async def _receive(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status", "")
        if message.reply.startswith("$JS.ACK"):
            self._queue.append(message)
            self._open = max(self._open - 1, 0)
        elif status in ("404", "408"):
            self._open = 0
        elif status == "423":
            # The pin is another's: what was pulled under it is delivered there again, and here we stand by.
            self._queue, self._pin, self._open = [], "", 0
        elif status != "100":
            # 409 the consumer is gone, 503 nobody is there to answer.
            self._interrupted = True
        self._arrived.set()

    def _interrupt(self) -> None:
        self._interrupted = True
        self._arrived.set()

    def _check(self, messages: Sequence[Msg]) -> None:
        """Sees that nothing stands unacknowledged before these messages.

        The consumer counts its deliveries from 1 after a reset. A count that does not follow on ours means that
        messages went elsewhere: to a process that died, or into a connection that broke.
        """
        for message in messages:
            pin = (message.headers or {}).get("Nats-Pin-Id", "")
            if pin != self._pin:
                self._pin, self._expected = pin, 1
            delivery = _delivery(message)
            if delivery != self._expected:
                raise _Interrupted(f"delivery {delivery} where {self._expected} was next")
            self._expected += 1

    async def _handle(self, messages: Sequence[Msg]) -> None:
        carriers: dict[str, Msg] = {}
        envelopes: list[Envelope] = []
        for message in messages:
            try:
                envelope = envelope_of(message.headers, message.data)
            except ValueError as error:
                await self._bury(message, error)
                continue
            carriers[envelope.event_id] = message
            envelopes.append(envelope)
        failures = await apply(self._service, envelopes, self._patience)
        for failure in failures:
            await self._bury(carriers[failure.envelope.event_id], failure.error)
        self.applied += len(envelopes) - len(failures)
        await self._bus.acknowledgements.add([message.reply for message in messages])

    async def _bury(self, message: Msg, error: BaseException) -> None:
        reason = error.reason if isinstance(error, Refusal) else type(error).__name__
        log.error("%s cannot apply %s: %s", self.label, message.subject, reason, exc_info=error)
        await bury(self._bus, self._service.name, message, error)
        self.buried += 1


def _delivery(message: Msg) -> int:
    """The place of a message among the deliveries of its consumer; nats-py's metadata tell it at ten times the cost.

    `$JS.ACK.<stream>.<consumer>.<tries>.<stream sequence>.<delivery>...`, from some servers with the domain and account
    before the stream (ADR-15).
    """
    tokens = message.reply.split(".")
    return int(tokens[6] if len(tokens) == 9 else tokens[8])


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
