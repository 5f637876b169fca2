"""Many ways up at once: they count as if one after the other, and a node that two share counts both."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.limit_node.domain import Claim, Claimed, LimitExhausted, LimitNode, NodeKind, empty_node
from zhongtai.credit.limit_node.engine import Paths, owed

TODAY = date(2026, 1, 5)
NOTHING = Claim.nothing("CNY")
SHOPS = ("shop_1", "shop_2", "chain")


def node(subject: str, parent: str, currency: str = "CNY") -> LimitNode:
    return replace(empty_node(f"n_{subject}", NodeKind.COUNTERPARTY, subject, currency, None), parent=parent)


def paths(cap: int | None = None) -> Paths:
    """Two shops beneath one chain, which may have a cap."""
    chain = node("chain", "")
    if cap is not None:
        chain, _ = chain.open(cny(cap), exclusive=False)
    nodes = {(one.kind, one.subject): one for one in (node("shop_1", "chain"), node("shop_2", "chain"), chain)}
    return Paths(nodes, dict.fromkeys(nodes, ()))


def claimed(subject: str, amount: int) -> Claimed:
    return Claimed(NodeKind.COUNTERPARTY, subject, NOTHING, Claim.of(cny(amount), cny(0)))


def held(counted: Paths) -> list[int]:
    return [counted.nodes[NodeKind.COUNTERPARTY, subject].held.minor_units for subject in SHOPS]


@given(st.lists(st.tuples(st.sampled_from(SHOPS), st.integers(0, 99)), max_size=6))
def test_claims_counted_at_once_come_to_what_they_do_one_by_one(asked: list[tuple[str, int]]) -> None:
    claims = [claimed(*one) for one in asked]
    one_by_one = paths()
    for claim in claims:
        one_by_one = one_by_one.count([claim], TODAY)
    at_once = paths().count(claims, TODAY)
    assert at_once == one_by_one
    own = [sum(amount for subject, amount in asked if subject == shop) for shop in SHOPS]
    assert held(at_once) == [own[0], own[1], sum(own)]


def test_what_two_ways_ask_of_one_node_must_fit_together() -> None:
    assert held(paths(100).count([claimed("shop_1", 60), claimed("shop_2", 40)], TODAY)) == [60, 40, 100]
    with pytest.raises(LimitExhausted) as refused:
        paths(100).count([claimed("shop_1", 60), claimed("shop_2", 41)], TODAY)
    assert (refused.value.node, refused.value.available) == ("COUNTERPARTY chain", cny(40))


def test_what_is_owed_is_told_in_all_currencies_up_to_the_root() -> None:
    dollars = node("chain", "", "USD")
    counted = replace(paths(), elsewhere={**paths().elsewhere, (NodeKind.COUNTERPARTY, "chain"): (dollars,)})
    counted = counted.count([claimed("shop_1", 7)])
    upwards = [owed(found, {}) for found in counted.upwards((NodeKind.COUNTERPARTY, "shop_1"))]
    assert [[str(loan) for loan in one.loans] for one in upwards] == [["CNY 0.07"], ["CNY 0.07", "USD 0.00"]]
    assert owed([dollars], {}).who == "COUNTERPARTY chain"
