"""The limit tree as values: what a claim does on its way to the root, whatever the order."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.credit.examples import cny
from zhongtai.credit.limit_node import domain
from zhongtai.credit.limit_node.domain import Claim, LimitNode, NodeKind
from zhongtai.credit.limit_node.engine import Branch

TODAY = date(2026, 1, 5)


def node(subject: str, cap: int | None, *, kind: NodeKind = NodeKind.GROUP, exclusive: bool = False) -> LimitNode:
    made = domain.empty_node(f"node_{subject}", kind, subject, "CNY", None)
    return made if cap is None else made.open(cny(cap), exclusive=exclusive)[0]


def held(amount: int) -> Claim:
    return Claim.of(cny(amount), cny(0))


NOTHING = Claim.nothing("CNY")


def figures(one: LimitNode) -> tuple[int, int, int]:
    return one.held.minor_units, one.used.minor_units, one.reserved.minor_units


def test_a_claim_counts_on_every_node_to_the_root() -> None:
    branch = Branch((node("a", 100), node("b", None), node("c", 50)))
    counted = branch.count(NOTHING, held(40), TODAY)
    assert [figures(one) for one in counted.nodes] == [(40, 0, 0)] * 3


def test_a_claim_fits_everywhere_or_is_refused_by_the_node_where_it_does_not() -> None:
    branch = Branch((node("a", 100), node("b", None), node("c", 50)))
    with pytest.raises(domain.LimitExhausted) as refused:
        branch.count(NOTHING, held(51), TODAY)
    assert (refused.value.node, refused.value.available) == ("GROUP c", cny(50))


def test_an_exclusive_node_sets_its_cap_aside_above_it() -> None:
    root = node("root", 100)
    branch = Branch((node("mine", None), root))
    opened, _ = branch.nodes[0].open(cny(60), exclusive=True)
    branch = branch.changed_at_foot(opened, TODAY)
    assert figures(branch.nodes[1]) == (0, 0, 60)
    others = Branch((node("others", None), branch.nodes[1]))
    with pytest.raises(domain.LimitExhausted):
        others.count(NOTHING, held(41), TODAY)
    root = others.count(NOTHING, held(40), TODAY).nodes[1]
    full = Branch((branch.nodes[0], root)).count(NOTHING, held(60), TODAY)
    assert [figures(one) for one in full.nodes] == [(60, 0, 0), (100, 0, 0)]


def test_what_is_set_aside_must_be_free() -> None:
    branch = Branch((node("mine", None), node("root", 100))).count(NOTHING, held(70), TODAY)
    opened, _ = branch.nodes[0].open(cny(101), exclusive=True)
    with pytest.raises(domain.LimitExhausted):
        branch.changed_at_foot(opened, TODAY)


def test_a_frozen_node_takes_nothing_new_and_gives_back() -> None:
    branch = Branch((node("a", 100), node("b", 100))).count(NOTHING, held(10), TODAY)
    frozen = Branch((branch.nodes[0], branch.nodes[1].freeze()[0]))
    with pytest.raises(domain.LimitNodeMustBeActive) as refused:
        frozen.count(held(10), held(11), TODAY)
    assert refused.value.node == "GROUP b"
    assert figures(frozen.count(held(10), NOTHING, TODAY).nodes[1]) == (0, 0, 0)
    assert figures(frozen.count(held(10), Claim.of(cny(0), cny(10))).nodes[1]) == (0, 10, 0)


def test_a_cap_below_what_is_in_use_stands_and_takes_nothing_new() -> None:
    used = node("a", 100).count(NOTHING, held(80), TODAY)
    lowered, fact = used.set_cap(cny(50))
    assert (lowered.available(TODAY), fact.cap) == (cny(0), cny(50))
    with pytest.raises(domain.LimitExhausted):
        lowered.count(NOTHING, held(1), TODAY)
    assert lowered.count(held(80), held(60), TODAY).held == cny(60)


def test_a_temporary_cap_counts_through_its_last_day() -> None:
    raised, _ = node("a", 100).raise_until(cny(150), TODAY, on=TODAY)
    assert raised.available(TODAY) == cny(150)
    assert raised.available(TODAY + timedelta(days=1)) == cny(100)
    with pytest.raises(domain.EndDateMustBeAhead):
        node("a", 100).raise_until(cny(150), TODAY - timedelta(days=1), on=TODAY)
    with pytest.raises(domain.TemporaryCapMustBeHigher):
        node("a", 100).raise_until(cny(100), TODAY, on=TODAY)
    assert raised.set_cap(cny(150))[0].temporary_cap is None
    assert raised.set_cap(cny(120))[0].temporary_cap == cny(150)


def test_a_node_is_opened_once_and_an_exclusive_one_keeps_a_cap() -> None:
    opened = node("a", 10, exclusive=True)
    with pytest.raises(domain.LimitNodeAlreadyOpen):
        opened.open(cny(20), exclusive=False)
    with pytest.raises(domain.ExclusiveNodeMustHaveCap):
        opened.set_cap(None)


def test_a_node_does_not_stand_beneath_itself_nor_too_deep() -> None:
    mine = node("a", None)
    with pytest.raises(domain.LimitNodeMustNotStandBeneathItself):
        mine.stand_beneath(Branch((node("b", None), node("a", None))).nodes, levels=1)
    deep = Branch(tuple(node(str(level), None) for level in range(domain.LEVELS_AT_MOST)))
    with pytest.raises(domain.LimitTreeTooDeep):
        mine.stand_beneath(deep.nodes, levels=1)
    with pytest.raises(domain.LimitTreeTooDeep):
        mine.stand_beneath(Branch(deep.nodes[1:]).nodes, levels=2)
    assert mine.stand_beneath(Branch(deep.nodes[1:]).nodes, levels=1)[0].parent == "1"


class AnyTree(RuleBasedStateMachine):
    """A tree of seven nodes, some exclusive, under any order of claims, moves and caps, against sums kept beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[str, LimitNode] = {}
        self.claims: dict[tuple[str, int], Claim] = {}
        self.forced = False

    @initialize(
        exclusive=st.lists(st.booleans(), min_size=7, max_size=7),
        caps=st.lists(st.integers(1, 60), min_size=7, max_size=7),
    )
    def grow(self, exclusive: list[bool], caps: list[int]) -> None:
        for place, name in enumerate("abcdefg"):
            parent = "abcdefg"[(place - 1) // 2] if place else ""
            self.nodes[name] = node(name, None)
            if parent:
                self.nodes[name] = self.nodes[name].stand_beneath(self.branch(parent).nodes, levels=1)[0]
        for place, name in enumerate("abcdefg"):
            try:
                opened, _ = self.nodes[name].open(cny(caps[place]), exclusive=exclusive[place])
                self.keep(self.branch(name).changed_at_foot(opened, TODAY))
            except domain.LimitExhausted:
                continue

    def branch(self, name: str) -> Branch:
        found = []
        while name:
            found.append(self.nodes[name])
            name = self.nodes[name].parent
        return Branch(tuple(found))

    def keep(self, branch: Branch) -> None:
        self.nodes |= {one.subject: one for one in branch.nodes}

    @rule(name=st.sampled_from("abcdefg"), slot=st.integers(0, 2), amount=st.integers(0, 40), used=st.booleans())
    def claim(self, name: str, slot: int, amount: int, used: bool) -> None:
        before = self.claims.get((name, slot), NOTHING)
        after = Claim.of(cny(0), cny(amount)) if used else held(amount)
        try:
            counted = self.branch(name).count(before, after, TODAY)
        except domain.LimitExhausted:
            assert after.total > before.total
            return
        self.claims[name, slot] = after
        self.keep(counted)

    @rule(name=st.sampled_from("abcdefg"), cap=st.integers(0, 80))
    def cap(self, name: str, cap: int) -> None:
        changed, _ = self.nodes[name].set_cap(cny(cap))
        try:
            self.keep(self.branch(name).changed_at_foot(changed, TODAY))
        except domain.LimitExhausted:
            return
        self.forced = self.forced or changed.total > cny(cap)

    @rule(name=st.sampled_from("bcdefg"), parent=st.sampled_from(["", *"abcdefg"]))
    def move(self, name: str, parent: str) -> None:
        one = self.nodes[name]
        try:
            one.stand_beneath(self.branch(parent).nodes, levels=1)
        except domain.LimitNodeMustNotStandBeneathItself:
            return
        self.keep(self.branch(one.parent).count(one.claim, NOTHING))
        entered = self.branch(parent)
        moved, _ = one.stand_beneath(entered.nodes, levels=1)
        self.keep(entered.count(NOTHING, moved.claim))
        self.nodes[name] = moved
        self.forced = True

    def beneath(self, name: str) -> list[str]:
        return [one.subject for one in self.nodes.values() if one.parent == name]

    @invariant()
    def every_node_is_the_sum_of_what_is_beneath_it(self) -> None:
        for name, one in self.nodes.items():
            claims: list[Any] = [claim for (at, _), claim in self.claims.items() if at == name]
            claims += [self.nodes[child].claim for child in self.beneath(name)]
            for figure in ("held", "used", "reserved"):
                expected = sum(getattr(claim, figure).minor_units for claim in claims)
                assert getattr(one, figure).minor_units == expected, (name, figure)

    @invariant()
    def nothing_new_is_above_a_cap(self) -> None:
        if not self.forced:
            assert all(one.cap is None or one.total <= one.cap for one in self.nodes.values())


AnyTree.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyTree = AnyTree.TestCase
