"""Proposals to grant through the door: a formula bounds them, and two people stand behind a limit."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.credit.examples import day, fen, granted, held, plant_seeds, rate, request_id
from zhongtai.credit.v1 import grant_formula_pb2 as formula_v1
from zhongtai.credit.v1 import grant_proposal_pb2 as v1
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.testing.doors import Door

TODAY = date(2026, 1, 5)


def propose(**changes: Any) -> v1.ProposeGrantRequest:
    fields: dict[str, Any] = {
        "customer_id": "cus_1",
        "product_line": "consumer",
        "formula_id": "consumer_income",
        "inputs": [
            v1_input("monthly_income", 1_000_000),
            v1_input("owed_elsewhere", 500_000),
        ],
        "reason": "the salary was seen on the account",
    }
    return v1.ProposeGrantRequest(request_id=request_id(), **{**fields, **changes})


def v1_input(name: str, amount: int) -> formula_v1.FormulaInput:
    return formula_v1.FormulaInput(name=name, amount=fen(amount))


async def rated(door: Door) -> None:
    await plant_seeds(door)
    door.today(TODAY)
    request = rating_v1.AssignRatingRequest(
        request_id=request_id(), customer_id="cus_1", probability_of_default=rate("0.02")
    )
    await door.call(request)
    door.as_caller("zhang.wei")


async def proposed(door: Door, **changes: Any) -> v1.GrantProposal:
    proposal: v1.GrantProposal = (await door.call(propose(**changes))).proposal
    return proposal


def approve(proposal_id: str) -> v1.ApproveGrantProposalRequest:
    return v1.ApproveGrantProposalRequest(request_id=request_id(), proposal_id=proposal_id, comment="agreed")


async def test_a_proposal_says_what_every_line_came_to(door: Door) -> None:
    await rated(door)
    proposal = await proposed(door)
    assert (proposal.grade, proposal.formula_version, proposal.proposed_by) == ("BB", 1, "zhang.wei")
    assert [(one.name, one.amount.minor_units, one.binding) for one in proposal.figures] == [
        ("income_multiple", 12_000_000, False),
        ("grade_ceiling", 10_000_000, True),
        ("line_ceiling", 20_000_000, False),
        ("owed_elsewhere", 500_000, False),
    ]
    assert proposal.allowed.minor_units == proposal.amount.minor_units == 9_500_000
    assert len(await door.facts(v1.GrantProposed)) == 1


async def test_nothing_is_proposed_above_its_formula(door: Door) -> None:
    await rated(door)
    refusal = await door.refused(propose(amount=fen(9_500_001)))
    assert (refusal.reason, refusal.metadata["allowed"]) == ("AMOUNT_MUST_NOT_EXCEED_FORMULA", "CNY 95,000.00")
    assert (await proposed(door, amount=fen(100))).amount.minor_units == 100
    owes = [v1_input("monthly_income", 1_000_000), v1_input("owed_elsewhere", 10**9)]
    assert (await door.refused(propose(inputs=owes))).reason == "FORMULA_MUST_ALLOW_SOMETHING"
    assert (await door.refused(propose(inputs=owes[:1]))).reason == "FORMULA_INPUT_MISSING"
    assert (await door.refused(propose(inputs=owes[:1] * 2))).kind == "Invalid"
    assert (await door.refused(propose(formula_id="none"))).reason == "GRANT_FORMULA_NOT_FOUND"
    assert (await door.refused(propose(customer_id="cus_2"))).reason == "CUSTOMER_NOT_RATED"


async def test_nothing_is_proposed_on_an_expired_rating(door: Door) -> None:
    await rated(door)
    door.today(date(2027, 1, 5))
    await proposed(door)
    door.today(date(2027, 1, 6))
    refusal = await door.refused(propose())
    assert (refusal.reason, refusal.metadata["valid_until"]) == ("RATING_MUST_BE_VALID", "2027-01-05")


async def test_whoever_proposes_never_decides(door: Door) -> None:
    await rated(door)
    proposal = await proposed(door)
    for request in (
        approve(proposal.proposal_id),
        v1.RejectGrantProposalRequest(request_id=request_id(), proposal_id=proposal.proposal_id),
    ):
        assert (await door.refused(request)).reason == "PROPOSER_MUST_NOT_DECIDE"
    assert not await door.facts(limit_v1.LimitGranted)


async def test_an_approval_grants_once(door: Door) -> None:
    await rated(door)
    proposal = await proposed(door, exclusive=True, non_revolving=True)
    door.as_caller("li.na")
    replies = [await door.call(approve(proposal.proposal_id)) for _ in range(2)]
    assert replies[0] == replies[1]
    limit = replies[0].limit
    assert (limit.granted.minor_units, limit.exclusive, limit.revolving) == (9_500_000, True, False)
    assert (replies[0].proposal.decided_by, replies[0].proposal.limit_id) == ("li.na", limit.limit_id)
    assert len(await door.facts(limit_v1.LimitGranted)) == len(await door.facts(v1.GrantProposalClosed)) == 1
    door.as_caller("wang.fang")
    assert (await door.refused(approve(proposal.proposal_id))).reason == "GRANT_PROPOSAL_MUST_BE_OPEN"
    undo = limit_v1.WithdrawGrantRequest(
        request_id=request_id(), limit_id=limit.limit_id, grant_id=replies[0].proposal.grant_id
    )
    assert (await door.call(undo)).limit.granted.minor_units == 0


async def test_what_was_rejected_or_withdrawn_is_not_approved(door: Door) -> None:
    await rated(door)
    first, second = await proposed(door), await proposed(door)
    for _ in range(2):
        withdraw = v1.WithdrawGrantProposalRequest(request_id=request_id(), proposal_id=first.proposal_id)
        reply = await door.call(withdraw)
    assert reply.proposal.status == v1.GRANT_PROPOSAL_STATUS_WITHDRAWN
    door.as_caller("li.na")
    await door.call(v1.RejectGrantProposalRequest(request_id=request_id(), proposal_id=second.proposal_id))
    for proposal in (first, second):
        assert (await door.refused(approve(proposal.proposal_id))).reason == "GRANT_PROPOSAL_MUST_BE_OPEN"
    rejected = v1.ListGrantProposalsRequest(customer_id="cus_1", status=v1.GRANT_PROPOSAL_STATUS_REJECTED)
    assert [one.proposal_id for one in (await door.call(rejected)).proposals] == [second.proposal_id]
    assert len(await door.facts(v1.GrantProposalClosed)) == 2
    found = await door.call(v1.GetGrantProposalRequest(proposal_id=second.proposal_id))
    assert found.proposal.decided_by == "li.na"
    unknown = v1.GetGrantProposalRequest(proposal_id="prop_x")
    assert (await door.refused(unknown)).reason == "GRANT_PROPOSAL_NOT_FOUND"


async def test_a_stale_proposal_is_made_anew(door: Door) -> None:
    await rated(door)
    proposal = await proposed(door)
    door.as_caller("li.na")
    door.today(date(2026, 2, 5))
    assert (await door.refused(approve(proposal.proposal_id))).reason == "GRANT_PROPOSAL_MUST_NOT_BE_STALE"


async def test_a_temporary_increase_ends_after_its_last_day(door: Door) -> None:
    await rated(door)
    limit_id = await granted(door, 1_000_000)
    past = propose(until=day(2026, 1, 4))
    assert (await door.refused(past)).reason == "END_DATE_MUST_BE_AHEAD"
    proposal = await proposed(door, amount=fen(3_000_000), until=day(2026, 1, 6))
    door.as_caller("li.na")
    raised = (await door.call(approve(proposal.proposal_id))).limit
    assert (raised.limit_id, raised.granted.minor_units) == (limit_id, 3_000_000)
    hold_id = await held(door, limit_id, 2_000_000)
    commit = limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id)
    await door.call(commit)
    door.today(date(2026, 1, 6))
    assert (await door.call(limit_v1.GetLimitRequest(limit_id=limit_id))).limit.available.minor_units == 1_000_000
    door.today(date(2026, 1, 7))
    door.now(datetime(2026, 1, 7, 1, tzinfo=UTC))
    limit = (await door.call(limit_v1.GetLimitRequest(limit_id=limit_id))).limit
    assert (limit.granted.minor_units, limit.available.minor_units) == (2_000_000, 0), "what is in use stays counted"
    listed = (await door.call(limit_v1.ListLimitsRequest(customer_id="cus_1"))).limits[0]
    assert listed == limit
    hold = limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(1))
    assert (await door.refused(hold)).reason == "LIMIT_EXHAUSTED"
    await door.call(limit_v1.SweepLimitsRequest(request_id=request_id()))
    assert (await door.facts(limit_v1.LimitLowered))[-1].granted.minor_units == 2_000_000


@pytest.mark.parametrize("frozen", [False, True])
async def test_an_approval_that_does_not_fit_leaves_the_proposal_open(door: Door, frozen: bool) -> None:
    await rated(door)
    opened = node_v1.OpenLimitNodeRequest(
        request_id=request_id(), kind=node_v1.NODE_KIND_CUSTOMER, subject="cus_1", cap=fen(9_000_000)
    )
    node_id = (await door.call(opened)).node_id
    if frozen:
        await door.call(node_v1.FreezeLimitNodeRequest(request_id=request_id(), node_id=node_id))
    proposal = await proposed(door, exclusive=True)
    door.as_caller("li.na")
    refusal = await door.refused(approve(proposal.proposal_id))
    assert refusal.reason == ("LIMIT_NODE_MUST_BE_ACTIVE" if frozen else "LIMIT_EXHAUSTED")
    found = await door.call(v1.GetGrantProposalRequest(proposal_id=proposal.proposal_id))
    assert found.proposal.status == v1.GRANT_PROPOSAL_STATUS_OPEN
    assert not (await door.call(limit_v1.ListLimitsRequest())).limits


async def test_a_formula_is_published_by_version(door: Door) -> None:
    await plant_seeds(door)
    await plant_seeds(door)
    found = await door.call(formula_v1.GetGrantFormulaRequest(formula_id="consumer_income"))
    assert found.formula.version == 1
    assert len(await door.facts(formula_v1.GrantFormulaPublished)) == 2
    found.formula.version = 3
    skipped = formula_v1.PublishGrantFormulaRequest(request_id=request_id(), formula=found.formula)
    assert (await door.refused(skipped)).reason == "GRANT_FORMULA_VERSION_MUST_FOLLOW_LATEST"
