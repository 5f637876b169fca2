"""Rating models: a published logit, a scorecard's odds, groups and their support."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import exp, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.credit.rating.domain import Grade, MasterScale
from zhongtai.credit.rating_model import domain
from zhongtai.credit.rating_model.domain import (
    RatedMember,
    RatingBin,
    RatingFactor,
    RatingModel,
    RatingModelKind,
    RatingSegment,
    SupportNotches,
    probability,
)
from zhongtai.kernel.money import WeightsMustBePositive

DAY = date(2026, 1, 1)
BOUNDS = ("0", "0.001", "0.0025", "0.006", "0.015", "0.04", "0.1", "1")
MIDDLES = ("0.0007", "0.0016", "0.0039", "0.0095", "0.0245", "0.063", "0.2", "1")
SCALE = MasterScale(
    "master",
    1,
    DAY,
    Decimal("0.0005"),
    tuple(
        Grade(f"G{place}", Decimal(low), Decimal(middle), "", "")
        for place, (low, middle) in enumerate(zip(BOUNDS, MIDDLES, strict=True))
    ),
    (),
    "a test",
)


def linear(name: str, coefficient: str, minimum: str | None = None, maximum: str | None = None) -> RatingFactor:
    bounds = [None if bound is None else Decimal(bound) for bound in (minimum, maximum)]
    return RatingFactor(name, Decimal(coefficient), bounds[0], bounds[1], (), None)


def binned(name: str, *bins: tuple[str | None, int], missing: str | None = None) -> RatingFactor:
    made = tuple(RatingBin(None if below is None else Decimal(below), Decimal(points)) for below, points in bins)
    return RatingFactor(name, None, None, None, made, None if missing is None else Decimal(missing))


def logit(*factors: RatingFactor, intercept: str = "0") -> RatingModel:
    return RatingModel(
        "a_logit",
        1,
        DAY,
        RatingSegment.COMPANY,
        RatingModelKind.LOGIT,
        Decimal(intercept),
        factors,
        None,
        None,
        None,
        (),
        "a test",
        True,
    )


def card(*factors: RatingFactor) -> RatingModel:
    return replace(
        logit(*factors),
        kind=RatingModelKind.SCORECARD,
        segment=RatingSegment.PERSON,
        anchor_points=Decimal(600),
        anchor_odds=Decimal(50),
        points_to_double=Decimal(20),
    )


def group(**notches: int) -> RatingModel:
    supports = tuple(SupportNotches(*one) for one in notches.items())
    return replace(logit(), kind=RatingModelKind.GROUP, segment=RatingSegment.GROUP, supports=supports)


def test_ohlsons_model_by_hand() -> None:
    """Ohlson (1980), model 1: T = −1.32 + 6.03 · 0.6 − 1.43 · 0.2 − 2.37 · 0.05 = 1.8935."""
    model = logit(linear("tlta", "6.03"), linear("wcta", "-1.43"), linear("nita", "-2.37"), intercept="-1.32")
    inputs = {"tlta": Decimal("0.6"), "wcta": Decimal("0.2"), "nita": Decimal("0.05")}
    explanation = model.explain("rat_1", inputs)
    assert explanation.score == Decimal("1.8935")
    assert isclose(float(explanation.probability_of_default), 1 / (1 + exp(-1.8935)), abs_tol=1e-14)
    assert [one.contribution for one in explanation.contributions] == [
        Decimal("3.618"),
        Decimal("-0.286"),
        Decimal("-0.1185"),
    ]


@pytest.mark.parametrize(("points", "odds"), [(600, 50), (620, 100), (580, 25), (640, 200)])
def test_odds_double_with_every_twenty_points(points: int, odds: int) -> None:
    explanation = card(binned("all", (None, points))).explain("rat_1", {"all": Decimal(0)})
    assert explanation.score == points
    assert isclose(float(explanation.probability_of_default), 1 / (1 + odds), abs_tol=1e-14)


def test_a_value_falls_in_the_bin_it_is_below() -> None:
    factor = binned("years", ("1", 10), ("3", 30), (None, 60), missing="2")
    for value, points in (("0.999", 10), ("1", 30), ("2.999", 30), ("3", 60), ("99", 60)):
        assert factor.contribution(Decimal(value)).contribution == points
    assert factor.contribution(None).contribution == 30
    with pytest.raises(domain.RatingInputMissing):
        linear("x", "1").contribution(None)


def test_values_count_within_their_bounds() -> None:
    factor = linear("x", "2", "-1", "1")
    assert [factor.contribution(Decimal(value)).contribution for value in (-9, 0, 9)] == [-2, 0, 2]


@given(st.decimals(-10_000, 10_000, places=6), st.decimals(-10_000, 10_000, places=6))
def test_more_risk_is_never_a_better_grade(left: Decimal, right: Decimal) -> None:
    low, high = sorted((left, right))
    assert 0 < probability(low) <= probability(high) < 1, "a model never says never, nor certain"
    assert SCALE.place_of(SCALE.grade_of(probability(low))) <= SCALE.place_of(SCALE.grade_of(probability(high)))


@given(st.lists(st.tuples(st.decimals(-5, 5, places=4), st.decimals(-9, 9, places=4)), min_size=1, max_size=8))
def test_what_the_factors_added_comes_to_the_score(parts: list[tuple[Decimal, Decimal]]) -> None:
    model = logit(*(linear(f"x{place}", str(one)) for place, (one, _) in enumerate(parts)), intercept="-2.5")
    explanation = model.explain("rat_1", {f"x{place}": value for place, (_, value) in enumerate(parts)})
    assert sum(one.contribution for one in explanation.contributions) - Decimal("2.5") == explanation.score


def rated(*members: tuple[int, int], support: str = "", supporter: int | None = None) -> tuple[str, str]:
    """The grades of a group before and after support; members are weights and grades."""
    explanation = group(none=0, strong=2, whole=20).explain_group(
        "rat_1",
        [RatedMember(f"cus_{weight}", Decimal(weight), Decimal(MIDDLES[grade])) for weight, grade in members],
        scale=SCALE,
        support=support,
        supporter_grade=None if supporter is None else f"G{supporter}",
    )
    assert sum(one.contribution for one in explanation.contributions) == pytest.approx(explanation.score)
    return explanation.standalone_grade, SCALE.grade_of(explanation.probability_of_default)


def test_a_group_is_its_members_by_their_weights() -> None:
    assert rated((1, 3)) == ("G3", "G3")
    assert rated((9, 2), (1, 5)) == ("G3", "G3"), "0.9 · 0.39 % + 0.1 · 6.3 % = 0.98 %"
    assert rated((1, 7), (1, 0)) == ("G6", "G6")


def test_support_makes_better_but_not_beyond_the_supporter_and_never_worse() -> None:
    assert rated((1, 5), support="strong", supporter=0) == ("G5", "G3")
    assert rated((1, 5), support="strong", supporter=4) == ("G5", "G4")
    assert rated((1, 5), support="strong", supporter=7) == ("G5", "G5")
    assert rated((1, 5), support="whole", supporter=1) == ("G5", "G1")
    assert rated((1, 1), support="whole", supporter=0) == ("G1", "G0")
    assert rated((1, 5), support="none", supporter=0) == ("G5", "G5")
    for support, supporter in (("lavish", 0), ("strong", None), ("", 0)):
        with pytest.raises(domain.SupportMustBeInModel):
            rated((1, 5), support=support, supporter=supporter)


@pytest.mark.parametrize("weights", [(0,), (1, -1), (-1,)])
def test_weights_must_weigh(weights: tuple[int, ...]) -> None:
    with pytest.raises(WeightsMustBePositive):
        rated(*((weight, 1) for weight in weights))


@pytest.mark.parametrize(
    ("model", "refusal"),
    [
        (logit(), domain.RatingModelMustBeWhole),
        (replace(card(binned("x", (None, 1))), points_to_double=Decimal(0)), domain.RatingModelMustBeWhole),
        (replace(card(binned("x", (None, 1))), anchor_points=None), domain.RatingModelMustBeWhole),
        (replace(group(), segment=RatingSegment.COMPANY), domain.RatingModelMustBeWhole),
        (replace(logit(linear("x", "1")), segment=RatingSegment.GROUP), domain.RatingModelMustBeWhole),
        (logit(linear("x", "1"), linear("x", "2")), domain.RatingFactorMustBeWhole),
        (logit(binned("x", (None, 1))), domain.RatingFactorMustBeWhole),
        (logit(linear("x", "1", "2", "1")), domain.RatingFactorMustBeWhole),
        (card(linear("x", "1")), domain.RatingFactorMustBeWhole),
        (card(binned("x", ("1", 1))), domain.RatingFactorMustBeWhole),
        (card(binned("x", ("2", 1), ("1", 1), (None, 1))), domain.RatingFactorMustBeWhole),
        (card(binned("x", (None, 1), ("1", 1), (None, 1))), domain.RatingFactorMustBeWhole),
        (card(binned("x")), domain.RatingFactorMustBeWhole),
    ],
)
def test_what_is_no_model_is_refused(model: RatingModel, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        domain.publish(model, published=None, latest_version=0)


def test_a_version_never_changes() -> None:
    model = logit(linear("x", "1"))
    assert domain.publish(model, published=None, latest_version=0) is not None
    assert domain.publish(model, published=model, latest_version=1) is None
    with pytest.raises(domain.RatingModelVersionTaken):
        domain.publish(logit(linear("x", "2")), published=model, latest_version=1)
    with pytest.raises(domain.RatingModelVersionMustFollowLatest):
        domain.publish(model, published=None, latest_version=1)
