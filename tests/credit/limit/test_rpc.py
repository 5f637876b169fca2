"""Credit limits through the door."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.credit.examples import cny, fen, granted, held, minor_units, request_id
from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.convert import instant_message
from zhongtai.testing.doors import Door

MORNING = datetime(2026, 1, 5, 1, tzinfo=UTC)


async def limit_of(door: Door, limit_id: str) -> v1.Limit:
    reply = await door.call(v1.GetLimitRequest(limit_id=limit_id))
    limit: v1.Limit = reply.limit
    return limit


def figures(limit: v1.Limit) -> tuple[int, ...]:
    """Granted, held, used and available, in fen."""
    return tuple(amount.minor_units for amount in (limit.granted, limit.held, limit.used, limit.available))


async def test_a_customer_has_one_limit_for_a_product_line(door: Door) -> None:
    first = await granted(door, 1_000)
    assert await granted(door, 2_500) == first
    assert await granted(door, 700) == first
    assert await granted(door, 700, line="business") != first
    assert await granted(door, 700, customer="cus_2") != first
    assert figures(await limit_of(door, first)) == (2_500, 0, 0, 2_500)
    assert [fact.granted.minor_units for fact in await door.facts(v1.LimitGranted)] == [1_000, 2_500, 700, 700]
    listed = await door.call(v1.ListLimitsRequest(customer_id="cus_1"))
    assert first in {limit.limit_id for limit in listed.limits}
    assert {limit.product_line for limit in listed.limits} == {"consumer", "business"}


async def test_from_grant_to_use(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, 400)
    assert figures(await limit_of(door, limit_id)) == (1_000, 400, 0, 600)
    for _ in range(2):
        commit = v1.CommitHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id)
        assert figures((await door.call(commit)).limit) == (1_000, 0, 400, 600)
    assert len(await door.facts(v1.LimitCommitted)) == 1
    release = v1.ReleaseHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id)
    assert (await door.refused(release)).reason == "HOLD_ALREADY_COMMITTED"


async def test_a_retried_request_gets_the_same_reply_and_holds_once(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    request = v1.HoldLimitRequest(request_id="same", limit_id=limit_id, amount=fen(600))
    first, again = await door.call(request), await door.call(request)
    assert first == again
    assert figures(await limit_of(door, limit_id)) == (1_000, 600, 0, 400)


@pytest.mark.parametrize("amount", [0, -1])
async def test_an_amount_must_be_positive(door: Door, amount: int) -> None:
    limit_id = await granted(door)
    request = v1.HoldLimitRequest(request_id="1", limit_id=limit_id, amount=fen(amount))
    refusal = await door.refused(request)
    assert refusal.kind == "Invalid"
    assert not await door.facts(v1.LimitHeld)


async def test_refusals_name_what_to_do(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    too_much = v1.HoldLimitRequest(request_id="1", limit_id=limit_id, amount=fen(1_001))
    refusal = await door.refused(too_much)
    assert (refusal.reason, refusal.metadata["available"]) == ("LIMIT_EXHAUSTED", str(cny(1_000)))
    dollars = v1.HoldLimitRequest(request_id="2", limit_id=limit_id, amount=fen(1, "USD"))
    assert (await door.refused(dollars)).reason == "CURRENCY_MUST_MATCH"
    unknown = v1.HoldLimitRequest(request_id="3", limit_id="lim_x", amount=fen(1))
    assert (await door.refused(unknown)).reason == "LIMIT_NOT_FOUND"
    past = v1.HoldLimitRequest(request_id="4", limit_id=limit_id, amount=fen(1), expires_at=instant_message(MORNING))
    assert (await door.refused(past)).reason == "HOLD_MUST_NOT_HAVE_EXPIRED"
    release = v1.ReleaseHoldRequest(request_id="5", limit_id=limit_id, hold_id="hold_x")
    assert (await door.refused(release)).reason == "HOLD_NOT_FOUND"
    withdraw = v1.WithdrawGrantRequest(request_id="6", limit_id=limit_id, grant_id="grant_x")
    assert (await door.refused(withdraw)).reason == "GRANT_NOT_FOUND"


async def test_a_hold_of_another_limit_is_not_found(door: Door) -> None:
    mine, other = await granted(door), await granted(door, customer="cus_2")
    hold_id = await held(door, other, 10)
    release = v1.ReleaseHoldRequest(request_id="1", limit_id=mine, hold_id=hold_id)
    assert (await door.refused(release)).reason == "HOLD_NOT_FOUND"


async def test_reads_count_live_holds_only_and_the_next_change_tells(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    await held(door, limit_id, 900)
    door.now(MORNING + timedelta(days=1))
    assert figures(await limit_of(door, limit_id)) == (1_000, 0, 0, 1_000)
    listed = await door.call(v1.ListLimitsRequest(customer_id="cus_1"))
    assert figures(listed.limits[0]) == (1_000, 0, 0, 1_000)
    holds = (await door.call(v1.ListHoldsRequest(limit_id=limit_id))).holds
    assert [one.status for one in holds] == [v1.HOLD_STATUS_LAPSED]
    assert not await door.facts(v1.LimitReleased)
    await held(door, limit_id, 1_000)
    assert [fact.amount.minor_units for fact in await door.facts(v1.LimitReleased)] == [900]


async def test_a_lapsed_hold_is_released_as_if_it_were_there(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, 900)
    door.now(MORNING + timedelta(days=2))
    for _ in range(2):
        release = v1.ReleaseHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id)
        assert figures((await door.call(release)).limit) == (1_000, 0, 0, 1_000)
    assert len(await door.facts(v1.LimitReleased)) == 1


async def test_a_late_commit_succeeds_while_the_amount_is_free(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, 900)
    door.now(MORNING + timedelta(days=2))
    commit = v1.CommitHoldRequest(request_id="1", limit_id=limit_id, hold_id=hold_id)
    assert figures((await door.call(commit)).limit) == (1_000, 0, 900, 100)


async def test_a_late_commit_is_refused_when_the_amount_is_taken(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, 900)
    door.now(MORNING + timedelta(days=2))
    await held(door, limit_id, 200)
    commit = v1.CommitHoldRequest(request_id="1", limit_id=limit_id, hold_id=hold_id)
    assert (await door.refused(commit)).reason == "HOLD_MUST_NOT_HAVE_EXPIRED"
    assert figures(await limit_of(door, limit_id)) == (1_000, 200, 0, 800)


async def test_withdrawing_a_grant_restores_what_was_granted_before(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    grant = v1.GrantLimitRequest(request_id="1", customer_id="cus_1", product_line="consumer", amount=fen(3_000))
    grant_id = (await door.call(grant)).grant_id
    for _ in range(2):
        undo = v1.WithdrawGrantRequest(request_id=request_id(), limit_id=limit_id, grant_id=grant_id)
        assert figures((await door.call(undo)).limit) == (1_000, 0, 0, 1_000)
    assert [fact.granted.minor_units for fact in await door.facts(v1.LimitLowered)] == [1_000]


async def test_a_withdrawn_grant_no_longer_counts(door: Door) -> None:
    limit_id = ""
    grants: list[str] = []
    for amount in (1_000, 3_000, 2_000):
        request = v1.GrantLimitRequest(
            request_id=request_id(), customer_id="cus_1", product_line="consumer", amount=fen(amount)
        )
        reply = await door.call(request)
        limit_id, grants = reply.limit_id, [*grants, reply.grant_id]
    left = []
    for grant_id in reversed(grants):
        undo = v1.WithdrawGrantRequest(request_id=request_id(), limit_id=limit_id, grant_id=grant_id)
        left.append((await door.call(undo)).limit.granted.minor_units)
    assert left == [3_000, 1_000, 0]
    middle = v1.WithdrawGrantRequest(request_id=request_id(), limit_id=limit_id, grant_id=grants[1])
    assert (await door.call(middle)).limit.granted.minor_units == 0


async def test_a_limit_is_reduced_for_good(door: Door) -> None:
    limit_id = await granted(door, 3_000)
    grant = v1.GrantLimitRequest(request_id="1", customer_id="cus_1", product_line="consumer", amount=fen(5_000))
    grant_id = (await door.call(grant)).grant_id
    await held(door, limit_id, 2_000)
    for _ in range(2):
        reduce = v1.ReduceLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(2_500))
        assert figures((await door.call(reduce)).limit) == (2_500, 2_000, 0, 500)
    undo = v1.WithdrawGrantRequest(request_id="2", limit_id=limit_id, grant_id=grant_id)
    assert figures((await door.call(undo)).limit) == (2_500, 2_000, 0, 500), "the older grant was lowered too"
    assert [fact.granted.minor_units for fact in await door.facts(v1.LimitLowered)] == [2_500]
    dollars = v1.ReduceLimitRequest(request_id="3", limit_id=limit_id, amount=fen(1, "USD"))
    assert (await door.refused(dollars)).reason == "CURRENCY_MUST_MATCH"


async def test_a_customer_has_a_limit_in_each_currency(door: Door) -> None:
    yuan = await granted(door, 1_000)
    grant = v1.GrantLimitRequest(
        request_id="1", customer_id="cus_1", product_line="consumer", amount=fen(700, "USD"), non_revolving=True
    )
    dollars = (await door.call(grant)).limit
    assert dollars.limit_id != yuan
    assert (dollars.granted.currency_code, dollars.revolving, dollars.spent.minor_units) == ("USD", False, 0)
    assert (await limit_of(door, yuan)).revolving


async def test_a_frozen_limit_takes_no_holds(door: Door) -> None:
    limit_id = await granted(door)
    for _ in range(2):
        await door.call(v1.FreezeLimitRequest(request_id=request_id(), limit_id=limit_id))
    hold = v1.HoldLimitRequest(request_id="1", limit_id=limit_id, amount=fen(1))
    assert (await door.refused(hold)).reason == "LIMIT_MUST_BE_ACTIVE"
    for _ in range(2):
        await door.call(v1.UnfreezeLimitRequest(request_id=request_id(), limit_id=limit_id))
    await door.call(hold)
    assert (len(await door.facts(v1.LimitFrozen)), len(await door.facts(v1.LimitUnfrozen))) == (1, 1)


async def test_two_callers_race_for_the_last_of_a_limit(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    races = await asyncio.gather(*(held(door, limit_id, 300) for _ in range(12)), return_exceptions=True)
    refused = [outcome for outcome in races if isinstance(outcome, Refusal)]
    assert len(refused) == 9
    assert {refusal.reason for refusal in refused} == {"LIMIT_EXHAUSTED"}
    assert figures(await limit_of(door, limit_id)) == (1_000, 900, 0, 100)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_interleaving_keeps_the_promise(door: Door, seed: int) -> None:
    """Commands, retries of the same request, lapses and repeated events from many callers at once."""
    chance = Random(seed)
    limit_id = await granted(door, 5_000)
    holds = [await held(door, limit_id, chance.randint(1, 300)) for _ in range(10)]

    async def act(number: int) -> None:
        hold_id, retries = chance.choice(holds), chance.randint(1, 2)
        ids: dict[str, Any] = {"request_id": f"any-{number}", "limit_id": limit_id}
        request = chance.choice(
            (
                v1.HoldLimitRequest(**ids, amount=fen(chance.randint(1, 900))),
                v1.ReleaseHoldRequest(**ids, hold_id=hold_id),
                v1.CommitHoldRequest(**ids, hold_id=hold_id),
            )
        )
        for _ in range(retries):
            try:
                reply = await door.call(request)
            except Refusal:
                continue
            if isinstance(reply, v1.HoldLimitResponse):
                holds.append(reply.hold_id)
        limit = await limit_of(door, limit_id)
        assert limit.held.minor_units + limit.used.minor_units <= limit.granted.minor_units

    async def repay(number: int) -> None:
        used = (await limit_of(door, limit_id)).used.minor_units
        if used:
            event = loan_v1.LoanRepaid(loan_id="loan_1", limit_id=limit_id, principal=fen(used // 2))
            for _ in range(2):
                await door.deliver(event, event_id=f"evt_repaid_{number}")

    for step in range(12):
        door.now(MORNING + timedelta(hours=4 * step))
        await asyncio.gather(*(act(step * 100 + number) for number in range(8)))
        await repay(step)

    limit = await limit_of(door, limit_id)
    rows = [one async for one in all_holds(door, limit_id)]
    live = [one for one in rows if one.status == v1.HOLD_STATUS_OPEN]
    committed = [one for one in rows if one.status == v1.HOLD_STATUS_COMMITTED]
    restored = minor_units(await door.facts(v1.LimitRestored), "amount")
    assert limit.held.minor_units == minor_units(live, "amount")
    assert limit.used.minor_units == minor_units(committed, "amount") - restored


async def all_holds(door: Door, limit_id: str) -> AsyncIterator[v1.Hold]:
    """Every hold of a limit, page by page."""
    request = v1.ListHoldsRequest(limit_id=limit_id)
    request.page.size = 7
    while True:
        reply = await door.call(request)
        for one in reply.holds:
            yield one
        if not reply.page.next_token:
            return
        request.page.token = reply.page.next_token


async def test_a_sweep_tells_what_has_ended_until_there_is_no_more(door: Door) -> None:
    expired = [await granted(door, 1_000, f"cus_{number}") for number in range(60)]
    for limit_id in expired:
        await held(door, limit_id, 100)
    door.now(MORNING + timedelta(days=2))
    swept = [await door.call(v1.SweepLimitsRequest(request_id=request_id())) for _ in range(3)]
    assert [(reply.limits, reply.more) for reply in swept] == [(50, True), (10, False), (0, False)]
    assert len(await door.facts(v1.LimitReleased)) == 60
