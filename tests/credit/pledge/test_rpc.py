"""Pledges through the door."""

from tests.credit.collateral.items import registered, valuing
from tests.credit.examples import disbursed, fen, pending, request_id
from zhongtai.credit.v1 import collateral_pb2 as collateral_v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import pledge_pb2 as v1
from zhongtai.credit.v1 import repayment_pb2 as repayment_v1
from zhongtai.testing.doors import Door

OWED = 1_200_000


async def pledged(door: Door, collateral_id: str, loan_id: str, secured: int = OWED) -> str:
    reply = await door.call(
        v1.PledgeCollateralRequest(
            request_id=request_id(), collateral_id=collateral_id, loan_id=loan_id, secured=fen(secured)
        )
    )
    return str(reply.pledge_id)


def releasing(collateral_id: str, pledge_id: str) -> v1.ReleasePledgeRequest:
    return v1.ReleasePledgeRequest(request_id=request_id(), collateral_id=collateral_id, pledge_id=pledge_id)


async def test_from_title_to_cover_and_back(door: Door) -> None:
    loan = await disbursed(door, OWED)
    collateral_id = await registered(door)
    pledge_id = await pledged(door, collateral_id, loan.loan_id)
    reply = await door.call(v1.GetCoverageRequest(loan_id=loan.loan_id))
    assert reply.coverage.covered == fen(OWED)
    assert reply.coverage.loan_to_value.value == "0.6000"
    assert not reply.HasField("shortfall")
    found = (await door.call(collateral_v1.GetCollateralRequest(collateral_id=collateral_id))).collateral
    assert (found.lendable, found.secured) == (fen(1_400_000), fen(OWED))
    for listing in (v1.ListPledgesRequest(collateral_id=collateral_id), v1.ListPledgesRequest(loan_id=loan.loan_id)):
        assert [one.pledge_id for one in (await door.call(listing)).pledges] == [pledge_id]
    refusal = await door.refused(
        collateral_v1.ReturnCollateralRequest(request_id=request_id(), collateral_id=collateral_id)
    )
    assert refusal.reason == "COLLATERAL_MUST_BE_FREE"
    assert (await door.refused(releasing(collateral_id, pledge_id))).reason == "PLEDGE_STILL_NEEDED"


async def test_before_the_money_left_a_pledge_is_taken_back_whole(door: Door) -> None:
    loan = await pending(door, OWED)
    collateral_id = await registered(door)
    pledge_id = await pledged(door, collateral_id, loan.loan_id)
    for _ in range(2):
        await door.call(releasing(collateral_id, pledge_id))
    assert len(await door.facts(v1.PledgeReleased)) == 1
    for _ in range(2):
        await door.call(collateral_v1.ReturnCollateralRequest(request_id=request_id(), collateral_id=collateral_id))
    assert len(await door.facts(collateral_v1.CollateralReturned)) == 1


async def fallen(door: Door) -> str:
    """A loan that lacks 5,000.00 of cover, because the house that secures it lost half its value; its id."""
    loan = await disbursed(door, OWED)
    house = await registered(door)
    await pledged(door, house, loan.loan_id)
    await door.call(valuing(house, 1_000_000))
    (valued,) = await door.facts(collateral_v1.CollateralValued)
    for _ in range(2):
        await door.deliver(valued, event_id="evt_valued")
    assert [fact.amount for fact in await door.facts(v1.CollateralShortfallCalled)] == [fen(500_000)]
    return loan.loan_id


async def test_a_fall_in_value_calls_for_cover_and_more_collateral_meets_it(door: Door) -> None:
    loan_id = await fallen(door)
    car = await registered(door, kind=collateral_v1.COLLATERAL_KIND_VEHICLE)
    await pledged(door, car, loan_id, 500_000)
    assert len(await door.facts(v1.CollateralShortfallMet)) == 1
    latest = (await door.call(v1.GetCoverageRequest(loan_id=loan_id))).shortfall
    assert latest.status == v1.SHORTFALL_STATUS_MET


async def test_a_repayment_meets_the_call(door: Door) -> None:
    loan_id = await fallen(door)
    quote = await door.call(repayment_v1.QuotePayOffRequest(loan_id=loan_id))
    await door.call(
        repayment_v1.PayOffLoanRequest(request_id=request_id(), loan_id=loan_id, amount=quote.total, payment_id="pay_1")
    )
    (repaid,) = await door.facts(loan_v1.LoanRepaid)
    await door.deliver(repaid)
    assert len(await door.facts(v1.CollateralShortfallMet)) == 1
    reviewed = await door.call(v1.ReviewCoverageRequest(request_id=request_id(), loan_id=loan_id))
    assert (reviewed.coverage.owed, reviewed.shortfall.status) == (fen(0), v1.SHORTFALL_STATUS_MET)


async def test_one_item_takes_the_place_of_another_or_nothing_changes(door: Door) -> None:
    loan = await disbursed(door, OWED)
    house, small, large = await registered(door), await registered(door, value=fen(100)), await registered(door)
    pledge_id = await pledged(door, house, loan.loan_id)

    def substituting(substitute_id: str) -> v1.SubstituteCollateralRequest:
        return v1.SubstituteCollateralRequest(
            request_id=request_id(), collateral_id=house, pledge_id=pledge_id, substitute_id=substitute_id
        )

    assert (await door.refused(substituting(small))).reason == "PLEDGE_MUST_BE_WITHIN_VALUE"
    assert len((await door.call(v1.GetCoverageRequest(loan_id=loan.loan_id))).coverage.lines) == 1
    await door.call(substituting(large))
    lines = (await door.call(v1.GetCoverageRequest(loan_id=loan.loan_id))).coverage.lines
    assert [line.collateral_id for line in lines] == [large]
    assert (await door.refused(substituting(small))).reason == "PLEDGE_MUST_STAND"


async def test_a_sale_pays_the_loan_and_the_owner(door: Door) -> None:
    loan = await disbursed(door, OWED)
    house = await registered(door)
    await pledged(door, house, loan.loan_id)
    selling = v1.RealiseCollateralRequest(
        request_id=request_id(), collateral_id=house, proceeds=fen(1_500_000), payment_id="pay_1"
    )
    reply = await door.call(selling)
    assert [(one.loan_id, one.amount) for one in reply.proceeds] == [(loan.loan_id, fen(OWED))]
    assert reply.surplus == fen(300_000)
    assert len(await door.facts(v1.CollateralRealised)) == 1
    assert (await door.refused(valuing(house, 1))).reason == "COLLATERAL_MUST_BE_HELD"


async def test_a_sweep_finds_the_loan_whose_cover_was_lacking_when_it_was_paid_out(door: Door) -> None:
    loans = [await pending(door, OWED) for _ in range(2)]
    houses = [await registered(door) for _ in loans]
    for house, loan in zip(houses, loans, strict=True):
        await pledged(door, house, loan.loan_id)
    await door.call(valuing(houses[0], 1_000_000))
    await door.deliver((await door.facts(collateral_v1.CollateralValued))[-1])
    for paying in (
        limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=loans[0].limit_id, hold_id=loans[0].hold_id),
        loan_v1.ConfirmDisbursementRequest(request_id=request_id(), loan_id=loans[0].loan_id, payment_id="pay_out"),
    ):
        await door.call(paying)
    assert not await door.facts(v1.CollateralShortfallCalled)
    swept = await door.call(v1.SweepCoverageRequest(request_id=request_id()))
    assert (swept.loans, swept.next_position) == (2, "")
    (called,) = await door.facts(v1.CollateralShortfallCalled)
    assert (called.loan_id, called.amount) == (loans[0].loan_id, fen(500_000))
