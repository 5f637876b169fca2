"""The rules of master scales and ratings."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.credit.rating import domain
from zhongtai.credit.rating.domain import MasterScale, Rating
from zhongtai.credit.v1 import rating_pb2
from zhongtai.runtime.convert import value_of

_SEED = json.loads((files("zhongtai.credit.rating") / "seed.json").read_text())[0]["request"]["scale"]
SCALE = value_of(ParseDict(_SEED, rating_pb2.MasterScale()), MasterScale)
probabilities = st.decimals(0, 1, places=8, allow_nan=False)


def rated(probability: str = "0.02") -> Rating:
    rating, _ = domain.assign(
        SCALE, Decimal(probability), rating_id="rat_1", customer_id="cus_1", decision_id="", on=date(2026, 1, 5)
    )
    return rating


def overridden(rating: Rating, grade: str, authority: str = "credit_committee", **changes: Any) -> Rating:
    arguments = {"reason": "audited accounts arrived", "by": "officer", "holds_authority": True}
    at = datetime(2026, 1, 5, tzinfo=UTC)
    after, _ = rating.override(grade, scale=SCALE, authority=authority, at=at, **{**arguments, **changes})
    return after


def published(scale: MasterScale) -> domain.MasterScalePublished | None:
    return domain.publish(scale, published=None, latest_version=0)


def regraded(place: int, **changes: Any) -> MasterScale:
    grades = list(SCALE.grades)
    grades[place] = replace(grades[place], **changes)
    return replace(SCALE, grades=tuple(grades))


@pytest.mark.parametrize(
    ("probability", "grade"),
    [
        ("0", "AAA"),
        ("0.000999", "AAA"),
        ("0.001", "AA"),
        ("0.0149999", "BBB"),
        ("0.015", "BB"),
        ("0.25", "CC"),
        ("0.99999999", "C"),
        ("1", "D"),
    ],
)
def test_a_probability_on_a_bound_belongs_to_the_worse_grade(probability: str, grade: str) -> None:
    assert SCALE.grade_of(Decimal(probability)) == grade


@given(probabilities, probabilities)
def test_a_higher_probability_never_gets_a_better_grade(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert SCALE.place_of(SCALE.grade_of(low)) <= SCALE.place_of(SCALE.grade_of(high))


@given(probabilities)
def test_every_probability_lies_within_the_band_of_its_grade(probability: Decimal) -> None:
    floored = max(probability, SCALE.probability_floor)
    place = SCALE.place_of(SCALE.grade_of(probability))
    assert SCALE.grades[place].lower_bound <= floored
    if place + 1 < len(SCALE.grades):
        assert floored < SCALE.grades[place + 1].lower_bound


def test_below_the_floor_counts_as_the_floor() -> None:
    """CRE32.4: no probability of default below 0.05 % is used; a scale whose first band ends there shows it."""
    fine = regraded(1, lower_bound=Decimal("0.0005"), probability_of_default=Decimal("0.0007"))
    assert SCALE.probability_floor == Decimal("0.0005")
    assert fine.grade_of(Decimal("0.0001")) == "AA"


def test_the_scale_that_ships_does_what_it_says() -> None:
    assert published(SCALE)
    lowest = [max(grade.lower_bound, SCALE.probability_floor) for grade in SCALE.grades]
    for grade, (low, high) in zip(SCALE.grades, pairwise(lowest), strict=False):
        assert grade.probability_of_default == (low * high).sqrt().quantize(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("scale", "refusal"),
    [
        (replace(SCALE, grades=SCALE.grades[:6] + SCALE.grades[-1:]), domain.GradesMustSuffice),
        (regraded(1, grade="AAA"), domain.GradesMustHaveOneNameEach),
        (regraded(0, lower_bound=Decimal("0.0001")), domain.GradesMustCoverEveryProbability),
        (regraded(2, lower_bound=Decimal("0.001")), domain.GradesMustCoverEveryProbability),
        (regraded(-1, lower_bound=Decimal("0.99")), domain.GradesMustCoverEveryProbability),
        (regraded(-1, probability_of_default=Decimal("0.99")), domain.GradesMustCoverEveryProbability),
        (regraded(0, probability_of_default=Decimal("0.0004")), domain.ProbabilityMustBeWithinGrade),
        (regraded(3, probability_of_default=Decimal("0.015")), domain.ProbabilityMustBeWithinGrade),
    ],
)
def test_a_scale_that_does_not_hold_together_is_refused(scale: MasterScale, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        published(scale)


def test_versions_of_a_scale_are_never_changed() -> None:
    assert domain.publish(SCALE, published=SCALE, latest_version=1) is None
    with pytest.raises(domain.MasterScaleVersionTaken):
        domain.publish(replace(SCALE, source="elsewhere"), published=SCALE, latest_version=1)
    with pytest.raises(domain.MasterScaleVersionMustFollowLatest):
        domain.publish(replace(SCALE, version=3), published=None, latest_version=1)


def test_an_override_is_added_and_the_grade_of_the_model_stays_known() -> None:
    rating = overridden(rated(), "BBB")
    assert (rating.model_grade, rating.grade) == ("BB", "BBB")
    rating = overridden(rating, "B")
    assert [(one.from_grade, one.to_grade) for one in rating.overrides] == [("BB", "BBB"), ("BBB", "B")]


@pytest.mark.parametrize(
    ("grade", "authority", "allowed"),
    [
        ("BBB", "credit_officer", False),
        ("CCC", "credit_officer", True),
        ("CC", "credit_officer", False),
        ("BBB", "senior_credit_officer", True),
        ("A", "senior_credit_officer", False),
        ("A", "credit_committee", True),
        ("AA", "credit_committee", False),
        ("D", "credit_committee", True),
    ],
)
def test_an_authority_reaches_only_so_far(grade: str, authority: str, allowed: bool) -> None:
    if allowed:
        assert overridden(rated(), grade, authority).grade == grade
    else:
        with pytest.raises(domain.AuthorityExceeded):
            overridden(rated(), grade, authority)


def test_steps_of_one_notch_do_not_add_up_beyond_the_authority() -> None:
    one_up = overridden(rated(), "BBB", "senior_credit_officer")
    with pytest.raises(domain.AuthorityExceeded) as refused:
        overridden(one_up, "A", "senior_credit_officer")
    assert (refused.value.notches, refused.value.model_grade) == (2, "BB")


def test_going_back_to_the_model_needs_no_reach() -> None:
    assert overridden(overridden(rated(), "A"), "BB", "credit_officer").grade == "BB"


def test_what_an_override_needs() -> None:
    with pytest.raises(domain.AuthorityMustBeHeld):
        overridden(rated(), "BBB", holds_authority=False)
    with pytest.raises(domain.AuthorityNotFound):
        overridden(rated(), "BBB", "the_king")
    with pytest.raises(domain.GradeNotFound):
        overridden(rated(), "A+")
    with pytest.raises(domain.GradeMustChange):
        overridden(rated(), "BB")
    withdrawn, _ = rated().withdraw()
    with pytest.raises(domain.RatingMustStand):
        overridden(withdrawn, "BBB")


def test_overrides_have_an_end() -> None:
    rating = rated()
    for number in range(domain.OVERRIDES_AT_MOST):
        rating = overridden(rating, ("BBB", "B")[number % 2])
    with pytest.raises(domain.OverridesExhausted):
        overridden(rating, "CCC")


def test_withdrawing_twice_is_withdrawing_once() -> None:
    withdrawn, fact = rated().withdraw()
    assert fact == domain.RatingWithdrawn("rat_1", "cus_1")
    assert withdrawn.withdraw() == (withdrawn, None)
