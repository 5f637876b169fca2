"""Matching rules: what a pattern finds, and which rules cannot be followed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.matching_rule.domain import ItemKey, LineKey, MatchingRule, MatchShape
from zhongtai.operations.matching_rule.store import SHIPPED

RULE = MatchingRule(
    name="text",
    title="By the text",
    title_zh="按附言",
    shape=MatchShape.ONE_TO_ONE,
    line_key=LineKey.TEXT,
    item_key=ItemKey.REFERENCE,
    pattern="pay_@+",
)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("pay_@+", "rent pay_01ABC, May", "pay_01ABC"),
        ("INV-####", "INV-12 INV-1234", "INV-1234"),
        ("REF:(#+)", "REF:778 thanks", "778"),
        ("手续费", "五月手续费", "手续费"),
        ("a.c", "abc", ""),
        ("pay_@+", "nothing", ""),
    ],
)
def test_a_pattern_finds_a_key_in_a_text(pattern: str, text: str, found: str) -> None:
    assert replace(RULE, pattern=pattern).found_in(text) == found


@given(st.text(alphabet="ab#@()+.*\\[", max_size=8), st.text(max_size=40))
def test_a_pattern_that_holds_can_be_looked_for_in_any_text(pattern: str, text: str) -> None:
    rule = replace(RULE, pattern=pattern)
    try:
        rule.must_hold()
    except Refusal:
        return
    assert len(rule.found_in(text)) <= len(text)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"pattern": "(@)+"}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"pattern": "@+@+"}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"pattern": ")a("}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"pattern": ""}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"line_key": LineKey.REFERENCE}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"shape": MatchShape.ALONE}, "MATCHING_PATTERN_MUST_BE_PLAIN"),
        ({"item_key": ItemKey.NOTHING}, "MATCHING_RULE_MUST_HAVE_KEYS"),
        (
            {"shape": MatchShape.ONE_TO_MANY, "line_key": LineKey.NOTHING, "item_key": ItemKey.NOTHING, "pattern": ""},
            "MATCHING_RULE_MUST_HAVE_KEYS",
        ),
        ({"tolerance_minor": 1}, "MATCHING_DIFFERENCE_MUST_HAVE_CODE"),
        ({"difference_code": "6421"}, "MATCHING_DIFFERENCE_MUST_HAVE_CODE"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(changed: dict[str, Any], reason: str) -> None:
    RULE.must_hold()
    with pytest.raises(Refusal) as told:
        replace(RULE, **changed).must_hold()
    assert told.value.reason == reason


def test_the_rules_that_ship_hold() -> None:
    assert SHIPPED.must_hold().version == 0
    with pytest.raises(Refusal) as told:
        replace(SHIPPED, rules=(RULE, RULE)).must_hold()
    assert told.value.reason == "MATCHING_RULE_MUST_BE_ONE"
