"""What a limit hears: a repaid loan gives its principal back."""

import pytest

from tests.credit.examples import fen, granted, held, request_id
from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.testing.doors import Door


async def used(door: Door, amount: int) -> str:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, amount)
    await door.call(v1.CommitHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id))
    return limit_id


def repaid(limit_id: str, principal: int) -> loan_v1.LoanRepaid:
    return loan_v1.LoanRepaid(
        loan_id="loan_1", customer_id="cus_1", limit_id=limit_id, principal=fen(principal), interest=fen(7)
    )


async def test_repaid_principal_may_be_used_again_once(door: Door) -> None:
    limit_id = await used(door, 400)
    for _ in range(3):
        await door.deliver(repaid(limit_id, 150), event_id="evt_1")
    limit = (await door.call(v1.GetLimitRequest(limit_id=limit_id))).limit
    assert (limit.used.minor_units, limit.available.minor_units) == (250, 750)
    facts = await door.facts(v1.LimitRestored)
    assert facts == [v1.LimitRestored(limit_id=limit_id, amount=fen(150))]


async def test_interest_alone_restores_nothing(door: Door) -> None:
    limit_id = await used(door, 400)
    await door.deliver(repaid(limit_id, 0))
    assert not await door.facts(v1.LimitRestored)


async def test_more_than_was_used_is_left_to_the_dead_letters_and_changes_nothing(door: Door) -> None:
    limit_id = await used(door, 400)
    with pytest.raises(AssertionError):
        await door.deliver(repaid(limit_id, 401))
    limit = (await door.call(v1.GetLimitRequest(limit_id=limit_id))).limit
    assert limit.used.minor_units == 400
