"""Maker and checker (经办与复核): which commands of whom must be approved by others, from which amount, by how many.

A policy is of one RPC. Its tiers name, from an amount on, who approves: of those a command meets the strictest counts.
What cannot be compared is taken for the larger: an amount in a currency that no tier names is above every threshold,
and so is a command that states no amount at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhongtai.kernel.money import Money

# What the platform does by itself, each step of which somebody has decided before: products, jobs, seeds, events.
PLATFORM_CLIENTS = frozenset({"gateway", "jobs", "seed", "bus", "start", "door", "platform"})
SET_POLICY = "zhongtai.operations.v1.ApprovalPolicyService.SetApprovalPolicy"


@dataclass(frozen=True, slots=True)
class ApprovalTier:
    """Who approves, from an amount on: so many different people in a queue of work; without an amount, always."""

    queue_id: str
    approvers_needed: int = 1
    above: Money | None = None

    def meets(self, totals: Mapping[str, int], known: frozenset[str]) -> bool:
        """Whether a command of these totals, in minor units by currency, is above; tiers name all the `known`."""
        if self.above is None or not totals:
            return True
        strange = any(minor > 0 for currency, minor in totals.items() if currency not in known)
        return strange or totals.get(self.above.currency, 0) > self.above.minor_units


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """Which commands of one RPC must be approved. `clients` are those it is for; none named are all but the platform.

    `amount_field` is the way to the amounts in the request, `draft.legs.amount`: those of one currency are added up.
    """

    rpc: str
    title: str
    title_zh: str
    active: bool
    clients: tuple[str, ...]
    amount_field: str
    tiers: tuple[ApprovalTier, ...]
    valid_minutes: int

    def tier_for(self, client_id: str, totals: Mapping[str, int]) -> ApprovalTier | None:
        """The tier by which a client's command must be approved; None where it need not be."""
        concerned = client_id in self.clients if self.clients else client_id not in PLATFORM_CLIENTS
        if not self.active or not concerned:
            return None
        known = frozenset(tier.above.currency for tier in self.tiers if tier.above)
        met = [tier for tier in self.tiers if tier.meets(totals, known)]
        return max(met, key=lambda tier: tier.approvers_needed, default=None)


# Whoever could change a policy alone could do alone whatever it forbids.
POLICY_OF_POLICIES = ApprovalPolicy(
    rpc=SET_POLICY,
    title="Change what must be approved",
    title_zh="变更复核规则",
    active=True,
    clients=(),
    amount_field="",
    tiers=(ApprovalTier("approvals"),),
    valid_minutes=10_080,
)
