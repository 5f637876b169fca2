"""Approval policies through the door: changed under four eyes, and never on what decides of approvals."""

from typing import Any

import pytest

from tests.operations.bank import Bank, cny
from zhongtai.kernel.approvals import SET_POLICY
from zhongtai.operations.v1 import approval_policy_pb2 as v1

POST = "zhongtai.operations.v1.LedgerService.PostEntry"


def setting(bank: Bank, **change: Any) -> v1.SetApprovalPolicyRequest:
    fields: dict[str, Any] = {
        "rpc": POST,
        "title": "Post",
        "active": True,
        "tiers": [v1.ApprovalTier(queue_id="approvals", approvers_needed=1)],
        "valid_minutes": 60,
    }
    return v1.SetApprovalPolicyRequest(request_id=bank.request_id(), policy=v1.ApprovalPolicy(**{**fields, **change}))


async def test_a_policy_is_not_set_by_one_person(bank: Bank) -> None:
    refused = await bank.door.refused(setting(bank))
    assert refused.reason == "APPROVAL_AWAITED"
    assert (await bank.door.refused(v1.GetApprovalPolicyRequest(rpc=POST))).reason == "APPROVAL_POLICY_NOT_FOUND"
    assert await bank.door.facts(v1.ApprovalPolicySet) == []


async def test_what_ships_with_the_platform_may_set_one(bank: Bank) -> None:
    bank.door.as_caller("seed", client_id="seed")
    above = [v1.ApprovalTier(queue_id="approvals", approvers_needed=2, above=cny(100))]
    await bank.door.call(setting(bank, amount_field="draft.legs.amount", tiers=above))
    await bank.door.call(setting(bank, active=False))
    (listed,) = (await bank.door.call(v1.ListApprovalPoliciesRequest())).policies
    assert (listed.rpc, listed.active) == (POST, False)
    assert (await bank.door.call(v1.GetApprovalPolicyRequest(rpc=POST))).policy == listed
    assert (await bank.door.call(v1.GetApprovalPolicyRequest(rpc=SET_POLICY))).policy.active
    assert [fact.policy.active for fact in await bank.door.facts(v1.ApprovalPolicySet)] == [True, False]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rpc": "zhongtai.operations.v1.LedgerService.Nothing"}, "COMMAND_MUST_BE_APPROVABLE"),
        ({"rpc": "zhongtai.operations.v1.LedgerService.GetEntry"}, "COMMAND_MUST_BE_APPROVABLE"),
        ({"rpc": "zhongtai.operations.v1.WorkOrderService.DecideWorkOrder"}, "COMMAND_MUST_BE_APPROVABLE"),
        ({"rpc": "zhongtai.operations.v1.HeldCommandService.HoldCommand"}, "COMMAND_MUST_BE_APPROVABLE"),
        ({"rpc": SET_POLICY}, "COMMAND_MUST_BE_APPROVABLE"),
        ({"amount_field": "draft.legs"}, "AMOUNT_FIELD_MUST_HOLD_MONEY"),
        ({"amount_field": "draft.nothing.amount"}, "AMOUNT_FIELD_MUST_HOLD_MONEY"),
        (
            {"tiers": [v1.ApprovalTier(queue_id="approvals", approvers_needed=1, above=cny(5))]},
            "AMOUNT_FIELD_MUST_HOLD_MONEY",
        ),
        ({"tiers": [v1.ApprovalTier(queue_id="nowhere", approvers_needed=1)]}, "WORK_QUEUE_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_put_under_approval_is_refused_at_once(
    bank: Bank, change: dict[str, Any], reason: str
) -> None:
    assert (await bank.door.refused(setting(bank, **change))).reason == reason
    assert await bank.door.envelopes() == []
