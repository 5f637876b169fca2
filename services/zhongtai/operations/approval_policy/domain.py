"""Approval policies (复核规则): what may be put under one. How a policy judges a command is the kernel's to say.

Always true: nothing that decides of approvals is under a policy, for then nobody could approve anything; and no command
that carries what authenticates a person is kept for others to look at.
"""

from dataclasses import dataclass

from zhongtai.kernel.approvals import SET_POLICY, ApprovalPolicy
from zhongtai.kernel.refusals import Invalid, Missing

# What holds and decides: under a policy itself, it would wait for itself.
_HOLDING = "zhongtai.operations.v1.HeldCommandService."
_DECIDING = frozenset(
    {
        SET_POLICY,
        "zhongtai.operations.v1.WorkOrderService.ClaimWorkOrder",
        "zhongtai.operations.v1.WorkOrderService.ClaimNextWorkOrders",
        "zhongtai.operations.v1.WorkOrderService.ReleaseWorkOrder",
        "zhongtai.operations.v1.WorkOrderService.DecideWorkOrder",
    }
)


class ApprovalPolicyNotFound(Missing):
    """There is no approval policy of {rpc}: check the name, or set one.

    {rpc}没有复核规则：请核对名称，或先行设置。
    """

    rpc: str


class CommandMustBeApprovable(Invalid):
    """{rpc} cannot be put under approval: name an RPC that changes something, decides of no approval and carries no
    secret.

    {rpc}不能设置复核：须为变更类接口，且不涉及复核处理本身、不含鉴别信息。
    """

    rpc: str


class AmountFieldMustHoldMoney(Invalid):
    """The field {amount_field} of {rpc} is no amount, or is missing where a tier names one: name the way to an amount.

    {rpc}的字段{amount_field}不是金额，或分级设有金额而未指明字段：请填写金额字段的路径。
    """

    rpc: str
    amount_field: str


@dataclass(frozen=True, slots=True)
class ApprovalPolicySet:
    """A policy was set."""

    rpc: str
    policy: ApprovalPolicy


@dataclass(frozen=True, slots=True)
class Commanded:
    """What is known of an RPC: whether it changes something, carries a secret, has money where a policy says so."""

    changes: bool
    has_secret: bool
    has_money_at_field: bool


def set_policy(policy: ApprovalPolicy, rpc: Commanded) -> ApprovalPolicySet:
    """The fact that a policy is set on an RPC of which so much is known."""
    if not rpc.changes or rpc.has_secret or policy.rpc in _DECIDING or policy.rpc.startswith(_HOLDING):
        raise CommandMustBeApprovable(rpc=policy.rpc)
    needs_field = any(tier.above is not None for tier in policy.tiers)
    if (needs_field or policy.amount_field) and not rpc.has_money_at_field:
        raise AmountFieldMustHoldMoney(rpc=policy.rpc, amount_field=policy.amount_field)
    return ApprovalPolicySet(policy.rpc, policy)
