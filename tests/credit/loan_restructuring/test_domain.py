"""How long extensions may be: the published thresholds, and that no row of extensions gets beyond them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zhongtai.credit.loan_restructuring.domain import ExtensionMustKeepWithinRule, must_keep_within, rule_of
from zhongtai.credit.loan_restructuring.store import RULES

LONGEST = 360


@pytest.mark.parametrize(
    ("term_months", "customer_kinds", "rule_id", "most"),
    [
        (6, (), "short_term", 6),
        (12, ("ORGANISATION",), "short_term", 12),
        (13, (), "medium_term", 6),
        (60, ("PERSON", "ORGANISATION"), "medium_term", 30),
        (61, (), "long_term", 36),
        (12, ("PERSON",), "personal_short", 12),
        (300, ("PERSON",), "personal_long", 60),
    ],
)
def test_the_rule_of_a_term(term_months: int, customer_kinds: tuple[str, ...], rule_id: str, most: int) -> None:
    rule = rule_of(RULES, term_months, customer_kinds)
    assert (rule.rule_id, rule.most(term_months, LONGEST)) == (rule_id, most)
    must_keep_within(rule, extended=most, term_months=term_months, product_term_months=LONGEST)
    with pytest.raises(ExtensionMustKeepWithinRule):
        must_keep_within(rule, extended=most + 1, term_months=term_months, product_term_months=LONGEST)


@given(some.integers(1, 480), some.sampled_from([(), ("PERSON",), ("ORGANISATION",)]))
def test_every_term_has_one_rule_with_a_source(term_months: int, customer_kinds: tuple[str, ...]) -> None:
    rule = rule_of(RULES, term_months, customer_kinds)
    assert rule.source
    assert 0 <= rule.most(term_months, 480) <= 480
