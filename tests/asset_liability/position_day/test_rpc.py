"""The positions of dates through the door: as they were at the close, piece by piece, once, and kept."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.asset_liability import book
from zhongtai.asset_liability.position_day import store
from zhongtai.asset_liability.v1 import position_day_pb2 as v1
from zhongtai.asset_liability.v1 import position_pb2
from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.operations.v1 import book_day_pb2 as operations_v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

NEXT = book.START + timedelta(days=1)
HEARD = ["credit", "operations.general"]


def take(number: int, on: date = book.START, heard: list[str] | None = None) -> v1.TakePositionsRequest:
    return v1.TakePositionsRequest(
        request_id=f"take-{on}-{number}", business_date=date_message(on), heard=HEARD if heard is None else heard
    )


async def closes(door: Door, on: date = book.START) -> None:
    """Credit and the general book close a date."""
    day = date_message(on)
    await door.deliver(credit_v1.EndOfDayClosed(closing_id=on.isoformat(), business_date=day))
    await door.deliver(
        operations_v1.BookDayAdvanced(book="general", business_date=day, status=operations_v1.BOOK_DAY_STATUS_CLOSED)
    )


async def filled(door: Door) -> None:
    """Loans of 3,000.00 and 300.00, deposits of 10,000.00, 2,500.00 undrawn on 2 March; on 3 March some of it moves."""
    door.today(book.START)
    await door.deliver(book.loan_disbursed())
    await door.deliver(book.loan_disbursed("loan_2", 30_000))
    await door.deliver(book.account_opened("acc_1"))
    await door.deliver(book.entry_posted("ent_1", "acc_1", 1_000_000))
    for event in book.limit_events():
        await door.deliver(event)
    door.today(NEXT)
    await door.deliver(book.loan_repaid(100_000, 100, 1))
    await door.deliver(book.entry_posted("ent_2", "acc_1", -400_000, 1))
    await door.deliver(book.entry_posted("ent_3", "acc_2", 5_000, 1))


async def taken(door: Door, on: date = book.START) -> Any:
    """The positions of a date, taken in as many calls as they need."""
    calls = 0
    while (await door.call(take(calls, on))).more:
        calls += 1
    return (await door.call(v1.GetPositionDayRequest(business_date=date_message(on)))).position_day


def told(day: v1.PositionDay) -> dict[tuple[str, str], tuple[int, int, int]]:
    return {
        (position_pb2.PositionKind.Name(line.kind).removeprefix("POSITION_KIND_"), line.product_id): (
            line.positions,
            line.outstanding.minor_units,
            line.transfer_charge.minor_units,
        )
        for line in day.lines
    }


@pytest.mark.parametrize("piece", [1, 2, 20_000])
async def test_the_positions_of_a_date_are_those_at_its_close(
    door: Door, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(store, "PIECE", piece)
    await filled(door)
    await closes(door)
    day = await taken(door)
    # 3,300.00 at 3 % for one of 365 nights is 27.1 fen; of 3,000.00 and 300.00 apart it would be 25 and 2.
    assert told(day) == {
        ("LOAN", "consumer_instalment"): (2, 330_000, 27),
        ("DEPOSIT", "demand_deposit"): (1, 1_000_000, 0),
        ("DEPOSIT", ""): (0, 0, 0),
        ("UNDRAWN_LIMIT", "consumer"): (1, 250_000, 0),
    }
    (total,) = day.totals
    amounts = (total.assets, total.liabilities, total.off_balance_sheet, total.transfer_charge)
    assert [amount.minor_units for amount in amounts] == [330_000, 1_000_000, 250_000, 27]
    assert total.positions == 4


async def test_what_was_taken_stays_and_the_next_date_tells_what_came(door: Door) -> None:
    await filled(door)
    await closes(door)
    before = await taken(door)
    await door.deliver(book.entry_posted("late", "acc_1", 7_000))
    await door.deliver(book.entry_posted("late on a new account", "zzz", 9_000))
    again = await door.call(take(99))
    assert (again.more, again.position_day.taken_at) == (False, before.taken_at)
    assert (await door.call(v1.GetPositionDayRequest(business_date=date_message(book.START)))).position_day == before
    door.today(NEXT + timedelta(days=1))
    await closes(door, NEXT)
    after = told(await taken(door, NEXT))
    assert after["DEPOSIT", "demand_deposit"] == (1, 607_000, 0)
    assert after["LOAN", "consumer_instalment"] == (2, 230_000, 19)
    listed = await door.call(v1.ListPositionDaysRequest())
    assert [(day.business_date, day.HasField("taken_at")) for day in listed.position_days] == [
        (date_message(book.START), True),
        (date_message(NEXT), True),
    ]


async def test_a_date_waits_until_the_closes_it_needs_were_heard(door: Door) -> None:
    await filled(door)
    refusal = await door.refused(take(1))
    assert (refusal.reason, refusal.metadata["service"]) == ("CLOSE_MUST_BE_HEARD", "credit")
    day = date_message(book.START)
    await door.deliver(credit_v1.EndOfDayClosed(closing_id="2026-03-02", business_date=day))
    proved = operations_v1.BookDayAdvanced(
        book="general", business_date=day, status=operations_v1.BOOK_DAY_STATUS_PROVED
    )
    await door.deliver(proved)
    refusal = await door.refused(take(2))
    assert (refusal.reason, refusal.metadata["service"]) == ("CLOSE_MUST_BE_HEARD", "operations.general")
    assert (await door.call(v1.ListPositionDaysRequest())).position_days == []
    await closes(door)
    assert (await door.call(take(3))).position_day.totals


async def test_a_date_that_is_not_over_or_was_not_taken_is_refused(door: Door) -> None:
    await filled(door)
    assert (await door.refused(take(1, NEXT, []))).reason == "POSITION_DAY_MUST_BE_OVER"
    preview = v1.PreviewPositionsRequest(business_date=date_message(NEXT))
    assert (await door.refused(preview)).reason == "POSITION_DAY_MUST_BE_OVER"
    unknown = v1.GetPositionDayRequest(business_date=date_message(book.START))
    assert (await door.refused(unknown)).reason == "POSITION_DAY_NOT_FOUND"


async def test_a_preview_comes_to_what_is_taken_then(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PIECE", 2)
    await filled(door)
    assets = liabilities = 0
    position = ""
    while True:
        asked = v1.PreviewPositionsRequest(business_date=date_message(book.START), position=position)
        reply = await door.call(asked)
        assets += sum(total.assets.minor_units for total in reply.totals)
        liabilities += sum(total.liabilities.minor_units for total in reply.totals)
        position = reply.next_position
        if not position:
            break
    assert (await door.call(v1.ListPositionDaysRequest())).position_days == []
    await closes(door)
    (total,) = (await taken(door)).totals
    assert (assets, liabilities) == (total.assets.minor_units, total.liabilities.minor_units)
