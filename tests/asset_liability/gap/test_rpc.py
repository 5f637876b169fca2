"""Gaps through the door, from positions made by events."""

from datetime import date, timedelta

import pytest
from google.type.date_pb2 import Date

from tests.asset_liability import book
from zhongtai.asset_liability.gap import store
from zhongtai.asset_liability.v1 import gap_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

APRIL_3 = book.START + timedelta(days=32)


async def filled(door: Door) -> None:
    """A loan of 3,000.00, deposits of 10,000.00 and 2,500.00 undrawn on 2 March; repayments on 2 April and 2 May."""
    door.today(book.START)
    await door.deliver(book.loan_disbursed())
    await door.deliver(book.entry_posted("ent_1", "acc_1", 1_300_000))
    await door.deliver(book.entry_posted("ent_2", "acc_1", -300_000))
    for event in book.limit_events():
        await door.deliver(event)
    await door.deliver(book.loan_repaid(100_000, 3_000, 31))
    await door.deliver(book.entry_posted("ent_3", "acc_1", -103_000, 31))


async def repricing(door: Door, as_of: Date | None = None) -> dict[str, tuple[int, int]]:
    gap = (await door.call(v1.GetRepricingGapRequest(currency_code="CNY", as_of=as_of))).gap
    return {bucket.bucket_id: (bucket.assets.minor_units, bucket.liabilities.minor_units) for bucket in gap.buckets}


async def liquidity(door: Door, as_of: Date | None = None) -> dict[str, tuple[int, int, int]]:
    gap = (await door.call(v1.GetLiquidityGapRequest(currency_code="CNY", as_of=as_of))).gap
    return {
        bucket.bucket_id: (
            bucket.assets.minor_units,
            bucket.liabilities.minor_units,
            bucket.off_balance_sheet.minor_units,
        )
        for bucket in gap.buckets
    }


async def test_the_gap_at_the_close_of_the_first_day(door: Door) -> None:
    await filled(door)
    found = await repricing(door)
    # Instalments of 1,000.00 fall due on 2 April (a month), 2 May and 2 June (three months).
    assert {name: row[0] for name, row in found.items() if row[0]} == {
        "up_to_1_month": 100_000,
        "months_1_3": 200_000,
    }
    assert found["overnight"][1] == 400_000
    assert sum(row[1] for row in found.values()) == 1_000_000
    cash = await liquidity(door)
    assert cash["up_to_1_month"] == (103_000, 80_000, 12_500)
    assert cash["months_1_3"][0] == 203_000


async def test_a_gap_sees_what_its_day_had_seen(door: Door) -> None:
    await filled(door)
    door.today(APRIL_3)
    later = await repricing(door)
    assert {name: row[0] for name, row in later.items() if row[0]} == {"up_to_1_month": 100_000, "months_1_3": 100_000}
    assert sum(row[1] for row in later.values()) == 897_000
    earlier = await repricing(door, date_message(book.START))
    assert sum(row[0] for row in earlier.values()) == 300_000
    assert sum(row[1] for row in earlier.values()) == 1_000_000
    before = await repricing(door, Date(year=2026, month=3, day=1))
    assert not any(sum(row) for row in before.values())


async def test_many_loans_are_read_some_at_a_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.today(book.START)
    for number in range(5):
        await door.deliver(book.loan_disbursed(f"loan_{number}", months=number + 1))
        await door.deliver(book.loan_repaid(10_000 * number, 0, 0, f"loan_{number}"))
    at_once = await liquidity(door)
    monkeypatch.setattr(store, "LOANS_AT_ONCE", 2)
    assert await liquidity(door) == at_once
    assert sum(row[0] for row in (await repricing(door)).values()) == 5 * 300_000 - 100_000


async def test_what_is_late_stands_apart(door: Door) -> None:
    door.today(book.START)
    await door.deliver(book.loan_disbursed())
    await door.deliver(book.loan_repaid(40_000, 0, 31))
    door.today(APRIL_3)
    assert (await liquidity(door))["overdue"] == (63_000, 0, 0)


async def test_a_loan_paid_off_early_owes_nothing_more(door: Door) -> None:
    door.today(book.START)
    await door.deliver(book.loan_disbursed())
    await door.deliver(book.loan_repaid(300_000, 500, 5))
    door.today(APRIL_3)
    assert not any(sum(row) for row in (await liquidity(door)).values())


async def test_a_day_to_come_is_refused(door: Door) -> None:
    door.today(date(2026, 3, 2))
    tomorrow = Date(year=2026, month=3, day=3)
    for request in (
        v1.GetRepricingGapRequest(currency_code="CNY", as_of=tomorrow),
        v1.GetLiquidityGapRequest(currency_code="CNY", as_of=tomorrow),
    ):
        refusal = await door.refused(request)
        assert refusal.reason == "AS_OF_MUST_NOT_BE_IN_THE_FUTURE"
        assert refusal.metadata == {"as_of": "2026-03-03", "business_date": "2026-03-02"}
    assert (await door.refused(v1.GetRepricingGapRequest(currency_code="yuan"))).reason == "REQUEST_INVALID"
