"""The RPCs of policies."""

from zhongtai.risk.policy import domain, store
from zhongtai.risk.scorecard import store as scorecard_store
from zhongtai.risk.v1 import policy_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_policy(request: v1.PublishPolicyRequest, unit: Unit) -> v1.PublishPolicyResponse:
    """Publishes a policy version, whose scorecard version must be published before."""
    asked = value_of(request.policy, domain.Policy)
    scorecard_store.load(unit, asked.scorecard_id, asked.scorecard_version)
    before = store.policies.find(unit, asked.policy_id, asked.version)
    policy, fact = asked.publish(before, unit.business_date)
    if fact is not None:
        store.policies.add(unit, policy)
        unit.record(fact)
    return v1.PublishPolicyResponse(policy_id=policy.policy_id, version=policy.version)


@rpc
def get_policy(request: v1.GetPolicyRequest, view: View) -> v1.GetPolicyResponse:
    """One policy version, with the names of the attributes it takes."""
    policy = store.load(view, request.policy_id, request.version)
    scorecard = scorecard_store.load(view, policy.scorecard_id, policy.scorecard_version)
    return v1.GetPolicyResponse(
        policy=message_of(policy, v1.Policy), required_attributes=policy.required_attributes(scorecard)
    )


@rpc
def list_policies(request: v1.ListPoliciesRequest, view: View) -> v1.ListPoliciesResponse:
    """Every version of every policy, or of one."""
    wanted = [store.POLICY.c.policy_id == request.policy_id] if request.policy_id else []
    found, page = store.policies.page(view, request.page, *wanted)
    return v1.ListPoliciesResponse(policies=[message_of(policy, v1.Policy) for policy in found], page=page)
