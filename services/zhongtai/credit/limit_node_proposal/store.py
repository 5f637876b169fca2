"""The table of proposals to change nodes of the limit tree."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.credit.limit_node_proposal.domain import LimitNodeProposal, LimitNodeProposalNotFound
from zhongtai.runtime.store import Records, day, money, text

metadata = MetaData()

LIMIT_NODE_PROPOSAL = Table(
    "credit_limit_node_proposal",
    metadata,
    text("proposal_id", primary_key=True),
    text("node_id"),
    text("change"),
    *money("cap", nullable=True),
    day("until", nullable=True),
    text("reason"),
    text("proposed_by"),
    day("proposed_on"),
    text("status"),
    text("decided_by"),
    text("comment"),
    Index("credit_limit_node_proposal_of_node", "node_id", "proposal_id"),
    Index("credit_limit_node_proposal_status", "status", "proposal_id"),
)

proposals = Records(LIMIT_NODE_PROPOSAL, LimitNodeProposal, missing=LimitNodeProposalNotFound)
