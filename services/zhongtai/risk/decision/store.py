"""The table of decisions: each with its exact inputs, versions, points and answer."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.risk.decision.domain import Decision, DecisionNotFound
from zhongtai.runtime.store import Records, day, decimal, instant, integer, json, money, text

metadata = MetaData()

DECISION = Table(
    "risk_decision",
    metadata,
    text("decision_id", primary_key=True),
    text("policy_id"),
    integer("policy_version"),
    text("scorecard_id"),
    integer("scorecard_version"),
    text("customer_id"),
    *money("amount"),
    integer("term_months"),
    json("inputs"),
    text("outcome"),
    integer("score"),
    decimal("probability_of_default"),
    json("points"),
    json("reasons"),
    *money("maximum_amount", nullable=True),
    text("status"),
    day("decided_on"),
    instant("decided_at"),
    Index("risk_decision_of_customer", "customer_id", "decision_id"),
    Index("risk_decision_of_policy", "policy_id", "decision_id"),
    Index("risk_decision_of_outcome", "outcome", "decision_id"),
)

decisions = Records(DECISION, Decision, missing=DecisionNotFound)
