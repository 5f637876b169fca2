"""The rules of policies: the hardest part wins, every reason is told, and the same inputs get the same answer."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.examples import ADULT, POLICY, SCORECARD, application
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.risk.policy.domain import (
    AmountBand,
    AmountBandsMustBeOrdered,
    Answer,
    Application,
    AttributeMustAgreeWithRequest,
    Comparison,
    CutOffsMustBeOrdered,
    Outcome,
    Policy,
    PolicyVersionAlreadyPublished,
    RuleValueMustFitComparison,
)
from zhongtai.risk.scorecard.domain import AttributesMissing, AttributeUnknown

TODAY = date(2026, 3, 2)


def answer(asked: Application, policy: Policy = POLICY) -> Answer:
    return policy.answer(SCORECARD, asked)


def codes(found: Answer) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_a_good_applicant_is_approved_without_reasons() -> None:
    found = answer(application())
    assert (found.outcome, found.score, found.reasons) == (Outcome.APPROVE, 615, ())
    assert found.maximum_amount == Money("CNY", 20_000_000)


@pytest.mark.parametrize(
    ("housing", "term", "score", "outcome", "reasons"),
    [
        # 560 + 10 + 25 and 560 + 30 − 5 lie either side of the 590 to be approved; 560 − 20 + 25 and 560 − 20 −
        # 5 are low.
        ("own", 18, 595, Outcome.APPROVE, []),
        ("rent", 6, 585, Outcome.REFER, ["SCORE_NEEDS_A_PERSON", "HOUSING"]),
        ("own", 36, 565, Outcome.REFER, ["SCORE_NEEDS_A_PERSON", "TERM"]),
        ("rent", 36, 535, Outcome.DECLINE, ["SCORE_BELOW_CUT_OFF", "TERM", "HOUSING"]),
    ],
)
def test_the_score_decides_and_what_cost_most_is_told_first(
    housing: str, term: int, score: int, outcome: Outcome, reasons: list[str]
) -> None:
    found = answer(application(term_months=term, housing=housing))
    assert (found.score, found.outcome, codes(found)) == (score, outcome, reasons)


def test_cut_offs_hold_at_their_very_points() -> None:
    # The applicant has 585 points.
    refused = application(housing="rent")
    for approve, decline, outcome in (
        (585, 500, Outcome.APPROVE),
        (586, 585, Outcome.REFER),
        (590, 586, Outcome.DECLINE),
    ):
        policy = replace(POLICY, approve_at_or_above=approve, decline_below=decline, amount_bands=())
        assert answer(refused, policy).outcome is outcome


def test_a_rule_declines_whatever_the_score_and_then_the_score_is_no_reason() -> None:
    found = answer(application(age="17"))
    assert (found.outcome, codes(found)) == (Outcome.DECLINE, ["TOO_YOUNG"])
    assert found.reasons[0].text_zh == "申请人未满18周岁。"


def test_what_cannot_be_answered_is_not_met() -> None:
    for age in ("", "unknown", "18 years"):
        assert answer(application(age=age)).outcome is Outcome.DECLINE


@pytest.mark.parametrize(
    ("comparison", "values", "met", "unmet"),
    [
        (Comparison.AT_LEAST, ("18",), ["18", "18.0", "99"], ["17.99", "-18", ""]),
        (Comparison.AT_MOST, ("65",), ["65", "0"], ["65.01", "", "x"]),
        (Comparison.ONE_OF, ("a", "b"), ["a", "b"], ["c", "A", ""]),
        (Comparison.NONE_OF, ("a", "b"), ["c"], ["a", "b", ""]),
        (Comparison.PRESENT, (), ["anything"], [""]),
    ],
)
def test_each_comparison(comparison: Comparison, values: tuple[str, ...], met: list[str], unmet: list[str]) -> None:
    rule = replace(ADULT, comparison=comparison, values=values)
    assert rule.is_well_formed
    assert [rule.is_met(text) for text in met] == [True] * len(met)
    assert [rule.is_met(text) for text in unmet] == [False] * len(unmet)


def test_the_amount_is_bounded_by_the_band_of_the_score() -> None:
    # 615 points: up to 200,000.00, else declined. 595 points: up to 50,000.00, else referred.
    assert answer(application(20_000_000)).outcome is Outcome.APPROVE
    too_much = answer(application(20_000_001))
    assert (too_much.outcome, codes(too_much)) == (Outcome.DECLINE, ["AMOUNT_ABOVE_SCORE_MAXIMUM"])
    assert "CNY 200,000.00" in too_much.reasons[0].text
    assert answer(application(5_000_000, 18)).outcome is Outcome.APPROVE
    assert answer(application(5_000_001, 18)).outcome is Outcome.REFER
    at_its_very_point = replace(POLICY, amount_bands=(AmountBand(615, Money("CNY", 1), Outcome.REFER),))
    assert answer(application(), at_its_very_point).outcome is Outcome.REFER
    below_all = answer(application(housing="rent", term_months=36))
    assert below_all.maximum_amount is None


def test_the_hardest_part_wins() -> None:
    found = answer(application(9_000_000, 18, age="17"))
    assert (found.outcome, codes(found)) == (Outcome.DECLINE, ["TOO_YOUNG", "AMOUNT_ABOVE_SCORE_MAXIMUM"])


def test_the_term_is_taken_from_the_request_and_another_is_refused() -> None:
    assert answer(application(term_months=6)).points[0].bin == "< 12"
    assert answer(application(term_months=6, term="6.0")) == answer(application(term_months=6))
    half_a_year = replace(ADULT, attribute="term", comparison=Comparison.ONE_OF, values=("6",))
    as_text = replace(POLICY, rules=(*POLICY.rules, half_a_year))
    assert answer(application(term_months=6, term="6.0"), as_text).outcome is Outcome.APPROVE
    with pytest.raises(AttributeMustAgreeWithRequest) as refused:
        answer(application(term_months=36, term="6"))
    assert refused.value.metadata == {"attribute": "term", "requested": "36"}


def test_the_amount_is_taken_from_the_request_in_whole_units_of_its_currency() -> None:
    by_amount = replace(POLICY, amount_attribute="term", term_attribute="", amount_bands=())
    assert answer(application(1_199), by_amount).points[0].bin == "< 12"
    assert answer(application(1_200), by_amount).points[0].bin == "[12, 24)"
    yen = replace(by_amount, currency_code="JPY")
    asked = replace(application(), amount=Money("JPY", 12))
    assert answer(asked, yen).points[0].bin == "[12, 24)"


def test_names_are_checked_and_accepted_ones_change_nothing() -> None:
    assert answer(application(telephone="yes")) == answer(application())
    with pytest.raises(AttributeUnknown) as unknown:
        answer(application(shoe_size="42"))
    assert unknown.value.metadata == {"attributes": "shoe_size", "known": "age, housing, telephone, term"}
    with pytest.raises(AttributesMissing) as missing:
        answer(replace(application(), inputs={}))
    assert missing.value.attributes == "age, housing"
    assert POLICY.required_attributes(SCORECARD) == ("age", "housing")


def test_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMustMatch):
        answer(replace(application(), amount=Money("USD", 100)))


@settings(max_examples=100)
@given(
    st.integers(1, 30_000_000),
    st.integers(1, 60),
    st.text(max_size=5),
    st.one_of(st.integers(0, 99).map(str), st.text(max_size=3)),
)
def test_the_same_inputs_get_the_same_answer_and_no_is_never_without_a_reason(
    minor_units: int, term: int, housing: str, age: str
) -> None:
    asked = application(minor_units, term, housing=housing, age=age)
    found = answer(asked)
    shuffled = replace(asked, inputs=dict(reversed(asked.inputs.items())))
    assert found == answer(shuffled)
    assert bool(found.reasons) == (found.outcome is not Outcome.APPROVE)


@settings(max_examples=50)
@given(st.integers(1, 30_000_000), st.integers(1, 60), st.sampled_from(["own", "rent", ""]))
def test_a_better_home_is_never_a_harder_answer(minor_units: int, term: int, housing: str) -> None:
    hardness = {Outcome.APPROVE: 0, Outcome.REFER: 1, Outcome.DECLINE: 2}
    unbounded = replace(POLICY, amount_bands=())
    better = answer(application(minor_units, term, housing="own"), unbounded)
    assert (
        hardness[better.outcome] <= hardness[answer(application(minor_units, term, housing=housing), unbounded).outcome]
    )


def test_a_version_is_published_once_and_never_changes() -> None:
    published, fact = POLICY.publish(None, TODAY)
    assert fact is not None
    assert POLICY.publish(published, date(2026, 3, 3)) == (published, None)
    with pytest.raises(PolicyVersionAlreadyPublished):
        replace(POLICY, approve_at_or_above=591).publish(published, TODAY)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"decline_below": 591}, CutOffsMustBeOrdered),
        ({"rules": (replace(ADULT, values=("eighteen",)),)}, RuleValueMustFitComparison),
        ({"rules": (replace(ADULT, values=("18", "19")),)}, RuleValueMustFitComparison),
        ({"rules": (replace(ADULT, comparison=Comparison.ONE_OF, values=()),)}, RuleValueMustFitComparison),
        ({"rules": (replace(ADULT, comparison=Comparison.PRESENT),)}, RuleValueMustFitComparison),
        ({"amount_bands": POLICY.amount_bands[::-1]}, AmountBandsMustBeOrdered),
        ({"amount_bands": (AmountBand(500, Money("USD", 1), Outcome.REFER),)}, CurrencyMustMatch),
    ],
)
def test_what_contradicts_itself_is_not_published(changes: dict[str, object], refusal: type[Exception]) -> None:
    policy: Policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    with pytest.raises(refusal):
        policy.publish(None, TODAY)
