"""Matching many with many: each once, within the rule, as many as can be, and the same in any order."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.matching_rule.domain import ItemKey, LineKey, MatchingRule, MatchShape
from zhongtai.operations.matching_rule.store import SHIPPED
from zhongtai.operations.reconciliation.engine import ByAmount, Columns, Found, Near, match

DAY = date(2026, 5, 4).toordinal()
EXACT = MatchingRule(
    name="exact",
    title="",
    title_zh="",
    shape=MatchShape.ONE_TO_ONE,
    line_key=LineKey.NOTHING,
    item_key=ItemKey.NOTHING,
    window_days=2,
)
BY_REFERENCE = replace(EXACT, name="reference", line_key=LineKey.REFERENCE, item_key=ItemKey.REFERENCE)
NEAR = replace(BY_REFERENCE, name="near", tolerance_minor=3, difference_code="6421")
ONE_MANY = replace(BY_REFERENCE, name="one_many", shape=MatchShape.ONE_TO_MANY)
MANY_ONE = replace(BY_REFERENCE, name="many_one", shape=MatchShape.MANY_TO_ONE)
FEES = replace(
    EXACT,
    name="fees",
    shape=MatchShape.ALONE,
    line_key=LineKey.TEXT,
    pattern="fee",
    tolerance_minor=5,
    difference_code="6421",
)
RULES = (BY_REFERENCE, NEAR, ONE_MANY, MANY_ONE, FEES, EXACT)

MEMBERS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(-6, 6).filter(bool),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["", "A", "E"]),
        st.sampled_from(["", "a fee", "rent"]),
    ),
    max_size=12,
)


def columns(members: list[tuple[int, int, str, str, str]], name: str) -> Columns:
    """Members as columns; their ids are in the order they are given."""
    ids = [f"{name}{place:03d}" for place in range(len(members))]
    days, amounts, references, end_to_end_ids, texts = zip(*members, strict=True) if members else ((),) * 5
    return Columns(ids, [DAY + day for day in days], amounts, references, end_to_end_ids, texts)


def shuffled(of: Columns, seed: int) -> Columns:
    """The same members in another order."""
    order = list(range(len(of.ids)))
    Random(seed).shuffle(order)
    names = ("ids", "days", "amounts", "references", "end_to_end_ids", "texts")
    return Columns(*([getattr(of, name)[place] for place in order] for name in names))


def told(found: list[Found], lines: Columns, items: Columns) -> set[tuple[str, frozenset[str], frozenset[str]]]:
    return {
        (one.rule.name, frozenset(lines.ids[x] for x in one.lines), frozenset(items.ids[x] for x in one.items))
        for one in found
    }


@given(MEMBERS, MEMBERS)
def test_each_is_matched_once_within_its_rule(
    of_lines: list[tuple[int, int, str, str, str]], of_items: list[tuple[int, int, str, str, str]]
) -> None:
    lines, items = columns(of_lines, "l"), columns(of_items, "i")
    found = match(RULES, lines, items)
    for side in ("lines", "items"):
        taken = [place for one in found for place in getattr(one, side)]
        assert len(set(taken)) == len(taken), "a member is matched once at the most"
    for one in found:
        apart = abs(lines.sum(one.lines) - items.sum(one.items))
        days = [lines.days[place] for place in one.lines] + [items.days[place] for place in one.items]
        assert apart <= one.rule.tolerance_minor
        assert max(days) - min(days) <= one.rule.window_days
        counts = len(one.lines), len(one.items)
        shapes = {
            MatchShape.ONE_TO_ONE: counts == (1, 1),
            MatchShape.ONE_TO_MANY: counts[0] == 1 < counts[1],
            MatchShape.MANY_TO_ONE: counts[1] == 1 < counts[0],
            MatchShape.ALONE: counts == (1, 0),
        }
        assert shapes[one.rule.shape]


@given(MEMBERS, MEMBERS, st.integers(0, 5))
def test_the_order_they_are_given_in_does_not_matter(
    of_lines: list[tuple[int, int, str, str, str]], of_items: list[tuple[int, int, str, str, str]], seed: int
) -> None:
    lines, items = columns(of_lines, "l"), columns(of_items, "i")
    others = shuffled(lines, seed), shuffled(items, seed + 1)
    assert told(match(RULES, lines, items), lines, items) == told(match(RULES, *others), *others)


@given(st.lists(st.integers(0, 8), max_size=5), st.lists(st.integers(0, 8), max_size=5))
def test_of_one_amount_as_many_are_paired_as_can_be(line_days: list[int], item_days: list[int]) -> None:
    lines = columns([(day, 1, "", "", "") for day in line_days], "l")
    items = columns([(day, 1, "", "", "") for day in item_days], "i")
    few, many = sorted((line_days, item_days), key=len)
    most = max(
        (
            sum(abs(a - b) <= EXACT.window_days for a, b in zip(few, chosen, strict=False))
            for chosen in permutations(many, len(few))
        ),
        default=0,
    )
    assert len(match([EXACT], lines, items)) == most


@given(MEMBERS, MEMBERS)
def test_nothing_that_the_rules_would_match_is_left(
    of_lines: list[tuple[int, int, str, str, str]], of_items: list[tuple[int, int, str, str, str]]
) -> None:
    lines, items = columns(of_lines, "l"), columns(of_items, "i")
    found = match(RULES, lines, items)
    free_lines = set(range(len(lines.ids))) - {place for one in found for place in one.lines}
    free_items = set(range(len(items.ids))) - {place for one in found for place in one.items}
    for line in free_lines:
        for item in free_items:
            same = lines.amounts[line] == items.amounts[item]
            assert not (same and abs(lines.days[line] - items.days[item]) <= EXACT.window_days)


def test_a_near_amount_on_the_other_side_of_zero_is_not_near() -> None:
    lines, items = columns([(0, 1, "A", "", "")], "l"), columns([(0, -1, "A", "", "")], "i")
    assert match([NEAR], lines, items) == []


def test_a_line_takes_the_nearest_amount_then_the_nearest_day() -> None:
    lines = columns([(2, 10, "A", "", "")], "l")
    items = columns([(0, 9, "A", "", ""), (2, 9, "A", "", ""), (2, 8, "A", "", "")], "i")
    assert [one.items for one in match([NEAR], lines, items)] == [(1,)]


@pytest.mark.parametrize(
    ("line", "item", "rule"),
    [
        ((0, 5, "", "E", ""), (1, 5, "", "E", ""), "end_to_end_id"),
        ((0, 5, "R", "", ""), (1, 5, "R", "", ""), "reference"),
        ((0, 5, "", "", "rent pay_01AB may"), (1, 5, "pay_01AB", "", ""), "payment_in_text"),
        ((0, 498, "", "E", ""), (1, 500, "", "E", ""), "rounding"),
        ((0, 4_000, "", "E", ""), (1, 5_000, "", "E", ""), "fee_deducted"),
        ((0, -800, "", "", "五月手续费"), None, "fee_charged"),
        ((0, 800, "", "", "季度结息"), None, "interest_paid"),
        ((0, 5, "", "", ""), (0, 5, "", "", ""), "amount_and_date"),
        ((0, 5, "", "", ""), (1, 5, "", "", ""), ""),
    ],
)
def test_the_rules_that_ship_find_what_they_are_for(
    line: tuple[int, int, str, str, str], item: tuple[int, int, str, str, str] | None, rule: str
) -> None:
    found = match(SHIPPED.rules, columns([line], "l"), columns([item] if item else [], "i"))
    assert [one.rule.name for one in found] == ([rule] if rule else [])


def test_the_nearest_amount_is_found_among_many() -> None:
    others = ByAmount.of(columns([(0, amount, "", "", "") for amount in (30, 10, 20, 20)], "i"))
    assert others.nearest(19) == Near(20, "i002")
    assert others.nearest(1) == Near(10, "i001")
    assert others.nearest(24) == Near(20, "i002"), "of equal ones the first by its id"
    assert others.nearest(99) == Near(30, "i000")
    assert ByAmount.of(columns([], "i")).nearest(1) is None
