"""How policies rest: one row for each RPC, beside the one on policies themselves, which nobody can change."""

from sqlalchemy import MetaData, Table

from zhongtai.kernel.approvals import POLICY_OF_POLICIES, ApprovalPolicy
from zhongtai.operations.approval_policy.domain import ApprovalPolicyNotFound
from zhongtai.runtime.store import Records, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
APPROVAL_POLICY = Table(
    "approval_policy",
    metadata,
    text("rpc", primary_key=True),
    text("title"),
    text("title_zh"),
    integer("active"),
    json("clients"),
    text("amount_field"),
    json("tiers"),
    integer("valid_minutes"),
)
policies = Records(APPROVAL_POLICY, ApprovalPolicy, missing=ApprovalPolicyNotFound)


def find(view: View, rpc: str) -> ApprovalPolicy | None:
    """The policy of an RPC, if there is one."""
    return POLICY_OF_POLICIES if rpc == POLICY_OF_POLICIES.rpc else policies.find(view, rpc)


def keep(unit: Unit, policy: ApprovalPolicy) -> None:
    """Keeps a policy as it is now."""
    if policies.find(unit, policy.rpc) is None:
        policies.add(unit, policy)
    else:
        policies.save(unit, policy)
