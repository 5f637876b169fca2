"""The RPCs of proposals to change nodes. What is approved changes the node in the same transaction."""

from zhongtai.credit.limit_node import store as node_store
from zhongtai.credit.limit_node.domain import LimitNode
from zhongtai.credit.limit_node_proposal import domain, store
from zhongtai.credit.limit_node_proposal.domain import LimitNodeChange
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import limit_node_proposal_pb2 as v1
from zhongtai.runtime.convert import message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, rpc

_FOR_ALL_CURRENCIES = (LimitNodeChange.FREEZE, LimitNodeChange.UNFREEZE)


@rpc
def propose_limit_node_change(
    request: v1.ProposeLimitNodeChangeRequest, unit: Unit
) -> v1.ProposeLimitNodeChangeResponse:
    """Proposes a change of a node."""
    node = node_store.nodes.load(unit, request.node_id)
    wish = value_of(request, domain.Wish)
    proposal, fact = domain.propose(unit.new_id("nprop"), node, wish, by=unit.caller.acting, on=unit.business_date)
    store.proposals.add(unit, proposal)
    unit.record(fact)
    told = message_of(proposal, v1.LimitNodeProposal)
    return v1.ProposeLimitNodeChangeResponse(proposal_id=proposal.proposal_id, proposal=told)


@rpc
def approve_limit_node_proposal(
    request: v1.ApproveLimitNodeProposalRequest, unit: Unit
) -> v1.ApproveLimitNodeProposalResponse:
    """Approves a proposal, and changes the node."""
    proposal = store.proposals.load(unit, request.proposal_id)
    if not proposal.approved_by(unit.caller.acting):
        proposal, fact = proposal.approve(unit.caller.acting, request.comment, unit.business_date)
        _change(unit, proposal)
        store.proposals.save(unit, proposal)
        unit.record(fact)
    node = node_store.nodes.load(unit, proposal.node_id)
    return v1.ApproveLimitNodeProposalResponse(
        proposal=message_of(proposal, v1.LimitNodeProposal), node=_node_message(node, unit)
    )


@rpc
def reject_limit_node_proposal(
    request: v1.RejectLimitNodeProposalRequest, unit: Unit
) -> v1.RejectLimitNodeProposalResponse:
    """Rejects a proposal."""
    proposal, fact = store.proposals.load(unit, request.proposal_id).reject(unit.caller.acting, request.comment)
    store.proposals.save(unit, proposal)
    unit.record(fact)
    return v1.RejectLimitNodeProposalResponse(proposal=message_of(proposal, v1.LimitNodeProposal))


@rpc
def withdraw_limit_node_proposal(
    request: v1.WithdrawLimitNodeProposalRequest, unit: Unit
) -> v1.WithdrawLimitNodeProposalResponse:
    """Takes a proposal back."""
    proposal, fact = store.proposals.load(unit, request.proposal_id).withdraw()
    if fact is not None:
        store.proposals.save(unit, proposal)
        unit.record(fact)
    return v1.WithdrawLimitNodeProposalResponse(proposal=message_of(proposal, v1.LimitNodeProposal))


@rpc
def list_limit_node_proposals(
    request: v1.ListLimitNodeProposalsRequest, view: View
) -> v1.ListLimitNodeProposalsResponse:
    """The proposals on a node, or those that stand so."""
    columns = store.LIMIT_NODE_PROPOSAL.c
    status = v1.LimitNodeProposalStatus.Name(request.status).removeprefix("LIMIT_NODE_PROPOSAL_STATUS_")
    conditions = [columns.node_id == request.node_id] if request.node_id else []
    conditions += [columns.status == status] if request.status else []
    found, page = store.proposals.page(view, request.page, *conditions)
    proposals = [message_of(one, v1.LimitNodeProposal) for one in found]
    return v1.ListLimitNodeProposalsResponse(proposals=proposals, page=page)


def _change(unit: Unit, proposal: domain.LimitNodeProposal) -> None:
    """Changes the node, in every currency where the change is none of an amount, and what it asks of those above."""
    node = node_store.nodes.load(unit, proposal.node_id)
    every = [node]
    if proposal.change in _FOR_ALL_CURRENCIES:
        every = node_store.of_subject(unit, node.kind, node.subject)
    for one in every:
        branch = node_store.branch(unit, one.kind, one.subject, one.currency_code)
        changed, fact = proposal.changed(one, unit.business_date)
        node_store.save(unit, branch, branch.changed_at_foot(changed, unit.business_date))
        unit.record_all([] if fact is None else [fact])


def _node_message(node: LimitNode, view: View) -> node_v1.LimitNode:
    available = node.available(view.business_date)
    return message_of(node, node_v1.LimitNode, available=None if available is None else money_message(available))
