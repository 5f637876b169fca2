"""The rules of scorecards: every value falls in one bin, points sum to the score, the score says the probability."""

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.examples import HOUSING, SCORECARD, TERM
from zhongtai.risk.scorecard.domain import (
    AttributesMissing,
    AttributeUnknown,
    Bin,
    BinsMustCoverEveryValueOnce,
    CharacteristicsMustDiffer,
    ScaleMustBePositive,
    Scorecard,
    ScorecardVersionAlreadyPublished,
    check_attributes,
    check_bins,
    number_of,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("score", "odds"),
    # Siddiqi, Credit Risk Scorecards (2006), chapter 6, the table of scaled scores for 600 = 50 : 1 and 20 points.
    [(600, "50.0"), (601, "51.8"), (604, "57.4"), (620, "100.0")],
)
def test_scores_and_odds_are_tied_as_published(score: int, odds: str) -> None:
    probability = SCORECARD.probability_of_default(score)
    assert abs((1 - probability) / probability - Decimal(odds)) <= Decimal("0.051")


def test_the_probability_is_exact_to_six_places() -> None:
    # 1 ÷ (1 + 50) and 1 ÷ (1 + 25) by hand.
    assert SCORECARD.probability_of_default(600) == Decimal("0.019608")
    assert SCORECARD.probability_of_default(580) == Decimal("0.038462")
    assert str(SCORECARD.probability_of_default(-100_000)) == "1.000000"
    assert str(SCORECARD.probability_of_default(100_000)) == "0.000000"


@settings(max_examples=100)
@given(st.integers(300, 900))
def test_a_higher_score_is_never_a_higher_probability_and_doubling_holds(score: int) -> None:
    here, above = SCORECARD.probability_of_default(score), SCORECARD.probability_of_default(score + 1)
    assert above <= here
    exact = 1 / (1 + 50 * 2 ** ((score - 600) / 20))
    assert abs(float(here) - exact) <= 0.5000001e-6


@pytest.mark.parametrize(
    ("text", "bin_"),
    [
        ("11.999", "< 12"),
        ("12", "[12, 24)"),
        ("23.9", "[12, 24)"),
        ("24", "≥ 24"),
        ("-5", "< 12"),
        ("", "missing or other"),
        ("twelve", "missing or other"),
        ("1e1", "missing or other"),
        ("NaN", "missing or other"),
        ("１２", "missing or other"),
    ],
)
def test_numbers_fall_in_their_interval_and_what_is_none_falls_in_other(text: str, bin_: str) -> None:
    assert TERM.bin_of(text).label == bin_


@pytest.mark.parametrize(
    ("text", "bin_"), [("own", "own"), ("rent", "rent | other"), ("castle", "rent | other"), ("", "missing")]
)
def test_words_fall_in_their_group_and_new_words_in_other(text: str, bin_: str) -> None:
    assert HOUSING.bin_of(text).label == bin_


def test_the_score_is_explained_to_the_point() -> None:
    score = SCORECARD.score({"term": "18", "housing": ""})
    assert score.score == 560 + 10 - 10
    assert [(each.characteristic, each.bin, each.points, each.points_lost) for each in score.points] == [
        ("term", "[12, 24)", 10, 20),
        ("housing", "missing", -10, 35),
    ]


@settings(max_examples=100)
@given(
    st.text(max_size=6), st.one_of(st.integers().map(str), st.decimals(allow_nan=False).map(str), st.text(max_size=6))
)
def test_any_inputs_at_all_get_the_sum_of_their_points(housing: str, term: str) -> None:
    score = SCORECARD.score({"term": term, "housing": housing})
    assert score.score == SCORECARD.initial_points + sum(each.points for each in score.points)
    assert all(each.points_lost >= 0 for each in score.points)


def interval(lower: int | None, upper: int | None) -> Bin:
    bounds = [None if edge is None else Decimal(edge) for edge in (lower, upper)]
    return Bin(f"{lower} {upper}", 0, is_interval=True, lower=bounds[0], upper=bounds[1])


REST = Bin("rest", 0, takes_missing=True, takes_other=True)


@pytest.mark.parametrize(
    ("bins", "value", "times"),
    [
        ((interval(None, 10), interval(11, None), REST), "10", 0),
        ((interval(None, 11), interval(10, None), REST), "10", 2),
        ((interval(None, 10), interval(None, None), REST), "(lowest)", 2),
        ((interval(None, 10), REST), "(highest)", 0),
        ((REST,), "(lowest)", 0),
        ((interval(None, None),), "(missing)", 0),
        ((interval(None, None), REST, REST), "(missing)", 2),
        ((interval(None, None), REST, Bin("words", 0, values=("own",))), "own", 0),
    ],
)
def test_numeric_bins_must_take_every_number_once(bins: tuple[Bin, ...], value: str, times: int) -> None:
    with pytest.raises(BinsMustCoverEveryValueOnce) as refused:
        check_bins(replace(TERM, bins=bins))
    assert (refused.value.value, refused.value.bins) == (value, times)


def test_a_word_must_not_stand_in_two_groups() -> None:
    twice = replace(HOUSING, bins=(*HOUSING.bins, Bin("again", 0, values=("own",))))
    with pytest.raises(BinsMustCoverEveryValueOnce, match="own"):
        check_bins(twice)


@settings(max_examples=100)
@given(st.sets(st.integers(-50, 50), min_size=1, max_size=6), st.decimals(-60, 60, places=3))
def test_bins_that_pass_hold_each_number_exactly_once(edges: set[int], number: Decimal) -> None:
    cuts = [None, *sorted(edges), None]
    bins = tuple(interval(lower, upper) for lower, upper in itertools.pairwise(cuts))
    check_bins(replace(TERM, bins=(*bins, REST)))
    assert sum(each.holds(number) for each in bins) == 1


def test_a_version_is_published_once_and_never_changes() -> None:
    published, fact = SCORECARD.publish(None, TODAY)
    assert fact is not None
    assert published.published_on == TODAY
    assert SCORECARD.publish(published, date(2026, 3, 3)) == (published, None)
    with pytest.raises(ScorecardVersionAlreadyPublished):
        replace(SCORECARD, initial_points=561).publish(published, TODAY)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"base_odds": Decimal(0)}, ScaleMustBePositive),
        ({"points_to_double_odds": 0}, ScaleMustBePositive),
        ({"characteristics": (TERM, TERM)}, CharacteristicsMustDiffer),
        ({"characteristics": (replace(TERM, bins=TERM.bins[1:]),)}, BinsMustCoverEveryValueOnce),
    ],
)
def test_what_cannot_score_is_not_published(changes: dict[str, object], refusal: type[Exception]) -> None:
    card: Scorecard = replace(SCORECARD, **changes)  # type: ignore[arg-type]
    with pytest.raises(refusal):
        card.publish(None, TODAY)


def test_all_unknown_names_are_told_with_the_words_that_would_be_right_then_all_missing_ones() -> None:
    with pytest.raises(AttributeUnknown) as unknown:
        check_attributes(["housing", "hausing", "trem"], SCORECARD.attributes, ["telephone"])
    assert unknown.value.metadata == {"attributes": "hausing, trem", "known": "housing, telephone, term"}
    with pytest.raises(AttributesMissing) as missing:
        check_attributes(["telephone"], SCORECARD.attributes, ["telephone"])
    assert missing.value.attributes == "housing, term"
    check_attributes(["housing", "term"], SCORECARD.attributes)


@settings(max_examples=100)
@given(st.decimals(-(10**17), 10**17, places=4, allow_nan=False))
def test_plain_numbers_are_read_exactly(number: Decimal) -> None:
    assert number_of(f"{number:f}") == number
