"""Standing orders through the door: each occasion pays once, a failed one is tried again, an ended one pays no more."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from google.type.date_pb2 import Date

from tests.operations.bank import Bank, cny
from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.operations.v1 import payment_order_pb2
from zhongtai.operations.v1 import standing_order_pb2 as v1


def opening(bank: Bank, one: str, other: str, fen: int, **parts: Any) -> v1.OpenStandingOrderRequest:
    asked = {
        "frequency": v1.PAYMENT_FREQUENCY_MONTHLY,
        "first_date": Date(year=2026, month=5, day=8),
        "tries": 2,
        **parts,
    }
    return v1.OpenStandingOrderRequest(
        request_id=bank.request_id(), debtor_account_id=one, creditor_account_id=other, amount=cny(fen), **asked
    )


async def run_on(bank: Bank, day: date) -> v1.RunStandingOrdersResponse:
    bank.door.now(datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
    found: v1.RunStandingOrdersResponse = await bank.door.call(
        v1.RunStandingOrdersRequest(request_id=bank.request_id())
    )
    return found


async def test_every_month_pays_once_and_a_failed_one_is_tried_again(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 7, 1, tzinfo=UTC))
    one, other = await bank.deposit(500), await bank.deposit()
    standing_order_id = (await bank.door.call(opening(bank, one, other, 400))).standing_order_id
    assert (await run_on(bank, date(2026, 5, 7))).placed == 0
    assert (await run_on(bank, date(2026, 5, 8))).placed == 1
    assert (await run_on(bank, date(2026, 5, 8))).placed == 0
    assert await bank.balance(other) == 400
    assert (await run_on(bank, date(2026, 6, 8))).failed == 1
    await bank.post(("1001", "DEBIT", 300), (one, "CREDIT", 300))
    again = await run_on(bank, date(2026, 6, 9))
    assert (again.placed, again.failed) == (1, 0)
    assert await bank.balance(other) == 800
    for day in (date(2026, 7, 8), date(2026, 7, 9)):
        assert (await run_on(bank, day)).failed == 1
    (missed,) = await bank.door.facts(v1.StandingOrderMissed)
    assert (missed.occasion, missed.reason_code) == (2, "AM04")
    found = (await bank.door.call(v1.GetStandingOrderRequest(standing_order_id=standing_order_id))).standing_order
    assert (found.paid_count, found.missed_count, found.occasion) == (2, 1, 3)
    assert found.next_date == Date(year=2026, month=8, day=8)
    placed = (await bank.door.call(payment_order_pb2.ListPaymentOrdersRequest(customer_id="cus_1"))).payment_orders
    assert len({order.end_to_end_id for order in placed}) == 5
    await bank.must_be_sound()


async def test_nobody_waits_for_the_calendar_of_next_year(bank: Bank) -> None:
    bank.door.now(datetime(2026, 11, 30, 1, tzinfo=UTC))
    one, other = await bank.deposit(5_000), await bank.deposit()
    await bank.door.call(opening(bank, one, other, 400, first_date=Date(year=2026, month=12, day=1)))
    await bank.door.call(opening(bank, one, other, 4, first_date=Date(year=2027, month=3, day=1)))
    # The next occasion of the first is in a year whose holidays are not told of yet.
    assert (await run_on(bank, date(2026, 12, 1))).placed == 1
    assert (await run_on(bank, date(2026, 12, 31))).placed == 0
    assert (await run_on(bank, date(2027, 1, 1))).placed == 1
    assert await bank.balance(other) == 800


async def test_a_day_that_turns_out_to_be_a_holiday_is_put_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.door.now(datetime(2026, 11, 30, 1, tzinfo=UTC))
    one, other = await bank.deposit(5_000), await bank.deposit()
    await bank.door.call(opening(bank, one, other, 400, first_date=Date(year=2027, month=1, day=1)))
    of_2027 = {"holidays": [["2027-01-01", "2027-01-03"]], "worked_weekends": []}
    told = CHINA_INTERBANK.with_overrides({"version": "told", "years": {"2027": of_2027}})
    monkeypatch.setattr("zhongtai.operations.rail.domain.CHINA_INTERBANK", told)
    assert (await run_on(bank, date(2027, 1, 1))).placed == 0
    assert (await run_on(bank, date(2027, 1, 4))).placed == 1


async def test_an_ended_standing_order_pays_no_more(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 7, 1, tzinfo=UTC))
    one, other = await bank.deposit(500), await bank.deposit()
    standing_order_id = (await bank.door.call(opening(bank, one, other, 1))).standing_order_id
    for request_id in ("e1", "e2"):
        ended = await bank.door.call(
            v1.EndStandingOrderRequest(request_id=request_id, standing_order_id=standing_order_id)
        )
        assert ended.standing_order.status == v1.STANDING_ORDER_STATUS_ENDED
    assert len(await bank.door.facts(v1.StandingOrderEnded)) == 1
    assert (await run_on(bank, date(2026, 5, 8))).placed == 0
    assert len((await bank.door.call(v1.ListStandingOrdersRequest(customer_id="cus_1"))).standing_orders) == 1


async def test_one_that_could_never_pay_is_refused(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 7, 1, tzinfo=UTC))
    one, other = await bank.deposit(500), await bank.deposit()
    past, early = Date(year=2026, month=5, day=6), Date(year=2026, month=5, day=7)
    cases = [
        (opening(bank, one, one, 1), "ACCOUNTS_MUST_DIFFER"),
        (opening(bank, one, "", 1), "CREDITOR_MUST_BE_ONE"),
        (opening(bank, one, other, 1, rail="hvps"), "RAIL_MUST_BE_NAMED"),
        (opening(bank, one, other, 1, first_date=past), "FIRST_DATE_MUST_NOT_BE_PAST"),
        (opening(bank, one, other, 1, last_date=early), "LAST_DATE_MUST_FOLLOW_FIRST"),
        (opening(bank, one, other, 1, tries=0), "REQUEST_INVALID"),
    ]
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert not (await bank.door.call(v1.ListStandingOrdersRequest())).standing_orders


async def test_two_alike_on_one_day_both_pay_since_both_are_meant(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 7, 1, tzinfo=UTC))
    one, other = await bank.deposit(500), await bank.deposit()
    for _ in range(2):
        await bank.door.call(opening(bank, one, other, 100))
    assert (await run_on(bank, date(2026, 5, 8))).placed == 2
    assert await bank.balance(other) == 200
