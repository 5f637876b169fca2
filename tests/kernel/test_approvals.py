"""Which tier of a policy a command meets: never a weaker one than its amount asks for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.approvals import PLATFORM_CLIENTS, POLICY_OF_POLICIES, ApprovalPolicy, ApprovalTier
from zhongtai.kernel.money import Money

SMALL, LARGE = ApprovalTier("approvals", 1, Money("CNY", 100)), ApprovalTier("approvals", 2, Money("CNY", 1_000))
POLICY = ApprovalPolicy("rpc", "t", "标题", True, (), "amount", (SMALL, LARGE), 60)


@pytest.mark.parametrize(
    ("totals", "tier"),
    [
        ({"CNY": 100}, None),
        ({"CNY": 101}, SMALL),
        ({"CNY": 1_000}, SMALL),
        ({"CNY": 1_001}, LARGE),
        # What cannot be compared is taken for the larger.
        ({"USD": 1}, LARGE),
        ({"CNY": 1, "USD": 1}, LARGE),
        ({}, LARGE),
        ({"USD": 0}, None),
    ],
)
def test_the_strictest_tier_that_is_met_counts(totals: dict[str, int], tier: ApprovalTier | None) -> None:
    assert POLICY.tier_for("channel", totals) == tier
    assert replace(POLICY, active=False).tier_for("channel", totals) is None


def test_a_policy_is_for_those_it_names_or_for_all_but_the_platform() -> None:
    for client in PLATFORM_CLIENTS:
        assert POLICY.tier_for(client, {"CNY": 5_000}) is None
    named = replace(POLICY, clients=("jobs",))
    assert named.tier_for("jobs", {"CNY": 5_000}) is LARGE
    assert named.tier_for("channel", {"CNY": 5_000}) is None
    assert POLICY_OF_POLICIES.tier_for("admin", {}) is not None


@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_more_money_never_needs_fewer_people(one: int, more: int) -> None:
    def people(minor: int) -> int:
        tier = POLICY.tier_for("channel", {"CNY": minor})
        return tier.approvers_needed if tier else 0

    assert people(one) <= people(one + more)
