"""The table of proposals to grant."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.credit.grant_proposal.domain import GrantProposal, GrantProposalNotFound
from zhongtai.runtime.store import Records, day, integer, json, money, text

metadata = MetaData()

GRANT_PROPOSAL = Table(
    "credit_grant_proposal",
    metadata,
    text("proposal_id", primary_key=True),
    text("customer_id"),
    text("product_line"),
    text("formula_id"),
    integer("formula_version"),
    json("inputs"),
    text("grade"),
    json("figures"),
    *money("allowed"),
    *money("amount"),
    day("until", nullable=True),
    integer("exclusive"),
    integer("non_revolving"),
    text("reason"),
    text("proposed_by"),
    day("proposed_on"),
    text("status"),
    text("decided_by"),
    text("comment"),
    text("limit_id"),
    text("grant_id"),
    Index("credit_grant_proposal_of_customer", "customer_id", "proposal_id"),
    Index("credit_grant_proposal_status", "status", "proposal_id"),
)

proposals = Records(GRANT_PROPOSAL, GrantProposal, missing=GrantProposalNotFound)
