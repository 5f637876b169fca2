"""Replay: a service is rebuilt from the outboxes alone, and gets only what it listens to."""

from dataclasses import replace

from tests.runtime.event_parts import Listener, Poisoned, commit, name_of, names
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.replay import replay


async def test_replay_rebuilds_a_service_from_an_outbox_without_the_bus(credit: Store, listener: Listener) -> None:
    def poison(event: Envelope) -> None:
        if event.event_id == name_of(3):
            raise Poisoned(event_id=event.event_id)

    listener.before = poison
    await commit(credit, 1, 600)
    done = await replay(credit, listener.service())
    assert (done.read, done.wanted) == (600, 600)
    assert [failure.envelope.event_id for failure in done.failures] == [name_of(3)]
    again = await replay(credit, listener.service(), after=590)
    assert (again.read, again.failures) == (10, [])
    # Events of the poisoned one's key came behind it, in a second round; across keys no order is promised.
    assert sorted(await listener.applied()) == [*names(1, 2), *names(4, 600)]


async def test_replay_hands_over_only_what_the_service_listens_to(credit: Store, listener: Listener) -> None:
    await commit(credit, 1, 5)
    service = listener.service()
    service.handlers = replace(service.handlers, events={"zhongtai.credit.v1.LimitReleased": ()})
    done = await replay(credit, service)
    assert (done.read, done.wanted) == (5, 0)
