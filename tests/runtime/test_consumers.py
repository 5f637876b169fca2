"""The consumers: every event acts once and in the order of its key, and one that cannot stops no other."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runtime.event_parts import TRACE, Listener, Poisoned, commit, name_of, names, running, until
from zhongtai.kernel.refusals import Contended, Unreachable
from zhongtai.runtime import acknowledgements
from zhongtai.runtime.bus import REDELIVERIES, Bus, stream_of
from zhongtai.runtime.cloud_events import headers_of
from zhongtai.runtime.consumers import GROUP, Consumers, Patience, apply, sources_of
from zhongtai.runtime.database import Store
from zhongtai.runtime.dead_letters import DeadLetterNotFound, dead_letters, discard, redeliver
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.relay import Relay

HASTY = Patience(first_pause_seconds=0.001, longest_pause_seconds=0.002)


class Raced(Contended):
    """Another was faster: try again.

    并发冲突：请重试。
    """


class Down(Unreachable):
    """The store is down: try again.

    存储不可用：请重试。
    """


class Flow:
    """A relay and the consumers of a listener, started together."""

    def __init__(self, credit: Store, listener: Listener, bus: Bus) -> None:
        self.relay = Relay("credit", credit, bus)
        self.consumers = Consumers(listener.service(), bus, patience=HASTY)

    async def __aenter__(self) -> "Flow":
        self.relay.start()
        self.consumers.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.consumers.stop()
        await self.relay.stop()


class Stuck:
    """Two of a service, of which the one that is given an event first never answers; the other applies what it gets."""

    name = "reporting"

    def __init__(self, listener: Listener, holders: list["Stuck"]) -> None:
        self.subjects = {"*"}
        self._applies = listener.service()
        self._holders = holders

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
        """Never answers where it is the first."""
        if not self._holders:
            self._holders.append(self)
        if self._holders == [self]:
            await asyncio.Event().wait()
        return await self._applies.deliver(envelopes)


async def arrived(listener: Listener, count: int) -> None:
    """Returns when so many events were applied."""

    async def there() -> bool:
        return len(await listener.applied()) >= count

    await until(there)


async def test_committed_facts_are_applied_once_in_order_with_their_trace(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    seen: list[Envelope] = []
    listener.before = seen.append
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus):
        await commit(credit, 1, 450)
        await arrived(listener, 450)
        await commit(credit, 451, 452)
        await arrived(listener, 452)
    assert await listener.applied() == names(1, 452)
    assert seen == await credit.outbox_after(0, 1000)
    assert seen[0].trace == TRACE


async def test_a_poisoned_event_goes_to_the_dead_letters_and_the_ones_behind_it_arrive(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    def poison(event: Envelope) -> None:
        if event.event_id == name_of(5):
            raise Poisoned(event_id=event.event_id)
        if event.event_id == name_of(6):
            raise KeyError("a secret of the customer")

    listener.before = poison
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 10)
        await arrived(listener, 8)
        await until(lambda: flow.consumers.buried == 2)
        refused, broken = await dead_letters(bus)
        assert await listener.applied() == [*names(1, 4), *names(7, 10)]
        assert (refused.service, refused.reason, refused.event_id) == ("reporting", "POISONED", name_of(5))
        assert refused.detail == "The event evt_000005 is poisoned: mend it."
        assert (refused.source, refused.subject, refused.key) == ("credit", "zhongtai.credit.v1.LimitHeld", "lim_5")
        assert (broken.reason, broken.detail) == ("KeyError", "")
        assert await dead_letters(bus, "credit") == []
        assert await dead_letters(bus, after=refused.number) == [broken]


async def test_a_dead_letter_is_redelivered_to_its_service_alone_and_acts_once(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    mended: list[bool] = []

    def poison(event: Envelope) -> None:
        if event.event_id == name_of(2) and not mended:
            raise Poisoned(event_id=event.event_id)

    listener.before = poison
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 3)
        await until(lambda: flow.consumers.buried == 1)
        (first,) = await dead_letters(bus)
        await redeliver(bus, first.number)
        await until(lambda: flow.consumers.buried == 2)  # still poisoned: it is a dead letter again
        (second,) = await dead_letters(bus)
        assert second.number > first.number
        mended.append(True)
        await redeliver(bus, second.number)
        await arrived(listener, 3)
        assert await listener.applied() == [name_of(1), name_of(3), name_of(2)]
        assert await dead_letters(bus) == []
        with pytest.raises(DeadLetterNotFound):
            await redeliver(bus, second.number)

        async def all_taken() -> bool:
            return (await bus.streams.stream_info(REDELIVERIES)).state.messages == 0

        await until(all_taken)


async def test_a_dead_letter_can_be_discarded(tmp_path: Path, credit: Store, listener: Listener) -> None:
    def poison(event: Envelope) -> None:
        raise Poisoned(event_id=event.event_id)

    listener.before = poison
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 2)
        await until(lambda: flow.consumers.buried == 2)
        first, second = await dead_letters(bus)
        await discard(bus, first.number)
        assert await dead_letters(bus) == [second]


@pytest.mark.parametrize("case", [(Raced, 2, True), (Raced, 3, False), (Down, 20, True)])
async def test_a_lost_race_is_tried_three_times_and_a_store_that_is_down_is_waited_for(
    tmp_path: Path, credit: Store, listener: Listener, case: tuple[type[Raced | Down], int, bool]
) -> None:
    refusal, fails, lives = case
    tries: Counter[str] = Counter()

    def fail_at_first(event: Envelope) -> None:
        tries[event.event_id] += 1
        if event.event_id == name_of(2) and tries[event.event_id] <= fails:
            raise refusal

    listener.before = fail_at_first
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 3)
        await until(lambda: flow.consumers.applied + flow.consumers.buried == 3)
        assert tries[name_of(2)] == (fails + 1 if lives else fails)
        assert [letter.event_id for letter in await dead_letters(bus)] == ([] if lives else [name_of(2)])
    assert sorted(await listener.applied()) == (names(1, 3) if lives else [name_of(1), name_of(3)])


async def test_an_event_that_breaks_the_common_commit_does_not_take_the_others_along(
    credit: Store, listener: Listener
) -> None:
    class Breaking:
        """A service whose whole batch fails as if the store were down whenever the third event is in it."""

        name = "reporting"

        def __init__(self) -> None:
            self.subjects = {"*"}
            self._applies = listener.service()

        async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
            """Fails as a whole, or applies as a whole."""
            if any(envelope.event_id == name_of(3) for envelope in envelopes):
                return [Down() for _ in envelopes]
            return await self._applies.deliver(envelopes)

    await commit(credit, 1, 5)
    patience = replace(HASTY, unreachable_tries=6)
    failures = await apply(Breaking(), await credit.outbox_after(0, 5), patience)
    assert [failure.envelope.event_id for failure in failures] == [name_of(3)]
    assert await listener.applied() == [*names(1, 2), *names(4, 5)]


async def test_a_message_that_is_no_event_goes_to_the_dead_letters(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    async with running(tmp_path) as (_, bus):
        await bus.store("zhongtai.credit.v1.LimitHeld", b"", {"Nats-Msg-Id": "stranger"})
        async with Flow(credit, listener, bus) as flow:
            await commit(credit, 1, 2)
            await arrived(listener, 2)
            assert flow.consumers.buried == 1
            (letter,) = await dead_letters(bus)
            assert (letter.reason, letter.event_id) == ("ValueError", "")


async def test_a_broker_killed_while_events_flow_loses_nothing_and_doubles_nothing(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    async with running(tmp_path) as (broker, bus), Flow(credit, listener, bus) as flow:
        committing = asyncio.create_task(commit(credit, 1, 2000))
        for killed_at in (100, 900, 1600):
            await until(lambda reached=killed_at: flow.consumers.applied >= reached)
            pid = broker.pid
            os.kill(pid, signal.SIGKILL)
            await until(lambda before=pid: broker.pid not in (0, before))
        await committing
        await arrived(listener, 2000)
    assert await listener.applied() == names(1, 2000)


async def test_a_consumer_cut_off_before_its_acknowledgement_begins_again_where_it_was(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    """The process died with messages in hand: they come at once, before the new ones, and not after a timeout."""
    async with running(tmp_path) as (_, bus):
        holders: list[Stuck] = []
        relay = Relay("credit", credit, bus)
        relay.start()
        dying = Consumers(Stuck(listener, holders), bus)
        dying.start()
        await commit(credit, 1, 20)
        await until(lambda: bool(holders))
        await dying.stop()
        await commit(credit, 21, 40)
        consumers = Consumers(listener.service(), bus)
        consumers.start()
        await arrived(listener, 40)
        await consumers.stop()
        await relay.stop()
    assert await listener.applied() == names(1, 40)


async def test_acknowledgements_wait_for_one_another_and_for_no_one_who_stops(
    tmp_path: Path, credit: Store, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as (_, bus):

        async def unacknowledged() -> int:
            info = await bus.streams.consumer_info(stream_of("credit"), "reporting")
            return int(info.num_ack_pending or 0)

        async def all_acknowledged() -> bool:
            return await unacknowledged() == 0

        async with Flow(credit, listener, bus):
            await commit(credit, 1, 20)
            await arrived(listener, 20)
            await until(all_acknowledged)
            monkeypatch.setattr(acknowledgements, "WITHIN_SECONDS", 3600)
            await commit(credit, 21, 30)
            await arrived(listener, 30)
            assert await unacknowledged() == 10
        await until(all_acknowledged)
        monkeypatch.setattr(acknowledgements, "MOST_WAITING", 1)
        async with Flow(credit, listener, bus):
            await commit(credit, 31, 40)
            await arrived(listener, 40)
            await until(all_acknowledged)


async def test_two_of_a_service_share_its_events_and_keep_their_order(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    async with running(tmp_path) as (broker, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 300)
        other_bus = await Bus.connect(broker.url)
        other = Consumers(listener.service(), other_bus)
        other.start()
        await commit(credit, 301, 600)
        await arrived(listener, 600)
        await flow.consumers.stop()
        await commit(credit, 601, 700)
        await arrived(listener, 700)
        await until(lambda: other.applied > 0)
        # Each takes its place once or twice; they do not push one another off it for ever.
        assert all(each.begun <= 3 for each in (*flow.consumers.each, *other.each))
        await other.stop()
        await other_bus.close()
    assert await listener.applied() == names(1, 700)


async def test_one_that_takes_over_begins_with_what_the_other_had_in_hand(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    async with running(tmp_path) as (_, bus):
        holders: list[Stuck] = []
        both = [Consumers(Stuck(listener, holders), bus) for _ in range(2)]
        for consumers in both:
            consumers.start()
        relay = Relay("credit", credit, bus)
        relay.start()
        await commit(credit, 1, 20)
        await until(lambda: bool(holders))
        await bus.ask(
            "CONSUMER.UNPIN.zhongtai_credit.reporting", {"group": GROUP}
        )  # as when the first is taken for dead
        await commit(credit, 21, 40)
        await arrived(listener, 40)
        for consumers in both:
            await consumers.stop()
        await relay.stop()
    assert await listener.applied() == names(1, 40)


async def test_a_deleted_stream_is_rebuilt_and_nothing_acts_again(
    tmp_path: Path, credit: Store, listener: Listener
) -> None:
    async with running(tmp_path) as (_, bus), Flow(credit, listener, bus) as flow:
        await commit(credit, 1, 50)
        await arrived(listener, 50)
        await bus.streams.delete_stream(stream_of("credit"))
        await commit(credit, 51, 60)
        await arrived(listener, 60)
        await until(lambda: flow.relay.published >= 110)
        await until(lambda: flow.consumers.applied >= 110)  # the first fifty came again, and the inbox passed them over
    assert await listener.applied() == names(1, 60)


def test_a_service_stands_on_the_streams_of_what_it_listens_to() -> None:
    wanted = {"zhongtai.credit.v1.LoanRepaid", "zhongtai.credit.v1.LimitHeld", "zhongtai.risk.v1.ApplicationDecided"}
    assert sources_of(wanted) == {
        "credit": ["zhongtai.credit.v1.LimitHeld", "zhongtai.credit.v1.LoanRepaid"],
        "risk": ["zhongtai.risk.v1.ApplicationDecided"],
    }
    assert set(sources_of({"*"})) >= {"credit", "operations", "gateway"}
    assert not any(sources_of({"*"}).values())


async def test_events_of_another_subject_are_not_brought(tmp_path: Path, credit: Store, listener: Listener) -> None:
    async with running(tmp_path) as (_, bus):
        await commit(credit, 1, 2)
        held, other = await credit.outbox_after(0, 2)
        other = replace(other, subject="zhongtai.credit.v1.LimitFrozen")
        assert headers_of(other)["ce-type"] == "zhongtai.credit.v1.LimitFrozen"
        await bus.publish("credit", [other, held], after=0)
        service = listener.service()
        service.handlers = replace(service.handlers, events={held.subject: service.handlers.events["*"]})
        consumers = Consumers(service, bus)
        consumers.start()
        await until(lambda: consumers.applied == 1)
        await consumers.stop()
    assert await listener.applied() == [held.event_id]
