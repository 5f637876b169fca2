"""The bus: how events rest in messages, and that a stream takes each once, in order, from one publisher at a time."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.runtime.event_parts import DAY, NOW, SUBJECT, TRACE, name_of, names, running, stored
from zhongtai.runtime.bus import MOST_IN_A_ROW, Bus, BusUnreachable, Limits, NotTogether, OutOfStep, stream_of
from zhongtai.runtime.cloud_events import envelope_of, headers_of
from zhongtai.runtime.envelope import Envelope


def event(number: int) -> Envelope:
    """The event of that number."""
    return Envelope(name_of(number), SUBJECT, "lim_1", "credit", number, NOW, DAY, b"\x0a\x05lim_1", "req_1", TRACE)


def events(first: int, last: int) -> list[Envelope]:
    """The events from `first` to `last`, both counted."""
    return [event(number) for number in range(first, last + 1)]


TEXT = some.text(some.characters(blacklist_categories=["Cs"]), max_size=40)


@settings(max_examples=100)
@given(key=TEXT, cause=TEXT, sequence=some.integers(1, 2**63 - 1), payload=some.binary(max_size=40))
def test_an_event_comes_out_of_its_headers_as_it_went_in(key: str, cause: str, sequence: int, payload: bytes) -> None:
    sent = replace(event(1), key=key, cause=cause, sequence=sequence, payload=payload)
    headers = headers_of(sent)
    assert all(value.isascii() and value.isprintable() for value in headers.values())
    # nats trims header values, as HTTP does.
    assert envelope_of({name: value.strip() for name, value in headers.items()}, payload) == sent


def test_the_headers_are_those_of_cloudevents_and_of_the_trace_context() -> None:
    headers = headers_of(event(42))
    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-id"] == headers["Nats-Msg-Id"] == "evt_000042"
    assert headers["ce-source"] == "urn:zhongtai:credit"
    assert headers["ce-type"] == "zhongtai.credit.v1.LimitHeld"
    assert headers["ce-subject"] == "lim_1"
    assert headers["ce-time"] == "2026-05-04T02:30:00+00:00"
    assert headers["ce-businessdate"] == "2026-05-04"
    assert headers["traceparent"] == TRACE["traceparent"]
    assert headers_of(event(9))["ce-sequence"] < headers_of(event(10))["ce-sequence"]


def test_a_message_that_is_no_event_is_told_by_the_header_it_lacks() -> None:
    with pytest.raises(ValueError, match="ce-id"):
        envelope_of(None, b"")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        envelope_of(headers_of(event(1)) | {"ce-time": "yesterday"}, b"")


async def test_a_batch_is_stored_whole_and_in_order(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, bus):
        assert await bus.publish("credit", [event(number) for number in range(1, 501)], after=0) == 500
        assert await bus.publish("credit", [event(501)], after=500) == 501
        assert await stored(bus) == names(1, 501)
        end = await bus.end("credit")
        assert (end.stream, end.outbox, end.event_id) == (501, 501, name_of(501))
        message = await bus.streams.get_msg(stream_of("credit"), seq=2)
        assert envelope_of(message.headers, message.data or b"") == event(2)


async def test_a_publisher_that_does_not_know_the_end_of_the_stream_is_refused(tmp_path: Path) -> None:
    """None of its events is stored: the second must not take the place that the first was refused for."""
    async with running(tmp_path) as (_, bus):
        await bus.publish("credit", events(1, 4), after=0)
        for few in (2, 3, MOST_IN_A_ROW):
            for after in (0, 3, 5):
                with pytest.raises(NotTogether):
                    await bus.publish("credit", events(5, 4 + few), after=after)
        with pytest.raises(OutOfStep):
            await bus.publish("credit", events(5, 5 + MOST_IN_A_ROW), after=3)
        with pytest.raises(OutOfStep):
            await bus.publish("credit", [event(5)], after=3)
        assert await stored(bus) == names(1, 4)


@pytest.mark.parametrize("many", [3, MOST_IN_A_ROW + 1])
async def test_a_duplicate_is_refused_alone_and_in_a_batch(tmp_path: Path, many: int) -> None:
    async with running(tmp_path) as (_, bus):
        await bus.publish("credit", events(1, 2), after=0)
        for place in range(many):  # the duplicate comes first, in the middle, last
            batch = events(100, 98 + many)
            batch.insert(place, event(1))
            with pytest.raises(NotTogether):
                await bus.publish("credit", batch, after=2)
            assert (await stored(bus))[:2] == names(1, 2)
            # Of a few, those before the duplicate are stored, and none behind it; of a batch none at all.
            assert (await stored(bus))[2:] == (names(100, 99 + place) if many <= MOST_IN_A_ROW else [])
            await bus.streams.delete_stream(stream_of("credit"))
            await bus.end("credit")
            await bus.publish("credit", events(1, 2), after=0)
        assert await bus.publish("credit", [event(2)], after=2) == 2
        assert await stored(bus) == names(1, 2)


async def test_a_stream_that_is_gone_is_out_of_step_and_is_made_again_when_asked_for_its_end(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, bus):
        await bus.publish("credit", [event(1)], after=0)
        await bus.streams.delete_stream(stream_of("credit"))
        with pytest.raises(OutOfStep):
            await bus.publish("credit", [event(2)], after=1)
        with pytest.raises(NotTogether):
            await bus.publish("credit", [event(2), event(3)], after=1)
        end = await bus.end("credit")
        assert (end.stream, end.outbox) == (0, 0)
        assert await bus.publish("credit", [event(1), event(2)], after=0) == 2


async def test_a_stream_that_has_dropped_all_it_held_cannot_tell_its_place_in_the_outbox(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, bus):
        await bus.publish("credit", [event(1), event(2)], after=0)
        await bus.streams.purge_stream(stream_of("credit"))
        end = await bus.end("credit")
        assert (end.stream, end.outbox) == (2, None)


async def test_limits_are_brought_to_streams_that_are_there(tmp_path: Path) -> None:
    async with running(tmp_path) as (broker, bus):
        await bus.publish("credit", [event(1)], after=0)
        other = await Bus.connect(broker.url, limits=Limits(max_age_seconds=3600))
        info = await other.streams.stream_info(stream_of("credit"))
        assert info.config.max_age == 3600
        assert info.state.messages == 1
        await other.close()


async def test_without_a_broker_the_bus_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as (broker, bus):
        await broker.stop()
        with pytest.raises(BusUnreachable):
            await bus.publish("credit", [event(1)], after=0)
        with pytest.raises(BusUnreachable):
            await Bus.connect(broker.url, within=0.3)
