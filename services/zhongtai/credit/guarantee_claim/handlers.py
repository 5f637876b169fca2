"""The RPCs of claims on guarantees."""

from zhongtai.credit.guarantee import store as guarantee_store
from zhongtai.credit.guarantee_claim import domain, store
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.v1 import guarantee_claim_pb2 as v1
from zhongtai.runtime.convert import message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def claim_guarantee(request: v1.ClaimGuaranteeRequest, unit: Unit) -> v1.ClaimGuaranteeResponse:
    """Calls on the guarantors."""
    guarantee, claim, fact = domain.call_on(
        guarantee_store.guarantees.load(unit, request.guarantee_id),
        unit.new_id("claim"),
        money_of(request.amount),
        debtor_enforced=request.debtor_enforced,
        on=unit.business_date,
    )
    keeping.note(unit, [guarantee.loan_id])
    guarantee_store.guarantees.save(unit, guarantee)
    store.claims.add(unit, claim)
    unit.record(fact)
    return v1.ClaimGuaranteeResponse(claim_id=claim.claim_id, claim=message_of(claim, v1.Claim))


@rpc
def withdraw_claim(request: v1.WithdrawClaimRequest, unit: Unit) -> v1.WithdrawClaimResponse:
    """Takes a claim back."""
    guarantee = guarantee_store.guarantees.load(unit, request.guarantee_id)
    claim = store.claims.load(unit, request.guarantee_id, request.claim_id)
    guarantee, claim, facts = domain.withdraw(guarantee, claim)
    keeping.note(unit, [guarantee.loan_id])
    guarantee_store.guarantees.save(unit, guarantee)
    store.claims.save(unit, claim)
    unit.record_all(facts)
    return v1.WithdrawClaimResponse(claim=message_of(claim, v1.Claim))


@rpc
def confirm_guarantor_payment(
    request: v1.ConfirmGuarantorPaymentRequest, unit: Unit
) -> v1.ConfirmGuarantorPaymentResponse:
    """Counts what a guarantor paid."""
    guarantee = guarantee_store.guarantees.load(unit, request.guarantee_id)
    claim = store.claims.load(unit, request.guarantee_id, request.claim_id)
    payment = value_of(request, domain.GuarantorPayment)
    if not payment.is_again(store.payments.find(unit, payment.payment_id)):
        guarantee, claim, fact = domain.pay(guarantee, claim, payment)
        keeping.note(unit, [guarantee.loan_id])
        guarantee_store.guarantees.save(unit, guarantee)
        store.claims.save(unit, claim)
        store.payments.add(unit, payment)
        unit.record(fact)
    return v1.ConfirmGuarantorPaymentResponse(claim=message_of(claim, v1.Claim))


@rpc
def list_claims(request: v1.ListClaimsRequest, view: View) -> v1.ListClaimsResponse:
    """The claims ever made on a guarantee."""
    guarantee = guarantee_store.guarantees.load(view, request.guarantee_id)
    found, page = store.claims.page(view, request.page, store.CLAIM.c.guarantee_id == guarantee.guarantee_id)
    return v1.ListClaimsResponse(claims=[message_of(claim, v1.Claim) for claim in found], page=page)
