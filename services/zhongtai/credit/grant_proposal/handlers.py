"""The RPCs of proposals to grant. What is approved is granted in the same transaction, or refused to the approver."""

from zhongtai.credit.grant_formula import store as formula_store
from zhongtai.credit.grant_proposal import domain, store
from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.rating import store as rating_store
from zhongtai.credit.rating_review import store as review_store
from zhongtai.credit.v1 import grant_proposal_pb2 as v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.runtime.convert import message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def propose_grant(request: v1.ProposeGrantRequest, unit: Unit) -> v1.ProposeGrantResponse:
    """Proposes what a formula allows, or less."""
    formula = formula_store.valid_formula(unit, request.formula_id, unit.business_date)
    proposal, fact = domain.propose(
        formula,
        value_of(request, domain.GrantWish),
        proposal_id=unit.new_id("prop"),
        grade=_valid_grade(unit, request.customer_id) if formula.asks_grade else "",
        by=unit.caller.acting,
        on=unit.business_date,
    )
    store.proposals.add(unit, proposal)
    unit.record(fact)
    return v1.ProposeGrantResponse(proposal_id=proposal.proposal_id, proposal=message_of(proposal, v1.GrantProposal))


@rpc
def approve_grant_proposal(request: v1.ApproveGrantProposalRequest, unit: Unit) -> v1.ApproveGrantProposalResponse:
    """Approves a proposal, and grants the limit."""
    proposal = store.proposals.load(unit, request.proposal_id)
    if proposal.approved_by(unit.caller.acting):
        limit = limit_store.limits.load(unit, proposal.limit_id)
    else:
        proposal.must_be_decided_by(unit.caller.acting, unit.business_date)
        limit, grant_id, facts = limit_store.grant(
            unit,
            customer_id=proposal.customer_id,
            product_line=proposal.product_line,
            amount=proposal.amount,
            until=proposal.until,
            exclusive=proposal.exclusive,
            revolving=not proposal.non_revolving,
        )
        proposal, fact = proposal.approve(
            by=unit.caller.acting,
            comment=request.comment,
            on=unit.business_date,
            limit_id=limit.limit_id,
            grant_id=grant_id,
        )
        store.proposals.save(unit, proposal)
        unit.record_all((*facts, fact))
    available = money_message(limit.available)
    return v1.ApproveGrantProposalResponse(
        proposal=message_of(proposal, v1.GrantProposal),
        limit=message_of(limit, limit_v1.Limit, available=available, revolving=limit.spent is None),
    )


@rpc
def reject_grant_proposal(request: v1.RejectGrantProposalRequest, unit: Unit) -> v1.RejectGrantProposalResponse:
    """Rejects a proposal."""
    proposal = store.proposals.load(unit, request.proposal_id)
    proposal, fact = proposal.reject(by=unit.caller.acting, comment=request.comment)
    store.proposals.save(unit, proposal)
    unit.record(fact)
    return v1.RejectGrantProposalResponse(proposal=message_of(proposal, v1.GrantProposal))


@rpc
def withdraw_grant_proposal(request: v1.WithdrawGrantProposalRequest, unit: Unit) -> v1.WithdrawGrantProposalResponse:
    """Takes a proposal back."""
    proposal, fact = store.proposals.load(unit, request.proposal_id).withdraw()
    if fact is not None:
        store.proposals.save(unit, proposal)
        unit.record(fact)
    return v1.WithdrawGrantProposalResponse(proposal=message_of(proposal, v1.GrantProposal))


@rpc
def get_grant_proposal(request: v1.GetGrantProposalRequest, view: View) -> v1.GetGrantProposalResponse:
    """One proposal."""
    proposal = store.proposals.load(view, request.proposal_id)
    return v1.GetGrantProposalResponse(proposal=message_of(proposal, v1.GrantProposal))


@rpc
def list_grant_proposals(request: v1.ListGrantProposalsRequest, view: View) -> v1.ListGrantProposalsResponse:
    """The proposals of a customer, or those that stand so."""
    columns = store.GRANT_PROPOSAL.c
    status = v1.GrantProposalStatus.Name(request.status).removeprefix("GRANT_PROPOSAL_STATUS_")
    conditions = [columns.customer_id == request.customer_id] if request.customer_id else []
    conditions += [columns.status == status] if request.status else []
    found, page = store.proposals.page(view, request.page, *conditions)
    return v1.ListGrantProposalsResponse(proposals=[message_of(one, v1.GrantProposal) for one in found], page=page)


def _valid_grade(unit: Unit, customer_id: str) -> str:
    """The grade of a customer whose rating has not expired."""
    rating = rating_store.current(unit, customer_id)
    review_store.RULES.must_be_valid(customer_id, rating.assigned_on, unit.business_date)
    return rating.grade
