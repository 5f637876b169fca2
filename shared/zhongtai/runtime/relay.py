"""The relay: takes committed facts from an outbox to the stream of their source, in order, none lost and none doubled.

The stream itself is the truth about what was relayed. On start, and after anything unexpected, the relay reads the
last message of the stream and goes on behind it: so a stream that was lost is filled again from the first event, and
an acknowledgement that was lost costs nothing. Each publication says where the stream must end (a fence), so a second
relay on the same outbox, or one that slept through its own replacement, is refused and reads the end again.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from zhongtai.kernel.refusals import Unreachable
from zhongtai.runtime.bus import Bus, BusUnreachable, End, NotTogether, OutOfStep
from zhongtai.runtime.envelope import Envelope

log = logging.getLogger(__name__)

BATCH = 500
GATHER_SECONDS = 0.005  # What is committed so soon after the first travels with it: an event alone costs ten times.
LOOK_AGAIN_SECONDS = 1.0
MARK_EVERY_SECONDS = 1.0
DOUBT_EVERY_SECONDS = 30.0  # how long an idle relay takes the stream to be as it left it
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 2.0


class Outbox(Protocol):
    """What the relay needs of a store."""

    async def outbox_after(self, sequence: int, limit: int) -> list[Envelope]:
        """The committed facts behind a sequence number, in order."""

    async def relayed(self) -> int:
        """The sequence number up to which the facts were relayed, or somewhat less."""

    async def mark_relayed(self, sequence: int) -> None:
        """Remembers that the facts up to here were relayed."""

    def on_commit(self, callback: Callable[[], None]) -> object:
        """Calls back, in any thread, after each commit that wrote facts."""


class Relay:
    """Publishes the facts of one outbox. `start()` and `stop()` it, or `await run()` it as a task of your own.

    `published` counts the facts this relay has taken to the stream. It is made inside a running loop.
    """

    def __init__(self, source: str, outbox: Outbox, bus: Bus, batch: int = BATCH) -> None:
        self.source = source
        self.published = 0
        self._outbox = outbox
        self._bus = bus
        self._batch = batch
        self._end: End | None = None
        self._wake = asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._marked = 0
        self._marked_at = 0.0
        self._behind_since: float | None = None
        self._doubted_at = 0.0
        self._loop = asyncio.get_running_loop()
        outbox.on_commit(self._committed)

    @property
    def behind_seconds(self) -> float:
        """How long the relay has stood still while a fact of this process waits; 0 where none waits."""
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

    def start(self) -> None:
        """Relays in the background until `stop()`."""
        self._task = asyncio.create_task(self.run(), name=f"relay {self.source}")

    async def stop(self) -> None:
        """Stops relaying; what is left in the outbox goes out at the next start."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            with contextlib.suppress(Unreachable):
                await self._mark()

    async def run(self) -> None:
        """Relays until cancelled, whatever becomes of the broker."""
        forget = self._bus.on_connect(self._doubt)
        try:
            await self._relay()
        finally:
            forget()

    async def _relay(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                if time.monotonic() - self._doubted_at >= DOUBT_EVERY_SECONDS:
                    self._doubt()
                await self._drain()
                pause = FIRST_PAUSE_SECONDS
                with contextlib.suppress(TimeoutError):
                    # Commits wake the relay. The look of once a second is for facts another process wrote.
                    async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                        await self._wake.wait()
            except Exception as failure:
                # Whatever it was, the stream's end tells how far we came, and nothing is lost by trying again.
                expected = isinstance(failure, BusUnreachable | OutOfStep)
                log.log(
                    logging.INFO if expected else logging.ERROR,
                    "the relay of %s waits: %s",
                    self.source,
                    failure,
                    exc_info=None if expected else failure,
                )
                self._end = None
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                await self._bus.connected.wait()

    async def _drain(self) -> None:
        """Publishes what waits; a full batch tells of a backlog, which does not wait for the next commit."""
        full = True
        while full:
            self._wake.clear()
            end = self._end or await self._find_end()
            assert end.outbox is not None
            facts = await self._outbox.outbox_after(end.outbox, self._batch)
            self._end = end
            if facts:
                stream_end = await self._publish(facts, end.stream)
                self._end = End(stream=stream_end, outbox=facts[-1].sequence)
                self.published += len(facts)
                # Under load there is always a next fact: what counts is how long nothing moved.
                self._behind_since = time.monotonic()
            full = len(facts) == self._batch
            await self._mark_at_times()
        if not self._waits():
            self._behind_since = None

    async def _mark_at_times(self) -> None:
        """The cursor is only a hint beside the stream's end, and each mark is a commit: one a second is enough."""
        if time.monotonic() - self._marked_at >= MARK_EVERY_SECONDS:
            await self._mark()

    async def _mark(self) -> None:
        reached = self._end.outbox if self._end else None
        if reached and reached != self._marked:
            await self._outbox.mark_relayed(reached)
            self._marked = reached
            self._marked_at = time.monotonic()

    def _doubt(self) -> None:
        """Reads the stream's end before the next publication: somebody may have deleted the stream meanwhile."""
        self._end = None
        self._doubted_at = time.monotonic()
        self._wake.set()

    def _committed(self) -> None:
        if self._waits():
            return  # What it reads next holds this commit, too.
        # The loop may be closed while the last commits of a store still end; then nobody is left to wake.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._told)

    def _told(self) -> None:
        if self._behind_since is None:
            self._behind_since = time.monotonic()
        if self._gathering is None:
            self._gathering = self._loop.call_later(GATHER_SECONDS, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._wake.set()

    def _waits(self) -> bool:
        """True where a commit was told of that is yet to be read."""
        return self._gathering is not None or self._wake.is_set()

    async def _publish(self, facts: Sequence[Envelope], after: int) -> int:
        try:
            return await self._bus.publish(self.source, facts, after=after)
        except NotTogether:
            # One by one: JetStream passes over the ones it has, and the order stays.
            for fact in facts:
                after = max(after, await self._bus.publish(self.source, [fact], after=after))
            return after

    async def _find_end(self) -> End:
        """Where to go on: behind the last event of the stream if it is one of this outbox, else where the cursor is."""
        end = await self._bus.end(self.source)
        if end.outbox == 0:
            return end
        if end.outbox is not None:
            same = await self._outbox.outbox_after(end.outbox - 1, 1)
            if same and same[0].event_id == end.event_id:
                return end
            log.warning(
                "the stream of %s ends with an event that is not in the outbox: going by the cursor",
                self.source,
            )
        return End(stream=end.stream, outbox=await self._outbox.relayed())
