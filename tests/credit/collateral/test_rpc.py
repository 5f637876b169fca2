"""Collateral through the door."""

from tests.credit.collateral.items import registered, registering, valuing
from tests.credit.examples import day, fen, rate, request_id
from zhongtai.credit.v1 import collateral_pb2 as v1
from zhongtai.testing.doors import Door


async def test_every_valuation_is_kept(door: Door) -> None:
    collateral_id = await registered(door)
    reply = await door.call(valuing(collateral_id, 1_000_000))
    assert (reply.collateral.value, reply.collateral.lendable) == (fen(1_000_000), fen(700_000))
    history = await door.call(v1.ListValuationsRequest(collateral_id=collateral_id))
    assert [one.value.minor_units for one in history.valuations] == [2_000_000, 1_000_000]
    assert [fact.change for fact in await door.facts(v1.CollateralValued)] == [fen(-1_000_000)]


async def test_an_item_is_returned_once(door: Door) -> None:
    collateral_id = await registered(door)
    for _ in range(2):
        await door.call(v1.ReturnCollateralRequest(request_id=request_id(), collateral_id=collateral_id))
    assert len(await door.facts(v1.CollateralReturned)) == 1
    assert (await door.refused(valuing(collateral_id, 1))).reason == "COLLATERAL_MUST_BE_HELD"


async def test_one_title_is_registered_once(door: Door) -> None:
    first = await registered(door, title_number="one")
    refusal = await door.refused(registering(title_number="one"))
    assert (refusal.reason, refusal.metadata["collateral_id"]) == ("COLLATERAL_ALREADY_REGISTERED", first)
    await registered(door, title_number="one", kind=v1.COLLATERAL_KIND_VEHICLE)
    listed = await door.call(v1.ListCollateralRequest(owner_id="cus_1"))
    assert len(listed.collateral) == 2
    assert not (await door.call(v1.ListCollateralRequest(owner_id="cus_2"))).collateral


async def test_bad_requests_leave_nothing(door: Door) -> None:
    assert (await door.refused(registering(haircut=rate("1.2")))).kind == "Invalid"
    assert (await door.refused(registering(valued_on=day(2027, 1, 1)))).reason == "VALUATION_MUST_NOT_BE_FUTURE"
    unknown = v1.GetCollateralRequest(collateral_id="col_x")
    assert (await door.refused(unknown)).reason == "COLLATERAL_NOT_FOUND"
    assert not await door.envelopes()
