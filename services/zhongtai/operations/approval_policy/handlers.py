"""The RPCs of approval policies. Setting one waits for approval itself, at the door of every service."""

from typing import Any

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.options_pb2 import DATA_CLASS_C3
from zhongtai.kernel.approvals import ApprovalPolicy
from zhongtai.operations.approval_policy import store
from zhongtai.operations.approval_policy.domain import Commanded, set_policy
from zhongtai.operations.v1 import approval_policy_pb2 as v1
from zhongtai.operations.work_queue import store as queue_store
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc

_DEEPEST = 8


@rpc
def set_approval_policy(request: v1.SetApprovalPolicyRequest, unit: Unit) -> v1.SetApprovalPolicyResponse:
    """Sets a policy."""
    policy = value_of(request.policy, ApprovalPolicy)
    fact = set_policy(policy, _commanded(policy))
    for tier in policy.tiers:
        queue_store.load(unit, tier.queue_id)
    store.keep(unit, policy)
    unit.record(fact)
    return v1.SetApprovalPolicyResponse(rpc=policy.rpc)


@rpc
def get_approval_policy(request: v1.GetApprovalPolicyRequest, view: View) -> v1.GetApprovalPolicyResponse:
    """The policy of an RPC."""
    policy = store.find(view, request.rpc) or store.policies.load(view, request.rpc)
    return v1.GetApprovalPolicyResponse(policy=message_of(policy, v1.ApprovalPolicy))


@rpc
def list_approval_policies(request: v1.ListApprovalPoliciesRequest, view: View) -> v1.ListApprovalPoliciesResponse:
    """The policies, page by page."""
    found, page = store.policies.page(view, request.page)
    return v1.ListApprovalPoliciesResponse(policies=[message_of(one, v1.ApprovalPolicy) for one in found], page=page)


def _commanded(policy: ApprovalPolicy) -> Commanded:
    """What the contracts say of the policy's RPC."""
    method = contracts.find_method(policy.rpc)
    if method is None:
        return Commanded(changes=False, has_secret=False, has_money_at_field=False)
    request = method.descriptor.input_type
    return Commanded(not method.reads, _has_secret(request, _DEEPEST), _is_money(request, policy.amount_field))


def _has_secret(message: Any, deepest: int) -> bool:
    """Whether a message has a field that authenticates a person, as deep as requests go."""
    return any(
        contracts.data_class(field) == DATA_CLASS_C3
        or (field.message_type is not None and deepest > 0 and _has_secret(field.message_type, deepest - 1))
        for field in message.fields
    )


def _is_money(message: Any, path: str) -> bool:
    """Whether a way through a message ends at an amount."""
    for name in path.split("."):
        field = message.fields_by_name.get(name) if message is not None else None
        message = field.message_type if field is not None else None
    return message is not None and bool(message.full_name == MoneyMessage.DESCRIPTOR.full_name)
