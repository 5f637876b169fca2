"""The rules of decisions: everything that made the answer is kept, and it comes out the same again."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.examples import POLICY, SCORECARD, application
from zhongtai.risk.decision.domain import Decision, DecisionStatus, decide
from zhongtai.risk.policy.domain import Application, Outcome
from zhongtai.runtime.plain import from_json, to_json

TODAY, NOW = date(2026, 3, 2), datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def decided(asked: Application) -> Decision:
    return decide("dec_1", POLICY, SCORECARD, asked, today=TODAY, now=NOW)[0]


def test_a_decision_keeps_the_inputs_the_versions_and_the_answer() -> None:
    asked = application(term_months=36, telephone="yes")
    decision, fact = decide("dec_1", POLICY, SCORECARD, asked, today=TODAY, now=NOW)
    assert decision.inputs == asked.inputs
    assert (decision.policy_version, decision.scorecard_id, decision.scorecard_version) == (1, "application", 1)
    assert (decision.outcome, decision.score) == (Outcome.REFER, 565)
    assert [each.points for each in decision.points] == [-20, 25]
    assert decision.probability_of_default == SCORECARD.probability_of_default(565)
    assert fact.reason_codes == ("SCORE_NEEDS_A_PERSON", "TERM")
    assert decision.differences(POLICY, SCORECARD) == ()


@settings(max_examples=100)
@given(st.integers(1, 30_000_000), st.integers(1, 60), st.text(max_size=5), st.integers(0, 99).map(str))
def test_a_kept_decision_comes_out_the_same_even_after_it_was_written_down(
    minor_units: int, term: int, housing: str, age: str
) -> None:
    decision = decided(application(minor_units, term, housing=housing, age=age))
    kept: Decision = from_json(to_json(decision), Decision)
    assert kept == decision
    assert kept.differences(POLICY, SCORECARD) == ()


@pytest.mark.parametrize(
    ("changes", "different"),
    [
        ({"outcome": Outcome.DECLINE}, "outcome"),
        ({"score": 616}, "score"),
        ({"probability_of_default": Decimal("0.5")}, "probability_of_default"),
        ({"points": ()}, "points"),
        ({"maximum_amount": None}, "maximum_amount"),
    ],
)
def test_what_was_altered_is_named(changes: dict[str, object], different: str) -> None:
    altered: Decision = replace(decided(application()), **changes)  # type: ignore[arg-type]
    assert altered.differences(POLICY, SCORECARD) == (different,)


def test_altered_inputs_show_in_what_they_make() -> None:
    altered = replace(decided(application()), inputs={"housing": "rent", "age": "40"})
    assert "score" in altered.differences(POLICY, SCORECARD)


def test_withdrawing_twice_is_one_fact() -> None:
    withdrawn, fact = decided(application()).withdraw()
    assert fact is not None
    assert withdrawn.status is DecisionStatus.WITHDRAWN
    assert withdrawn.withdraw() == (withdrawn, None)


@pytest.mark.parametrize("outcome", [Outcome.DECLINE, Outcome.REFER])
def test_what_promised_nothing_stays_as_it_was_decided(outcome: Outcome) -> None:
    decision = replace(decided(application()), outcome=outcome)
    assert decision.withdraw() == (decision, None)
