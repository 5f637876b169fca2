"""The dates of books through the door: one after the other, each state once, after the closes they wait for."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.operations.v1 import book_day_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)
STATES = (
    v1.BOOK_DAY_STATUS_CUT_OFF,
    v1.BOOK_DAY_STATUS_ACCRUED,
    v1.BOOK_DAY_STATUS_POSTED,
    v1.BOOK_DAY_STATUS_PROVED,
    v1.BOOK_DAY_STATUS_CLOSED,
)


def advance(to: int, on: date = MAY_4, request_id: str = "", **more: Any) -> Any:
    fields = {"request_id": request_id or f"{on}-{to}", "book": "general", "to": to, **more}
    return v1.AdvanceBookDayRequest(business_date=date_message(on), **fields)


@pytest.fixture(autouse=True)
def on_may_5(door: Door) -> None:
    door.today(MAY_5)


async def test_a_date_is_closed_step_by_step_and_each_step_is_told_once(door: Door) -> None:
    for to in STATES:
        assert (await door.call(advance(to))).book_day.status == to
        await door.call(advance(to, request_id=f"again-{to}"))
    told = await door.facts(v1.BookDayAdvanced)
    assert [fact.status for fact in told] == list(STATES)
    found = await door.call(v1.GetBookDayRequest(book="general", business_date=date_message(MAY_4)))
    assert found.book_day.HasField("closed_at")
    assert found.dates.open_date == found.dates.cut_off_through.__class__(year=2026, month=5, day=5)
    assert [day.status for day in (await door.call(v1.ListBookDaysRequest())).book_days] == [STATES[-1]]
    today = await door.call(v1.GetBookDayRequest(book="general"))
    assert (today.book_day.status, today.book_day.business_date) == (v1.BOOK_DAY_STATUS_OPEN, date_message(MAY_5))


async def test_what_comes_out_of_order_is_refused_and_leaves_no_trace(door: Door) -> None:
    assert (await door.refused(advance(STATES[1]))).reason == "BOOK_DAY_MUST_ADVANCE_IN_ORDER"
    assert (await door.refused(advance(STATES[0], date(2026, 5, 6)))).reason == "BOOK_DAY_MUST_HAVE_BEGUN"
    assert await door.facts(v1.BookDayAdvanced) == []
    await door.call(advance(STATES[0]))
    early = await door.refused(advance(STATES[0], MAY_5))
    assert (early.reason, early.metadata["before"]) == ("BOOK_DAY_BEFORE_MUST_BE_CLOSED", "2026-05-04")


async def test_a_date_is_posted_when_the_close_it_waits_for_was_heard(door: Door) -> None:
    await door.call(advance(STATES[0]))
    await door.call(advance(STATES[1]))
    waiting = await door.refused(advance(STATES[2], heard=["credit"]))
    assert waiting.reason == "CLOSE_MUST_BE_HEARD"
    for number, on in enumerate((date(2026, 5, 3), MAY_4, date(2026, 5, 2))):
        closed = credit_v1.EndOfDayClosed(closing_id=on.isoformat(), business_date=date_message(on))
        await door.deliver(closed, event_id=f"e{number}")
    reply = await door.call(advance(STATES[2], heard=["credit"]))
    assert reply.book_day.status == v1.BOOK_DAY_STATUS_POSTED


async def test_each_book_has_its_own_policy_and_its_own_dates(door: Door) -> None:
    set_policy = v1.SetBookPolicyRequest(
        request_id="p1", book="trust", late_entries=v1.LATE_ENTRIES_REFUSE, next_date=v1.NEXT_DATE_BANK_DAY
    )
    await door.call(set_policy)
    set_policy.request_id = "p2"
    await door.call(set_policy)
    assert len(await door.facts(v1.BookPolicySet)) == 1
    cut_off = advance(STATES[0])
    cut_off.book = "trust"
    await door.call(cut_off)
    trust = (await door.call(v1.GetBookDayRequest(book="trust"))).dates
    assert (trust.late_entries, trust.open_date) == (v1.LATE_ENTRIES_REFUSE, Date(year=2026, month=5, day=6))
    general = (await door.call(v1.GetBookDayRequest(book="general"))).dates
    assert (general.late_entries, general.HasField("open_date")) == (v1.LATE_ENTRIES_BACK_DATED, False)
