"""The business day through the door."""

from datetime import date

from zhongtai.gateway.business_day.store import open_day
from zhongtai.gateway.v1 import business_day_pb2 as v1
from zhongtai.runtime.call import Call
from zhongtai.runtime.convert import date_message, date_of
from zhongtai.testing.doors import TESTER, Door


async def opened(door: Door, *, movable: bool) -> date | None:
    """What a start does."""
    service = door.service
    return await service.store.change(
        lambda writing: open_day(service.unit(writing, Call(TESTER), "start"), movable=movable)
    )


def to(day: date, request_id: str = "a1") -> v1.AdvanceBusinessDateRequest:
    return v1.AdvanceBusinessDateRequest(request_id=request_id, to=date_message(day))


async def today(door: Door) -> date:
    return date_of((await door.call(v1.GetBusinessDateRequest())).business_date)


async def test_it_is_moved_forward_and_kept_over_starts(door: Door) -> None:
    assert await opened(door, movable=True) is None
    began = await today(door)
    assert began == date(2026, 1, 5)
    for _ in range(2):
        reply = await door.call(to(date(2026, 2, 1)))
        assert date_of(reply.business_date) == date(2026, 2, 1)
    assert await today(door) == date(2026, 2, 1) == door.clock.business_date()
    refusal = await door.refused(to(date(2026, 1, 31), "a2"))
    assert refusal.reason == "BUSINESS_DATE_MUST_NOT_GO_BACK"
    assert refusal.metadata == {"business_date": "2026-02-01"}
    await door.call(to(date(2026, 2, 1), "a3"))
    assert await opened(door, movable=True) == date(2026, 2, 1)
    assert await door.facts(v1.BusinessDateAdvanced) == [
        v1.BusinessDateAdvanced(day_id="bank", from_date=date_message(began), to_date=date_message(date(2026, 2, 1)))
    ]


async def test_an_old_request_repeated_gets_its_reply_and_does_not_turn_the_clock_back(door: Door) -> None:
    await opened(door, movable=True)
    await door.call(to(date(2026, 2, 1)))
    await door.call(to(date(2026, 3, 1), "a2"))
    reply = await door.call(to(date(2026, 2, 1)))
    assert date_of(reply.business_date) == date(2026, 2, 1)
    assert await today(door) == date(2026, 3, 1)


async def test_in_production_it_follows_the_bank(door: Door) -> None:
    assert (await door.refused(to(date(2026, 2, 1)))).reason == "BUSINESS_DATE_MUST_FOLLOW_THE_BANK"
    await opened(door, movable=True)
    await door.call(to(date(2026, 2, 1)))
    assert await opened(door, movable=False) is None
    assert (await door.refused(to(date(2026, 3, 1), "a2"))).reason == "BUSINESS_DATE_MUST_FOLLOW_THE_BANK"
    assert not (await door.call(v1.GetBusinessDateRequest())).movable


async def test_a_day_that_there_is_not(door: Door) -> None:
    await opened(door, movable=True)
    request = to(date(2026, 2, 1))
    request.to.month, request.to.day = 2, 30
    assert (await door.refused(request)).reason == "DATE_MUST_EXIST"
    door.as_caller("clerk", "gateway.business_day.read")
    assert (await door.refused(to(date(2026, 2, 1)))).reason == "SCOPE_MISSING"
