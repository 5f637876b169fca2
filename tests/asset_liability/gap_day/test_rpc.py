"""The gaps of dates through the door: currency by currency, once, beside the positions they come from."""

from typing import Any

from tests.asset_liability import book
from tests.asset_liability.position_day.test_rpc import NEXT, closes, filled, taken
from zhongtai.asset_liability.v1 import gap_day_pb2 as v1
from zhongtai.asset_liability.v1 import gap_pb2
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.seeds import seeds
from zhongtai.testing.doors import Door

DAY = date_message(book.START)


def take_gaps(number: int) -> v1.TakeGapsRequest:
    return v1.TakeGapsRequest(request_id=f"gaps-{number}", business_date=DAY)


async def closed(door: Door) -> None:
    """Positions in two currencies, taken, and the shipped curve."""
    for request in seeds("asset_liability"):
        await door.call(request)
    await filled(door)
    dollars = Money(currency_code="USD", minor_units=70_000)
    leg = ledger_v1.Leg(account_code="2011", account_id="acc_usd", side=ledger_v1.SIDE_CREDIT, amount=dollars)
    await door.deliver(ledger_v1.EntryPosted(entry_id="ent_usd", booking_date=DAY, value_date=DAY, legs=[leg]))
    await closes(door)
    await taken(door)


def sums(gap: gap_pb2.Gap) -> tuple[int, int]:
    return sum(each.assets.minor_units for each in gap.buckets), sum(
        each.liabilities.minor_units for each in gap.buckets
    )


async def test_gaps_wait_for_the_positions(door: Door) -> None:
    await filled(door)
    assert (await door.refused(take_gaps(0))).reason == "POSITIONS_MUST_BE_TAKEN"
    assert (await door.call(v1.ListGapDaysRequest(business_date=DAY))).gap_days == []


async def test_gaps_are_taken_by_currency_once(door: Door) -> None:
    await closed(door)
    first, second, third = [await door.call(take_gaps(number)) for number in (1, 2, 3)]
    assert [reply.gap_day.currency_code for reply in (first, second, third)] == ["CNY", "USD", ""]
    assert [(reply.more, reply.agrees) for reply in (first, second, third)] == [
        (True, True),
        (False, True),
        (False, True),
    ]
    listed = (await door.call(v1.ListGapDaysRequest(business_date=DAY))).gap_days
    assert list(listed) == [first.gap_day, second.gap_day]
    assert sums(first.gap_day.repricing) == (330_000, 1_000_000)
    assert sums(second.gap_day.repricing) == (0, 70_000)
    assert (
        first.gap_day.liquidity == (await door.call(gap_pb2.GetLiquidityGapRequest(as_of=DAY, currency_code="CNY"))).gap
    )


async def test_what_was_taken_of_a_date_stays(door: Door) -> None:
    await closed(door)
    found = (await door.call(take_gaps(1))).gap_day
    await door.deliver(book.entry_posted("late", "acc_1", 7_000))
    assert (await door.call(take_gaps(9))).gap_day.currency_code == "USD"
    assert (await door.call(v1.ListGapDaysRequest(business_date=DAY))).gap_days[0] == found


async def test_a_gap_that_does_not_add_up_to_the_positions_says_so_until_somebody_answers(door: Door) -> None:
    await closed(door)
    await door.deliver(book.entry_posted("late", "acc_1", 7_000))
    replies = [await door.call(take_gaps(number)) for number in (1, 2, 3)]
    assert [reply.agrees for reply in replies] == [False, False, False]
    assert [reply.gap_day.agrees for reply in replies] == [False, True, False]


async def test_a_preview_tells_the_summary_of_what_is_taken_then(door: Door) -> None:
    await closed(door)
    summaries: list[Any] = []
    position = ""
    while True:
        reply = await door.call(v1.PreviewGapsRequest(business_date=DAY, position=position))
        summaries += reply.gaps
        position = reply.next_position
        if not position:
            break
    cny, usd = summaries
    assert (await door.call(v1.ListGapDaysRequest(business_date=DAY))).gap_days == []
    found = (await door.call(take_gaps(1))).gap_day
    assert (cny.assets.minor_units, cny.liabilities.minor_units) == sums(found.repricing)
    by_bucket = {bucket.bucket_id: bucket.cumulative_gap for bucket in found.repricing.buckets}
    assert cny.repricing_gap_of_year == by_bucket["months_9_12"]
    assert cny.worst_value_change == min((each.change for each in found.value_changes), key=lambda m: m.minor_units)
    assert not usd.HasField("worst_value_change"), "there is no curve in dollars"
    tomorrow = v1.PreviewGapsRequest(business_date=date_message(NEXT.replace(day=NEXT.day + 1)))
    assert (await door.refused(tomorrow)).reason == "AS_OF_MUST_NOT_BE_IN_THE_FUTURE"


async def test_shocks_are_told_with_what_they_rest_on(door: Door) -> None:
    await closed(door)
    found = (await door.call(take_gaps(1))).gap_day
    assert (found.curve_id, found.curve_version, found.shock_version) == ("cny_treasury", 1, "2016")
    changes = {v1.ShockScenario.Name(each.scenario): each.change.minor_units for each in found.value_changes}
    assert len(changes) == 6
    # More is owed than lent, and longer: higher rates make what is owed worth less.
    assert changes["SHOCK_SCENARIO_PARALLEL_UP"] > 0 > changes["SHOCK_SCENARIO_PARALLEL_DOWN"]
    assert (await door.call(take_gaps(2))).gap_day.value_changes == []
