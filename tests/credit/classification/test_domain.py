"""The five categories: each article at its bound, the upgrade, and columns equal to one loan at a time."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.credit.classification.rules import TODAY, classified, decree
from zhongtai.credit.classification import engine
from zhongtai.credit.classification.domain import (
    ClassificationRulesMustHaveOneNameEach,
    ClassificationRulesVersionMustFollowLatest,
    ClassificationRulesVersionTaken,
    Criterion,
    DateMustNotBeInTheFuture,
    Facts,
    RiskCategory,
    classify,
    days_past_due,
    may_be_upgraded,
    publish,
    values_of,
)

NORMAL, SPECIAL_MENTION, SUBSTANDARD, DOUBTFUL, LOSS = RiskCategory
IMPAIRED: dict[str, Any] = {"credit_impaired": True}
COMPANY: dict[str, Any] = {"non_retail": True}


@pytest.mark.parametrize(
    ("days", "category"),
    [
        (0, NORMAL),
        (1, SPECIAL_MENTION),
        (90, SPECIAL_MENTION),
        (91, SUBSTANDARD),
        (270, SUBSTANDARD),
        (271, DOUBTFUL),
        (360, DOUBTFUL),
        (361, LOSS),
    ],
)
def test_days_past_due_decide_from_the_day_after_each_bound(days: int, category: RiskCategory) -> None:
    assert classified(days).category is category


@pytest.mark.parametrize(
    ("facts", "category"),
    [
        ({"purpose_changed": True}, SPECIAL_MENTION),
        ({"paid_by_new_debt": True}, SPECIAL_MENTION),
        ({"non_performing_anywhere": True}, NORMAL),
        ({"non_performing_anywhere": True, **COMPANY}, SPECIAL_MENTION),
        ({"rating_fell": True}, SUBSTANDARD),
        ({"overdue_90_share_all_banks": "0.2", **COMPANY}, NORMAL),
        ({"overdue_90_share_all_banks": "0.2001", **COMPANY}, SUBSTANDARD),
        ({"overdue_90_share_all_banks": "0.9"}, NORMAL),
        ({"non_performing_share_here": "0.1", **COMPANY}, NORMAL),
        ({"non_performing_share_here": "0.11", **COMPANY}, SUBSTANDARD),
        ({"non_performing_share_here": "0.11", "enhanced": True, **COMPANY}, NORMAL),
        ({"debt_evaded": True}, DOUBTFUL),
        ({"in_liquidation": True}, LOSS),
        ({"expected_loss_share": "0.95"}, NORMAL),
        ({"expected_loss_share": "0.4999", **IMPAIRED}, SUBSTANDARD),
        ({"expected_loss_share": "0.5", **IMPAIRED}, DOUBTFUL),
        ({"expected_loss_share": "0.9", **IMPAIRED}, LOSS),
        ({"restructured_again": True}, SUBSTANDARD),
    ],
)
def test_what_is_known_decides(facts: dict[str, Any], category: RiskCategory) -> None:
    assert classified(**facts).category is category


def test_a_technical_delay_is_excused_for_seven_days() -> None:
    assert classified(7, technical_delay=True).category is NORMAL
    assert classified(8, technical_delay=True).category is SPECIAL_MENTION


def test_a_restructured_asset_is_observed_for_a_year_and_two_payments() -> None:
    a_year_ago = date(2025, 7, 1)
    observed: dict[str, Any] = {"observed_from": a_year_ago + timedelta(days=1), "observed_payments": 12}
    assert classified(**observed).category is SPECIAL_MENTION
    assert classified(observed_from=a_year_ago, observed_payments=1).category is SPECIAL_MENTION
    assert classified(observed_from=a_year_ago, observed_payments=2).category is NORMAL


@pytest.mark.parametrize(
    ("cured", "category"),
    [
        ({}, SUBSTANDARD),
        ({"arrears_cleared_on": date(2026, 1, 2)}, SUBSTANDARD),
        ({"payments_since_cleared": 1}, SUBSTANDARD),
        ({"able_to_perform": False}, SUBSTANDARD),
        ({"non_retail": True, "non_performing_share_here": Decimal("0.05")}, SUBSTANDARD),
        ({"arrears_cleared_on": date(2026, 1, 1)}, NORMAL),
    ],
)
def test_what_was_non_performing_is_upgraded_by_article_13_alone(cured: dict[str, Any], category: RiskCategory) -> None:
    met = {"arrears_cleared_on": date(2025, 12, 1), "payments_since_cleared": 2, "able_to_perform": True}
    classification = classified(previous=DOUBTFUL, **({**met, **cured} if cured else {}))
    assert classification.category is category
    assert classification.upgrade_withheld is (category is SUBSTANDARD)


def test_what_is_past_due_again_is_not_upgraded() -> None:
    met = {"arrears_cleared_on": date(2025, 12, 1), "payments_since_cleared": 2, "able_to_perform": True}
    assert classified(5, previous=SPECIAL_MENTION, **met).category is SPECIAL_MENTION
    assert classified(5, previous=DOUBTFUL, **met).category is SUBSTANDARD


def test_the_trace_names_every_article_with_its_value_and_threshold() -> None:
    findings = {finding.rule_id: finding for finding in classified(100).findings}
    assert len(findings) == len(decree().rules)
    late = findings["overdue_substandard"]
    assert (late.article, late.value, late.threshold) == ("第十条（一）", Decimal(100), Decimal(90))
    assert late.applies
    assert not findings["overdue_doubtful"].applies
    assert late.confirm, "nobody here read article 10"
    assert not findings["non_performing_here_substandard"].confirm


def test_a_day_that_has_not_come_is_refused() -> None:
    with pytest.raises(DateMustNotBeInTheFuture):
        classified(arrears_cleared_on=TODAY + timedelta(days=1))


def test_days_are_counted_from_the_oldest_unpaid_instalment() -> None:
    assert days_past_due(None, TODAY) == 0
    assert days_past_due(TODAY, TODAY) == 0
    assert days_past_due(date(2026, 4, 1), TODAY) == 91


def test_a_published_version_never_changes() -> None:
    rules = decree()
    assert publish(rules, published=None, latest_version=0) is not None
    assert publish(rules, published=rules, latest_version=1) is None
    with pytest.raises(ClassificationRulesVersionTaken):
        publish(replace(rules, upgrade_months=3), published=rules, latest_version=1)
    with pytest.raises(ClassificationRulesVersionMustFollowLatest):
        publish(replace(rules, version=3), published=None, latest_version=1)
    with pytest.raises(ClassificationRulesMustHaveOneNameEach):
        publish(replace(rules, rules=(*rules.rules, rules.rules[0])), published=None, latest_version=0)


shares = some.sampled_from(["0", "0.05", "0.1", "0.1001", "0.2", "0.21", "0.4999", "0.5", "0.9", "1"]).map(Decimal)
past_days = some.none() | some.dates(date(2024, 1, 1), TODAY)
loans = some.tuples(
    some.sampled_from([0, 1, 7, 8, 90, 91, 270, 271, 360, 361, 1000]),
    some.builds(
        Facts,
        **{name: some.booleans() for name, value in Facts.__annotations__.items() if value is bool},
        expected_loss_share=shares,
        overdue_90_share_all_banks=shares,
        non_performing_share_here=shares,
        observed_from=past_days,
        observed_payments=some.integers(0, 3),
        arrears_cleared_on=past_days,
        payments_since_cleared=some.integers(0, 3),
    ),
    some.none() | some.sampled_from(RiskCategory),
)


@settings(max_examples=200)
@given(some.lists(loans, min_size=1, max_size=8))
def test_columns_classify_as_one_loan_at_a_time(some_loans: list[tuple[int, Facts, RiskCategory | None]]) -> None:
    rows = [values_of(decree(), facts, days, TODAY) for days, facts, _ in some_loans]
    codes = engine.categories(
        decree(),
        {criterion: np.array([float(row[criterion]) for row in rows]) for criterion in Criterion},
        np.array([engine.FIRST_TIME if it is None else it.code for _, _, it in some_loans], dtype=np.int8),
        np.array([may_be_upgraded(decree(), facts, days, TODAY) for days, facts, _ in some_loans]),
    )
    alone = [
        classify(
            decree(),
            facts,
            classification_id="",
            loan_id="",
            customer_id="",
            days_past_due=days,
            previous=previous,
            on=TODAY,
        )[0]
        for days, facts, previous in some_loans
    ]
    assert codes.tolist() == [it.category.code for it in alone]
    for it in alone:
        assert all(it.category.code >= finding.category.code for finding in it.findings if finding.applies)


def test_columns_upgrade_who_may_be_upgraded() -> None:
    days, before = {Criterion.DAYS_PAST_DUE: np.array([0, 0, 0])}, np.array([3, 3, 1], dtype=np.int8)
    assert engine.categories(decree(), days, before, np.array([True, False, False])).tolist() == [0, 2, 0]


def test_a_criterion_that_holds_for_nobody_may_be_left_out() -> None:
    days = {Criterion.DAYS_PAST_DUE: np.array([0, 5, 100])}
    codes = engine.categories(decree(), days, np.full(3, engine.FIRST_TIME, dtype=np.int8), np.zeros(3, dtype=np.bool_))
    assert codes.tolist() == [0, 1, 2]
