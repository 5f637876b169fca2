"""Guarantee claims through the door."""

from datetime import UTC, datetime
from typing import Any

from tests.credit.examples import day, disbursed, fen, request_id
from tests.credit.guarantee.promises import given, guarantor
from zhongtai.credit.v1 import guarantee_claim_pb2 as v1
from zhongtai.credit.v1 import guarantee_pb2 as guarantee_v1
from zhongtai.testing.doors import Door


def claiming(guarantee_id: str, amount: int = 1_000, **changes: Any) -> v1.ClaimGuaranteeRequest:
    return v1.ClaimGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id, amount=fen(amount), **changes)


def paying(claim: v1.Claim, name: str, amount: int, payment_id: str = "pay_1") -> v1.ConfirmGuarantorPaymentRequest:
    return v1.ConfirmGuarantorPaymentRequest(
        request_id=request_id(),
        guarantee_id=claim.guarantee_id,
        claim_id=claim.claim_id,
        guarantor_id=name,
        amount=fen(amount),
        payment_id=payment_id,
    )


async def claimed(door: Door, guarantee_id: str, amount: int = 1_000) -> v1.Claim:
    claim: v1.Claim = (await door.call(claiming(guarantee_id, amount))).claim
    return claim


async def test_from_claim_to_the_last_payment(door: Door) -> None:
    loan = await disbursed(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a", cap=400), guarantor("b", cap=500))
    claim = await claimed(door, guarantee_id)
    assert [(line.guarantor_id, line.amount) for line in claim.lines] == [("a", fen(400)), ("b", fen(500))]
    assert claim.uncovered == fen(100)
    for _ in range(2):
        reply = await door.call(paying(claim, "a", 400))
        assert reply.claim.status == v1.CLAIM_STATUS_OPEN
    assert len(await door.facts(v1.GuarantorPaid)) == 1
    assert (await door.refused(paying(claim, "a", 1, "pay_2"))).reason == "PAYMENT_MUST_NOT_EXCEED_CLAIM"
    assert (await door.refused(paying(claim, "a", 399))).reason == "GUARANTOR_PAYMENT_ALREADY_CONFIRMED"
    assert (await door.refused(paying(claim, "c", 1, "pay_2"))).reason == "GUARANTOR_NOT_CLAIMED"
    assert (await door.call(paying(claim, "b", 500, "pay_3"))).claim.status == v1.CLAIM_STATUS_PAID
    assert (await door.refused(paying(claim, "b", 1, "pay_4"))).reason == "CLAIM_MUST_BE_OPEN"
    guarantee = (await door.call(guarantee_v1.GetGuaranteeRequest(guarantee_id=guarantee_id))).guarantee
    assert [(one.claimed, one.paid) for one in guarantee.guarantors] == [(fen(400), fen(400)), (fen(500), fen(500))]
    exhausted = await claimed(door, guarantee_id, 10)
    assert (exhausted.uncovered, exhausted.status) == (fen(10), v1.CLAIM_STATUS_PAID)


async def test_a_claim_nobody_paid_is_taken_back_whole(door: Door) -> None:
    loan = await disbursed(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a", cap=400))
    claim = await claimed(door, guarantee_id)
    withdrawing = v1.WithdrawClaimRequest(request_id=request_id(), guarantee_id=guarantee_id, claim_id=claim.claim_id)
    for _ in range(2):
        assert (await door.call(withdrawing)).claim.status == v1.CLAIM_STATUS_WITHDRAWN
    again = await claimed(door, guarantee_id)
    assert again.lines[0].amount == fen(400)
    await door.call(paying(again, "a", 1))
    kept = v1.WithdrawClaimRequest(request_id=request_id(), guarantee_id=guarantee_id, claim_id=again.claim_id)
    assert (await door.refused(kept)).reason == "CLAIM_ALREADY_PAID"
    listed = await door.call(v1.ListClaimsRequest(guarantee_id=guarantee_id))
    assert {one.status for one in listed.claims} == {v1.CLAIM_STATUS_WITHDRAWN, v1.CLAIM_STATUS_OPEN}


async def test_a_general_guarantor_may_send_the_bank_to_the_debtor_first(door: Door) -> None:
    loan = await disbursed(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a"), form=guarantee_v1.GUARANTEE_FORM_GENERAL)
    assert (await door.refused(claiming(guarantee_id))).reason == "DEBTOR_MUST_BE_ENFORCED_FIRST"
    assert (await door.call(claiming(guarantee_id, debtor_enforced=True))).claim.lines


async def test_after_its_period_a_guarantee_is_claimed_no_more(door: Door) -> None:
    loan = await disbursed(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a"), valid_until=day(2026, 1, 5))
    assert (await door.call(claiming(guarantee_id))).claim_id
    door.now(datetime(2026, 1, 6, 1, tzinfo=UTC))
    assert (await door.refused(claiming(guarantee_id))).reason == "GUARANTEE_MUST_NOT_HAVE_EXPIRED"
