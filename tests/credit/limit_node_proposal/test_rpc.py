"""Four eyes for the caps of nodes: proposed by one, decided by another, changed in that moment."""

from datetime import date
from typing import Any

import pytest

from tests.credit.examples import day, fen, granted, request_id
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import limit_node_proposal_pb2 as v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.testing.doors import Door


async def opened(door: Door, cap: int = 1_000, **fields: Any) -> str:
    request = node_v1.OpenLimitNodeRequest(
        request_id=request_id(), kind=node_v1.NODE_KIND_CUSTOMER, subject="cus_1", cap=fen(cap), **fields
    )
    return str((await door.call(request)).node_id)


def proposing(node_id: str, change: v1.LimitNodeChange, **fields: Any) -> v1.ProposeLimitNodeChangeRequest:
    return v1.ProposeLimitNodeChangeRequest(
        request_id=request_id(), node_id=node_id, change=change, reason="growth", **fields
    )


async def proposed(door: Door, node_id: str, change: v1.LimitNodeChange, **fields: Any) -> str:
    return str((await door.call(proposing(node_id, change, **fields))).proposal_id)


def approving(proposal_id: str) -> v1.ApproveLimitNodeProposalRequest:
    return v1.ApproveLimitNodeProposalRequest(request_id=request_id(), proposal_id=proposal_id, comment="fine")


async def test_what_one_proposes_another_approves_and_the_cap_changes_once(door: Door) -> None:
    node_id = await opened(door)
    proposal_id = await proposed(door, node_id, v1.LIMIT_NODE_CHANGE_CAP, cap=fen(5_000))
    assert (await door.refused(approving(proposal_id))).reason == "PROPOSER_MUST_NOT_DECIDE"
    found = (await door.call(node_v1.GetLimitNodeRequest(node_id=node_id))).node
    assert found.cap == fen(1_000), "nothing changes before"
    door.as_caller("li.na")
    for _ in range(2):
        reply = await door.call(approving(proposal_id))
        assert (reply.node.cap, reply.proposal.decided_by) == (fen(5_000), "li.na")
    assert len(await door.facts(node_v1.LimitNodeCapped)) == len(await door.facts(v1.LimitNodeProposalClosed)) == 1
    door.as_caller("wang.wei")
    assert (await door.refused(approving(proposal_id))).reason == "LIMIT_NODE_PROPOSAL_MUST_BE_OPEN"


async def test_a_temporary_increase_and_a_freeze_take_two_people_as_well(door: Door) -> None:
    node_id = await opened(door)
    limit_id = await granted(door, 10_000)
    hold = limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(1_500))
    assert (await door.refused(hold)).reason == "LIMIT_EXHAUSTED"
    raised = await proposed(door, node_id, v1.LIMIT_NODE_CHANGE_TEMPORARY_CAP, cap=fen(2_000), until=day(2026, 1, 6))
    frozen = await proposed(door, node_id, v1.LIMIT_NODE_CHANGE_FREEZE)
    door.as_caller("li.na")
    await door.call(approving(raised))
    await door.call(hold)
    assert (await door.call(approving(frozen))).node.frozen
    refused = limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(1))
    assert (await door.refused(refused)).reason == "LIMIT_NODE_MUST_BE_ACTIVE"
    thawed = await proposed(door, node_id, v1.LIMIT_NODE_CHANGE_UNFREEZE)
    door.as_caller("wang.wei")
    assert not (await door.call(approving(thawed))).node.frozen


@pytest.mark.parametrize(
    ("change", "fields", "reason"),
    [
        (v1.LIMIT_NODE_CHANGE_CAP, {}, "CAP_MUST_BE_GIVEN"),
        (v1.LIMIT_NODE_CHANGE_FREEZE, {"cap": fen(1)}, "CAP_MUST_BE_GIVEN"),
        (v1.LIMIT_NODE_CHANGE_TEMPORARY_CAP, {"cap": fen(9_000)}, "CAP_MUST_BE_GIVEN"),
        (v1.LIMIT_NODE_CHANGE_TEMPORARY_CAP, {"cap": fen(1), "until": day(2026, 1, 9)}, "TEMPORARY_CAP_MUST_BE_HIGHER"),
        (v1.LIMIT_NODE_CHANGE_TEMPORARY_CAP, {"cap": fen(9_000), "until": day(2026, 1, 4)}, "END_DATE_MUST_BE_AHEAD"),
        (v1.LIMIT_NODE_CHANGE_CAP, {"cap": fen(1, "USD")}, "CURRENCY_MUST_MATCH"),
        (v1.LIMIT_NODE_CHANGE_NO_CAP, {}, "EXCLUSIVE_NODE_MUST_HAVE_CAP"),
    ],
)
async def test_what_the_node_would_refuse_is_not_even_proposed(
    door: Door, change: v1.LimitNodeChange, fields: dict[str, Any], reason: str
) -> None:
    node_id = await opened(door, exclusive=True)
    assert (await door.refused(proposing(node_id, change, **fields))).reason == reason
    assert not (await door.call(v1.ListLimitNodeProposalsRequest())).proposals


async def test_a_proposal_is_rejected_withdrawn_or_grows_stale(door: Door) -> None:
    node_id = await opened(door)
    first, second, third = [
        await proposed(door, node_id, v1.LIMIT_NODE_CHANGE_CAP, cap=fen(amount)) for amount in (1, 2, 3)
    ]
    withdraw = {"proposal_id": second}
    for _ in range(2):
        await door.call(v1.WithdrawLimitNodeProposalRequest(request_id=request_id(), **withdraw))
    door.as_caller("li.na")
    await door.call(v1.RejectLimitNodeProposalRequest(request_id=request_id(), proposal_id=first, comment="no"))
    for closed in (first, second):
        assert (await door.refused(approving(closed))).reason == "LIMIT_NODE_PROPOSAL_MUST_BE_OPEN"
    door.today(date(2026, 12, 31))
    assert (await door.refused(approving(third))).reason == "LIMIT_NODE_PROPOSAL_MUST_NOT_BE_STALE"
    assert (await door.call(node_v1.GetLimitNodeRequest(node_id=node_id))).node.cap == fen(1_000)
    still = v1.ListLimitNodeProposalsRequest(node_id=node_id, status=v1.LIMIT_NODE_PROPOSAL_STATUS_OPEN)
    assert [one.proposal_id for one in (await door.call(still)).proposals] == [third]
