"""The RPCs of decisions."""

from zhongtai.risk.decision import domain, store
from zhongtai.risk.policy import store as policy_store
from zhongtai.risk.policy.domain import Application
from zhongtai.risk.scorecard import store as scorecard_store
from zhongtai.risk.v1 import decision_pb2 as v1
from zhongtai.risk.v1 import policy_pb2
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def decide(request: v1.DecideRequest, unit: Unit) -> v1.DecideResponse:
    """Decides an application and keeps the exact inputs, the versions and the answer."""
    policy = policy_store.load(unit, request.policy_id, 0)
    scorecard = scorecard_store.load(unit, policy.scorecard_id, policy.scorecard_version)
    decision, fact = domain.decide(
        unit.new_id("dec"),
        policy,
        scorecard,
        value_of(request, Application),
        today=unit.business_date,
        now=unit.now,
    )
    store.decisions.add(unit, decision)
    unit.record(fact)
    return message_of(decision, v1.DecideResponse)


@rpc
def withdraw_decision(request: v1.WithdrawDecisionRequest, unit: Unit) -> v1.WithdrawDecisionResponse:
    """Takes a decision back."""
    decision, fact = store.decisions.load(unit, request.decision_id).withdraw()
    if fact is not None:
        store.decisions.save(unit, decision)
        unit.record(fact)
    return message_of(decision, v1.WithdrawDecisionResponse)


@rpc
def get_decision(request: v1.GetDecisionRequest, view: View) -> v1.GetDecisionResponse:
    """One decision as kept."""
    decision = store.decisions.load(view, request.decision_id)
    return v1.GetDecisionResponse(decision=message_of(decision, v1.Decision))


@rpc
def verify_decision(request: v1.VerifyDecisionRequest, view: View) -> v1.VerifyDecisionResponse:
    """Decides the kept inputs anew under the kept versions and compares."""
    decision = store.decisions.load(view, request.decision_id)
    policy = policy_store.load(view, decision.policy_id, decision.policy_version)
    scorecard = scorecard_store.load(view, decision.scorecard_id, decision.scorecard_version)
    differences = decision.differences(policy, scorecard)
    return v1.VerifyDecisionResponse(recomputed_equal=not differences, differences=differences)


@rpc
def list_decisions(request: v1.ListDecisionsRequest, view: View) -> v1.ListDecisionsResponse:
    """Decisions in the order they were taken."""
    table, wanted = store.DECISION.c, []
    if request.customer_id:
        wanted.append(table.customer_id == request.customer_id)
    if request.policy_id:
        wanted.append(table.policy_id == request.policy_id)
    if request.outcome:
        wanted.append(table.outcome == policy_pb2.Outcome.Name(request.outcome).removeprefix("OUTCOME_"))
    found, page = store.decisions.page(view, request.page, *wanted)
    return v1.ListDecisionsResponse(decisions=[message_of(decision, v1.Decision) for decision in found], page=page)
