"""Callers that go away, clocks that step, events that come twice and in any order: the books are right all the same."""

import asyncio
from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.operations.bank import Bank, cny
from tests.operations.ledger.test_events import disbursed, repaid
from tests.operations.ledger.troubles import commits_fail
from zhongtai.credit.v1 import compensation_fund_pb2 as fund
from zhongtai.credit.v1 import participation_pb2 as participation
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.convert import date_of, instant_of
from zhongtai.testing.doors import Door


class GoneAway(BaseException):
    """What ends a caller in the midst of its call."""


class Leaving:
    """Awaits, and leaves at a moment: before or after the n-th time it waits; counts the moments it came by."""

    def __init__(self, awaited: Any, moment: int) -> None:
        self._awaited = awaited
        self._moment = moment
        self.moments = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        waits = self._awaited.__await__()
        step = waits.send
        given: Any = None
        while True:
            try:
                waiting = step(given)
            except StopIteration as done:
                return done.value
            if self._comes():
                waits.throw(GoneAway())
            yield waiting
            if self._comes():
                waits.throw(GoneAway())

    def _comes(self) -> bool:
        self.moments += 1
        return self.moments == self._moment


async def test_a_caller_that_leaves_at_any_moment_and_asks_again_is_served_once(bank: Bank) -> None:
    """At every await between accepting and answering; the memory of the writer goes on with what was done."""
    account_id = await bank.deposit(1_000)
    for moment in count(1):
        request = bank.entry((account_id, "DEBIT", 10), ("1001", "CREDIT", 10))
        leaving = Leaving(bank.door.call(request), moment)
        try:
            await leaving
        except GoneAway:
            again = await bank.door.call(request)
            assert again == await bank.door.call(request)
        else:
            break
    assert moment > 2
    assert await bank.balance(account_id) == 1_000 - 10 * moment
    assert len((await bank.door.call(v1.ListEntriesRequest(account_id=account_id))).entries) == 1 + moment
    await bank.must_be_sound()


@pytest.mark.parametrize("durable", [False, True])
async def test_what_a_failing_disk_did_not_keep_was_never_answered(bank: Bank, durable: bool) -> None:
    account_id = await bank.deposit(100)
    asked = [bank.entry((account_id, "DEBIT", 10), ("1001", "CREDIT", 10)) for _ in range(12)]
    with commits_fail("database or disk is full", durable=durable):
        for request in asked[:2]:
            assert (await bank.door.refused(request)).reason == "STORE_UNAVAILABLE"
        assert await bank.balance(account_id) == (90 if durable else 100)
    answers = await asyncio.gather(*map(bank.door.call, asked), return_exceptions=True)
    assert [isinstance(answer, v1.PostEntryResponse) for answer in answers] == [True] * 10 + [False] * 2
    assert await bank.balance(account_id) == 0
    await bank.must_be_sound()


async def test_a_clock_that_steps_back_and_forth_leaves_the_moments_of_a_book_in_order(bank: Bank) -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    entries = []
    for minutes in (0, -90, 60 * 24 * 40, -5, -60 * 24 * 400, 1):
        bank.door.now(noon + timedelta(minutes=minutes))
        entries.append(await bank.post(("1001", "DEBIT", 10), ("6011", "CREDIT", 10)))
    moments = [instant_of(entry.posted_at) for entry in entries]
    assert moments == sorted(moments)
    assert moments[2] == moments[-1] == noon + timedelta(days=40)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert len({entry.entry_id for entry in entries}) == 6
    await bank.must_be_sound()


async def test_a_business_date_that_steps_back_never_books_ahead_of_it(bank: Bank) -> None:
    for day in (5, 3, 8, 5):
        bank.door.today(date(2026, 1, day))
        entry = await bank.post(("1001", "DEBIT", 10), ("6011", "CREDIT", 10))
        assert date_of(entry.booking_date) == date(2026, 1, day)
    bank.door.today(date(2026, 1, 9))
    for day, units in ((2, 0), (3, 10), (4, 10), (5, 30), (7, 30), (8, 40)):
        at = await bank.door.call(v1.GetBalanceRequest(account_code="1001", on={"year": 2026, "month": 1, "day": day}))
        assert sum(amount.minor_units for amount in at.balances) == units
    await bank.must_be_sound()


def life_of_loans() -> list[Message]:
    """What credit tells of two loans."""
    return [
        disbursed(100_000),
        repaid(30_000, 1_000),
        repaid(20_000, 700),
        repaid(0, 500),
        participation.ParticipationFunded(loan_id="loan_1", principal=cny(400)),
        fund.LossClaimed(fund_id="fund_1", loan_id="loan_1", amount=cny(900), compensated=cny(700)),
        fund.LossRecovered(fund_id="fund_1", loan_id="loan_1", amount=cny(90), returned=cny(70)),
    ]


async def trial_balance(door: Door) -> v1.GetTrialBalanceResponse:
    found: v1.GetTrialBalanceResponse = await door.call(v1.GetTrialBalanceRequest())
    return found


async def test_events_that_come_twice_and_in_any_order_leave_the_same_books(bank: Bank) -> None:
    events = life_of_loans()
    for number, event in enumerate(events):
        await bank.door.deliver(event, event_id=f"in order {number}")
    once = await trial_balance(bank.door)
    chance = Random("disorder")
    for turn in range(3):
        told = [(number, event) for number, event in enumerate(events) for _ in range(chance.choice((1, 2, 3)))]
        chance.shuffle(told)
        for number, event in told:
            await bank.door.deliver(event, event_id=f"{turn}: {number}")
    found = await trial_balance(bank.door)
    totals = [(line.account_code, line.debit.minor_units, line.credit.minor_units) for line in found.lines]
    assert totals == [
        (line.account_code, 4 * line.debit.minor_units, 4 * line.credit.minor_units) for line in once.lines
    ]
    assert len((await bank.door.call(v1.ListEntriesRequest())).entries) == 4 * len(events)
    await bank.must_be_sound()
