"""Participations through the door, and by the events of the loan."""

from typing import Any

from tests.credit.examples import disbursed, fen, pending, rate, request_id
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_account_pb2 as account_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import participation_pb2 as v1
from zhongtai.credit.v1 import repayment_pb2 as repayment_v1
from zhongtai.testing.doors import Door

LENT = 1_200_000


def partner(name: str, share: str) -> v1.Partner:
    return v1.Partner(funder_id=name, share=rate(share), servicing_fee=rate("0.2"))


def agreeing(loan_id: str, *partners: v1.Partner) -> v1.AgreeParticipationRequest:
    return v1.AgreeParticipationRequest(request_id=request_id(), loan_id=loan_id, partners=partners)


def selling(loan_id: str, principal: int, price: int) -> v1.SellLoanPartRequest:
    return v1.SellLoanPartRequest(
        request_id=request_id(),
        loan_id=loan_id,
        buyer_id="fund",
        principal=fen(principal),
        price=fen(price),
        servicing_fee=rate("0"),
    )


async def parts(door: Door, loan_id: str) -> dict[str, int]:
    reply = await door.call(v1.GetParticipationRequest(loan_id=loan_id))
    return {part.funder_id: part.outstanding.minor_units for part in reply.participation.parts}


async def test_a_joint_loan_is_funded_and_repaid_by_shares(door: Door) -> None:
    loan = await disbursed_jointly(door)
    assert await parts(door, loan.loan_id) == {"": 720_000, "partner": 480_000}
    quote = await door.call(repayment_v1.QuotePayOffRequest(loan_id=loan.loan_id))
    await door.call(
        repayment_v1.PayOffLoanRequest(
            request_id=request_id(), loan_id=loan.loan_id, amount=quote.total, payment_id="pay_1"
        )
    )
    (repaid,) = await door.facts(loan_v1.LoanRepaid)
    for _ in range(2):
        await door.deliver(repaid, event_id="evt_repaid")
    assert await parts(door, loan.loan_id) == {"": 0, "partner": 0}
    (settled,) = await door.facts(v1.ParticipationSettled)
    assert settled.principal == fen(480_000)
    assert settled.passed_on.minor_units == 480_000 + settled.interest.minor_units - settled.fee.minor_units


async def disbursed_jointly(door: Door) -> loan_v1.Loan:
    """A loan of 12,000.00 that a partner funds to two fifths."""
    loan = await pending(door, LENT)
    await door.call(agreeing(loan.loan_id, partner("partner", "0.4")))
    await door.call(limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=loan.limit_id, hold_id=loan.hold_id))
    await door.call(
        loan_v1.ConfirmDisbursementRequest(request_id=request_id(), loan_id=loan.loan_id, payment_id="pay_out")
    )
    (told,) = await door.facts(loan_v1.LoanDisbursed)
    for _ in range(2):
        await door.deliver(told, event_id="evt_disbursed")
    assert len(await door.facts(v1.ParticipationFunded)) == 1
    return loan


async def test_a_part_is_sold_and_what_was_told_before_finds_nothing_left_to_share(door: Door) -> None:
    loan = await disbursed(door, LENT)
    (told,) = await door.facts(loan_v1.LoanDisbursed)
    assert (await door.refused(selling(loan.loan_id, LENT + 1, 1))).reason == "BANK_PART_EXHAUSTED"
    await door.call(selling(loan.loan_id, 200_000, 190_000))
    (sold,) = await door.facts(v1.LoanPartSold)
    assert (sold.loss, sold.gain) == (fen(10_000), fen(0))
    await door.deliver(told)
    assert await parts(door, loan.loan_id) == {"": 1_000_000, "fund": 200_000}
    assert not await door.facts(v1.ParticipationFunded)


async def test_a_serviced_loan_is_shared_by_its_operations(door: Door) -> None:
    loan = await disbursed_jointly(door)

    def changed(operation_id: str, outstanding: int, **changes: Any) -> account_v1.LoanAccountChanged:
        return account_v1.LoanAccountChanged(
            loan_id=loan.loan_id, operation_id=operation_id, outstanding=fen(outstanding), **changes
        )

    paid = account_v1.LoanTransaction(kind="REPAYMENT", interest=fen(100))
    accrued = account_v1.LoanTransaction(kind="ACCRUAL", interest=fen(900))
    await door.deliver(changed("op_1", 1_100_000, booked=[paid, accrued]))
    assert await parts(door, loan.loan_id) == {"": 660_000, "partner": 440_000}
    await door.deliver(changed("op_2", 1_200_000, reverted=[paid]))
    assert await parts(door, loan.loan_id) == {"": 720_000, "partner": 480_000}
    first, second = await door.facts(v1.ParticipationSettled)
    assert (first.interest, second.interest, second.principal) == (fen(40), fen(-40), fen(-40_000))


async def test_an_agreement_is_taken_back_before_money_moves(door: Door) -> None:
    loan = await pending(door, LENT)
    await door.call(agreeing(loan.loan_id, partner("partner", "0.4")))
    again = agreeing(loan.loan_id, partner("partner", "0.4"))
    assert (await door.refused(again)).reason == "PARTICIPATION_ALREADY_AGREED"
    for _ in range(2):
        await door.call(v1.EndParticipationRequest(request_id=request_id(), loan_id=loan.loan_id))
    assert len(await door.facts(v1.ParticipationEnded)) == 1
    await door.call(agreeing(loan.loan_id, partner("other", "0.5")))
    assert len((await door.call(v1.ListParticipationsRequest())).participations) == 1


async def test_what_is_funded_stays_and_contradictions_are_refused_by_name(door: Door) -> None:
    loan = await disbursed_jointly(door)
    ending = v1.EndParticipationRequest(request_id=request_id(), loan_id=loan.loan_id)
    assert (await door.refused(ending)).reason == "PARTICIPATION_ALREADY_FUNDED"
    other = await pending(door, LENT)
    asked = {
        "FUNDER_MUST_BE_NAMED_ONCE": [partner("a", "0.3"), partner("a", "0.3")],
        "PARTNER_SHARE_MUST_BE_ENOUGH": [partner("a", "0.299")],
        "PARTNERS_MUST_NOT_FUND_ALL": [partner("a", "0.5"), partner("b", "0.5")],
    }
    for reason, partners in asked.items():
        assert (await door.refused(agreeing(other.loan_id, *partners))).reason == reason
    late = await disbursed(door, LENT)
    assert (await door.refused(agreeing(late.loan_id, partner("a", "0.3")))).reason == "LOAN_MUST_WAIT_FOR_MONEY"
    assert (await door.refused(selling(other.loan_id, 1, 1))).reason == "LOAN_MUST_BE_OWED"
    assert (await door.refused(v1.GetParticipationRequest(loan_id="x"))).reason == "PARTICIPATION_NOT_FOUND"
