"""Facts through the door: every event once, as it was published."""

from datetime import UTC, date, datetime

from google.type.date_pb2 import Date

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.reporting.v1 import fact_pb2 as v1
from zhongtai.runtime import journal
from zhongtai.runtime.convert import instant_message
from zhongtai.testing.doors import Door

HELD = limit_v1.LimitHeld(limit_id="lim_1", hold_id="hold_1", amount=Money(currency_code="CNY", minor_units=5))
FROZEN = limit_v1.LimitFrozen(limit_id="lim_2")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def filled(door: Door) -> None:
    """A hold at noon and a freeze an hour later, on 2 March 2026."""
    door.today(date(2026, 3, 2))
    door.now(NOON)
    await door.deliver(HELD, event_id="evt_1", cause="req_1")
    door.now(NOON.replace(hour=13))
    await door.deliver(FROZEN, event_id="evt_2")


async def test_an_event_is_kept_as_it_was_published(door: Door) -> None:
    await filled(door)
    fact = (await door.call(v1.GetFactRequest(event_id="evt_1"))).fact
    assert fact == v1.Fact(
        event_id="evt_1",
        subject="zhongtai.credit.v1.LimitHeld",
        key="lim_1",
        source="credit",
        sequence=1,
        occurred_at=instant_message(NOON),
        business_date=Date(year=2026, month=3, day=2),
        cause="req_1",
        payload=HELD.SerializeToString(deterministic=True),
    )
    assert limit_v1.LimitHeld.FromString(fact.payload) == HELD
    assert (await door.refused(v1.GetFactRequest(event_id="evt_9"))).reason == "FACT_NOT_FOUND"


async def test_a_replay_adds_nothing(door: Door) -> None:
    await filled(door)
    await filled(door)
    assert (await door.call(v1.CountFactsRequest())).total == 2


async def test_a_replay_that_forgets_what_was_handled_adds_nothing(door: Door) -> None:
    await filled(door)
    await door.service.store.change(lambda writing: writing.execute(journal.INBOX.delete()))
    await filled(door)
    assert (await door.call(v1.CountFactsRequest())).total == 2


async def test_facts_are_listed_by_subject_key_and_time(door: Door) -> None:
    await filled(door)

    async def listed(**asked: object) -> list[str]:
        reply = await door.call(v1.ListFactsRequest(**asked))  # type: ignore[arg-type]
        assert not any(fact.payload for fact in reply.facts)
        return [fact.event_id for fact in reply.facts]

    assert await listed() == ["evt_1", "evt_2"]
    assert await listed(subject="zhongtai.credit.v1.LimitFrozen") == ["evt_2"]
    assert await listed(key="lim_1") == ["evt_1"]
    assert await listed(key="lim_1", subject="zhongtai.credit.v1.LimitFrozen") == []
    assert await listed(occurred_from=instant_message(NOON.replace(hour=13))) == ["evt_2"]
    assert await listed(occurred_before=instant_message(NOON.replace(hour=13))) == ["evt_1"]
    first = await door.call(v1.ListFactsRequest(page=PageRequest(size=1)))
    assert await listed(page=PageRequest(size=1, token=first.page.next_token)) == ["evt_2"]


async def test_facts_are_counted_by_subject(door: Door) -> None:
    await filled(door)
    await door.deliver(FROZEN, event_id="evt_3")
    everything = await door.call(v1.CountFactsRequest())
    assert {count.subject: count.count for count in everything.counts} == {
        "zhongtai.credit.v1.LimitFrozen": 2,
        "zhongtai.credit.v1.LimitHeld": 1,
    }
    assert everything.total == 3
    assert (await door.call(v1.CountFactsRequest(subject="zhongtai.credit.v1.LimitHeld"))).total == 1
