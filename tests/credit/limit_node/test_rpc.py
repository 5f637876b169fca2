"""The limit tree through the door: a hold counts on its whole path, whoever else is at it at the same time."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.credit.examples import fen, granted, held, request_id
from zhongtai.credit.v1 import limit_node_pb2 as v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.testing.doors import Door

MORNING = datetime(2026, 1, 5, 1, tzinfo=UTC)
CUSTOMER, GROUP, PRODUCT = v1.NODE_KIND_CUSTOMER, v1.NODE_KIND_GROUP, v1.NODE_KIND_PRODUCT
COUNTERPARTY, SCENARIO = v1.NODE_KIND_COUNTERPARTY, v1.NODE_KIND_SCENARIO


async def opened(door: Door, kind: v1.NodeKind, subject: str, cap: int, **fields: Any) -> str:
    request = v1.OpenLimitNodeRequest(request_id=request_id(), kind=kind, subject=subject, cap=fen(cap), **fields)
    return str((await door.call(request)).node_id)


async def node_of(door: Door, kind: v1.NodeKind, subject: str) -> v1.LimitNode:
    listed = await door.call(v1.ListLimitNodesRequest(kind=kind, subject=subject))
    assert len(listed.nodes) == 1
    node: v1.LimitNode = listed.nodes[0]
    return node


async def figures(door: Door, kind: v1.NodeKind, subject: str) -> tuple[int, int, int]:
    """Held, used and reserved of a node, in fen."""
    node = await node_of(door, kind, subject)
    return node.held.minor_units, node.used.minor_units, node.reserved.minor_units


def hold(limit_id: str, amount: int, **fields: Any) -> limit_v1.HoldLimitRequest:
    return limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(amount), **fields)


async def test_a_hold_counts_from_the_limit_to_every_root_and_back(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    await opened(door, CUSTOMER, "cus_1", 900, parent="grp_1")
    await opened(door, GROUP, "grp_1", 5_000, parent="holding")
    reply = await door.call(hold(limit_id, 400, counterparty_id="mer_1", scenario_id="instalment"))
    path = [(CUSTOMER, "cus_1"), (GROUP, "grp_1"), (GROUP, "holding"), (PRODUCT, "consumer")]
    path += [(COUNTERPARTY, "mer_1"), (SCENARIO, "instalment")]
    assert [await figures(door, *one) for one in path] == [(400, 0, 0)] * 6
    await door.call(limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=reply.hold_id))
    assert [await figures(door, *one) for one in path] == [(0, 400, 0)] * 6
    event = loan_v1.LoanRepaid(loan_id="loan_1", limit_id=limit_id, hold_id=reply.hold_id, principal=fen(150))
    for _ in range(2):
        await door.deliver(event, event_id="evt_1")
    assert [await figures(door, *one) for one in path] == [(0, 250, 0)] * 6


@pytest.mark.parametrize(
    ("kind", "subject", "named"),
    [
        (CUSTOMER, "cus_1", "CUSTOMER cus_1"),
        (GROUP, "grp_1", "GROUP grp_1"),
        (PRODUCT, "consumer", "PRODUCT consumer"),
        (COUNTERPARTY, "mer_1", "COUNTERPARTY mer_1"),
        (SCENARIO, "instalment", "SCENARIO instalment"),
    ],
)
async def test_a_refusal_names_the_node_and_leaves_no_trace(
    door: Door, kind: v1.NodeKind, subject: str, named: str
) -> None:
    limit_id = await granted(door, 1_000)
    await opened(door, kind, subject, 300)
    await door.call(hold(limit_id, 1, counterparty_id="mer_1", scenario_id="instalment"))
    if kind == GROUP:
        node_id = (await node_of(door, CUSTOMER, "cus_1")).node_id
        await door.call(v1.MoveLimitNodeRequest(request_id=request_id(), node_id=node_id, parent="grp_1"))
    before = await figures(door, PRODUCT, "consumer")
    request = hold(limit_id, 300, counterparty_id="mer_1", scenario_id="instalment")
    refusal = await door.refused(request)
    assert (refusal.reason, refusal.metadata["node"]) == ("LIMIT_EXHAUSTED", named)
    assert await figures(door, PRODUCT, "consumer") == before
    assert len(await door.facts(limit_v1.LimitHeld)) == 1


async def test_members_of_a_group_share_what_it_has(door: Door) -> None:
    await opened(door, GROUP, "grp_1", 1_000)
    limits = []
    for customer in ("cus_1", "cus_2"):
        await opened(door, CUSTOMER, customer, 900, parent="grp_1")
        limits.append(await granted(door, 900, customer))
    await held(door, limits[0], 700)
    refusal = await door.refused(hold(limits[1], 301))
    assert (refusal.metadata["node"], refusal.metadata["available"]) == ("GROUP grp_1", "CNY 3.00")
    await held(door, limits[1], 300)


async def test_an_exclusive_limit_is_never_used_up_by_others(door: Door) -> None:
    await opened(door, CUSTOMER, "cus_1", 1_000)
    grant = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="business", amount=fen(600), exclusive=True
    )
    exclusive = (await door.call(grant)).limit_id
    assert await figures(door, CUSTOMER, "cus_1") == (0, 0, 600)
    shared = await granted(door, 900)
    assert (await door.refused(hold(shared, 401))).reason == "LIMIT_EXHAUSTED"
    await held(door, shared, 400)
    await held(door, exclusive, 600)
    assert await figures(door, CUSTOMER, "cus_1") == (1_000, 0, 0)
    more = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="business", amount=fen(601)
    )
    assert (await door.refused(more)).metadata["node"] == "CUSTOMER cus_1"


async def test_a_customer_takes_its_use_into_a_group_and_out_of_it(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    await held(door, limit_id, 600)
    await opened(door, GROUP, "grp_1", 500)
    node_id = (await node_of(door, CUSTOMER, "cus_1")).node_id
    move = v1.MoveLimitNodeRequest(request_id=request_id(), node_id=node_id, parent="grp_1")
    assert (await door.call(move)).node.parent == "grp_1"
    assert await figures(door, GROUP, "grp_1") == (600, 0, 0)
    assert (await door.refused(hold(limit_id, 1))).metadata["node"] == "GROUP grp_1"
    await door.call(v1.MoveLimitNodeRequest(request_id=request_id(), node_id=node_id, parent=""))
    assert await figures(door, GROUP, "grp_1") == (0, 0, 0)
    await held(door, limit_id, 1)
    assert len(await door.facts(v1.LimitNodeMoved)) == 2
    group_id = (await node_of(door, GROUP, "grp_1")).node_id
    beneath = v1.MoveLimitNodeRequest(request_id=request_id(), node_id=group_id, parent="grp_1")
    assert (await door.refused(beneath)).reason == "LIMIT_NODE_MUST_NOT_STAND_BENEATH_ITSELF"


async def test_a_tree_has_so_many_levels(door: Door) -> None:
    await opened(door, GROUP, "grp_1", 500)
    for level in range(1, 8):
        await opened(door, GROUP, f"grp_{level + 1}", 500, parent=f"grp_{level}")
    deeper = v1.OpenLimitNodeRequest(
        request_id=request_id(), kind=CUSTOMER, subject="cus_1", cap=fen(1), parent="grp_8"
    )
    assert (await door.refused(deeper)).reason == "LIMIT_TREE_TOO_DEEP"
    top = (await node_of(door, GROUP, "grp_1")).node_id
    move = v1.MoveLimitNodeRequest(request_id=request_id(), node_id=top, parent="grp_9")
    assert (await door.refused(move)).reason == "LIMIT_TREE_TOO_DEEP"


async def test_each_currency_has_a_node_of_its_own_at_the_same_place(door: Door) -> None:
    await opened(door, CUSTOMER, "cus_1", 900, parent="grp_1")
    grant = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="consumer", amount=fen(1_000, "USD")
    )
    limit_id = (await door.call(grant)).limit_id
    request = limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=fen(1_000, "USD"))
    await door.call(request)
    groups = (await door.call(v1.ListLimitNodesRequest(kind=GROUP, subject="grp_1"))).nodes
    assert {(one.currency_code, one.held.minor_units) for one in groups} == {("CNY", 0), ("USD", 1_000)}
    children = (await door.call(v1.ListLimitNodesRequest(parent="grp_1"))).nodes
    assert {one.currency_code for one in children} == {"CNY", "USD"}


async def test_a_frozen_node_stops_holds_beneath_it_in_every_currency(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    hold_id = await held(door, limit_id, 10)
    node_id = (await node_of(door, CUSTOMER, "cus_1")).node_id
    for _ in range(2):
        assert (await door.call(v1.FreezeLimitNodeRequest(request_id=request_id(), node_id=node_id))).node.frozen
    refusal = await door.refused(hold(limit_id, 1))
    assert (refusal.reason, refusal.metadata["node"]) == ("LIMIT_NODE_MUST_BE_ACTIVE", "CUSTOMER cus_1")
    commit = limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=limit_id, hold_id=hold_id)
    await door.call(commit)
    await door.call(v1.UnfreezeLimitNodeRequest(request_id=request_id(), node_id=node_id))
    await held(door, limit_id, 1)
    assert (len(await door.facts(v1.LimitNodeFrozen)), len(await door.facts(v1.LimitNodeUnfrozen))) == (1, 1)


async def test_what_lapsed_does_not_hide_what_is_new(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    await held(door, limit_id, 900)
    node_id = (await node_of(door, CUSTOMER, "cus_1")).node_id
    await door.call(v1.FreezeLimitNodeRequest(request_id=request_id(), node_id=node_id))
    door.now(MORNING + timedelta(days=2))
    assert (await door.refused(hold(limit_id, 1))).reason == "LIMIT_NODE_MUST_BE_ACTIVE", "though less is held than was"


async def test_a_cap_is_raised_for_a_while_lowered_and_taken_away(door: Door) -> None:
    limit_id = await granted(door, 1_000)
    node_id = await opened(door, CUSTOMER, "cus_1", 100)
    today = date(2026, 1, 5)
    door.today(today)
    until = v1.SetLimitNodeCapRequest(request_id=request_id(), node_id=node_id, cap=fen(300))
    until.until.year, until.until.month, until.until.day = 2026, 1, 6
    assert (await door.call(until)).node.available.minor_units == 300
    await held(door, limit_id, 200)
    door.today(today + timedelta(days=2))
    refusal = await door.refused(hold(limit_id, 1))
    assert (refusal.reason, refusal.metadata["available"]) == ("LIMIT_EXHAUSTED", "CNY 0.00")
    late = v1.SetLimitNodeCapRequest(request_id=request_id(), node_id=node_id, cap=fen(300), until=until.until)
    assert (await door.refused(late)).reason == "END_DATE_MUST_BE_AHEAD"
    await door.call(v1.SetLimitNodeCapRequest(request_id=request_id(), node_id=node_id))
    await held(door, limit_id, 1)
    again = v1.OpenLimitNodeRequest(request_id=request_id(), kind=CUSTOMER, subject="cus_1", cap=fen(1))
    assert (await door.refused(again)).reason == "LIMIT_NODE_ALREADY_OPEN"
    dollars = v1.SetLimitNodeCapRequest(request_id=request_id(), node_id=node_id, cap=fen(1, "USD"))
    assert (await door.refused(dollars)).reason == "CURRENCY_MUST_MATCH"
    unknown = v1.GetLimitNodeRequest(node_id="node_x")
    assert (await door.refused(unknown)).reason == "LIMIT_NODE_NOT_FOUND"


async def test_a_lapsed_hold_of_another_limit_makes_room(door: Door) -> None:
    await opened(door, GROUP, "grp_1", 1_000)
    limits = []
    for customer in ("cus_1", "cus_2"):
        await opened(door, CUSTOMER, customer, 1_000, parent="grp_1")
        limits.append(await granted(door, 1_000, customer))
    await door.call(hold(limits[0], 900, counterparty_id="mer_1"))
    assert (await door.refused(hold(limits[1], 900))).reason == "LIMIT_EXHAUSTED"
    door.now(MORNING + timedelta(days=2))
    await held(door, limits[1], 900)
    assert await figures(door, GROUP, "grp_1") == (900, 0, 0)
    assert await figures(door, COUNTERPARTY, "mer_1") == (0, 0, 0)
    assert len(await door.facts(limit_v1.LimitReleased)) == 1


async def test_many_race_for_the_last_of_a_group(door: Door) -> None:
    await opened(door, GROUP, "grp_1", 1_000)
    limits = []
    for number in range(12):
        await opened(door, CUSTOMER, f"cus_{number}", 1_000, parent="grp_1")
        limits.append(await granted(door, 1_000, f"cus_{number}"))
    races = await asyncio.gather(*(held(door, limit_id, 300) for limit_id in limits), return_exceptions=True)
    refused = [outcome for outcome in races if isinstance(outcome, Refusal)]
    assert {(refusal.reason, refusal.metadata["node"]) for refusal in refused} == {("LIMIT_EXHAUSTED", "GROUP grp_1")}
    assert len(refused) == 9
    assert await figures(door, GROUP, "grp_1") == (900, 0, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_interleaving_keeps_the_whole_path(door: Door, seed: int) -> None:
    """Holds, commits, releases, repayments, lapses, moves and caps from many callers at once, retries among them."""
    chance = Random(seed)
    customers = [f"cus_{number}" for number in range(4)]
    for customer in customers:
        await opened(door, CUSTOMER, customer, 900, parent=chance.choice(["grp_1", "grp_2"]))
    for group in ("grp_1", "grp_2"):
        await opened(door, GROUP, group, 1_500, parent="holding")
    await opened(door, PRODUCT, "consumer", 2_500)
    await opened(door, COUNTERPARTY, "mer_1", 1_200)
    limits = [await granted(door, 800, customer) for customer in customers]
    holds: list[tuple[str, str]] = []

    async def attempt(request: Any) -> None:
        for _ in range(chance.randint(1, 2)):
            try:
                reply = await door.call(request)
            except Refusal:
                continue
            if isinstance(reply, limit_v1.HoldLimitResponse) and (reply.limit_id, reply.hold_id) not in holds:
                holds.append((reply.limit_id, reply.hold_id))

    def choose() -> Any:
        act = chance.randint(0, 9)
        ids: dict[str, Any] = {"request_id": request_id()}
        if act < 5 or not holds:
            merchant = chance.choice(["", "mer_1", "mer_2"])
            amount = fen(chance.randint(1, 400))
            return limit_v1.HoldLimitRequest(
                **ids, limit_id=chance.choice(limits), amount=amount, counterparty_id=merchant
            )
        limit_id, hold_id = chance.choice(holds)
        if act < 7:
            return limit_v1.CommitHoldRequest(**ids, limit_id=limit_id, hold_id=hold_id)
        if act < 8:
            return limit_v1.ReleaseHoldRequest(**ids, limit_id=limit_id, hold_id=hold_id)
        if act < 9:
            return limit_v1.ReduceLimitRequest(**ids, limit_id=limit_id, amount=fen(chance.randint(300, 800)))
        return v1.MoveLimitNodeRequest(
            **ids, node_id=customer_nodes[chance.choice(customers)], parent=chance.choice(["grp_1", "grp_2"])
        )

    customer_nodes = {customer: (await node_of(door, CUSTOMER, customer)).node_id for customer in customers}
    for step in range(8):
        door.now(MORNING + timedelta(hours=7 * step))
        await asyncio.gather(*(attempt(choose()) for _ in range(8)))
        await repay_half_of_one(door, holds)
    await must_add_up(door, limits)


async def repay_half_of_one(door: Door, holds: list[tuple[str, str]]) -> None:
    """Half of the first hold that is in use, and of which nothing was repaid, comes back."""
    for limit_id, hold_id in holds:
        listed = (await door.call(limit_v1.ListHoldsRequest(limit_id=limit_id))).holds
        used = next(one for one in listed if one.hold_id == hold_id)
        if used.status == limit_v1.HOLD_STATUS_COMMITTED and not used.HasField("restored"):
            half = fen(used.amount.minor_units // 2)
            await door.deliver(loan_v1.LoanRepaid(loan_id=hold_id, limit_id=limit_id, hold_id=hold_id, principal=half))
            return


async def must_add_up(door: Door, limits: list[str]) -> None:
    """Every node is the sum of the limits, or of the holds, that are beneath it."""
    found = (await door.call(limit_v1.ListLimitsRequest())).limits
    # Touching every limit gives back what has lapsed, as reads of limits tell it already.
    for limit_id in limits:
        await door.call(limit_v1.UnfreezeLimitRequest(request_id=request_id(), limit_id=limit_id))
    nodes = {(one.kind, one.subject): one for one in (await door.call(v1.ListLimitNodesRequest())).nodes}
    for figure in ("held", "used"):
        sums: dict[Any, int] = {}
        for limit in found:
            amount = getattr(limit, figure).minor_units
            group = nodes[CUSTOMER, limit.customer_id].parent
            for key in ((CUSTOMER, limit.customer_id), (PRODUCT, "consumer"), (GROUP, group), (GROUP, "holding")):
                sums[key] = sums.get(key, 0) + amount
            for one in (await door.call(limit_v1.ListHoldsRequest(limit_id=limit.limit_id))).holds:
                counts = (
                    (one.status == limit_v1.HOLD_STATUS_OPEN)
                    if figure == "held"
                    else (one.status == limit_v1.HOLD_STATUS_COMMITTED)
                )
                if one.counterparty_id and counts:
                    key = (COUNTERPARTY, one.counterparty_id)
                    left = one.amount.minor_units - one.restored.minor_units
                    sums[key] = sums.get(key, 0) + left
        for key, node in nodes.items():
            assert getattr(node, figure).minor_units == sums.get(key, 0), (key, figure)
