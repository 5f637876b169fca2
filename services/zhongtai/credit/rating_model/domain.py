"""Rating models (评级模型): from what is known of a customer to a one-year probability of default.

Always true: the same version and the same inputs give the same probability for ever, and what the factors added comes
to the score.

A logit gives the log odds of default z, and the probability 1 / (1 + e⁻ᶻ). A scorecard gives points s, and odds of
good to bad of `anchor_odds` · 2^((s − `anchor_points`) / `points_to_double`). Everything is decimal: a probability
decides a grade, and a grade must not hang on the rounding of a processor.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from itertools import pairwise

from zhongtai.credit.rating.domain import MasterScale
from zhongtai.kernel.money import WeightsMustBePositive
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_PLACES = Decimal("1E-15")
# A model never says never, nor certain: default is a fact, not an estimate. e⁻³⁰ is still seen in 15 places.
_LOG_ODDS_AT_MOST = Decimal(30)
_ONE = Decimal(1)


class RatingModelNotFound(Missing):
    """There is no rating model {model_id} valid on {on}: check the id, or publish one.

    评级模型{model_id}在{on}无有效版本：请核对编号，或先发布。
    """

    model_id: str
    on: date


class RatingModelVersionTaken(Taken):
    """Version {version} of {model_id} was published with other content: publish the change as a new version.

    评级模型{model_id}的版本{version}已以不同内容发布：请将变更作为新版本发布。
    """

    model_id: str
    version: int


class RatingModelVersionMustFollowLatest(Unmet):
    """The next version of {model_id} is {expected}, not {version}: publish it under that number.

    评级模型{model_id}的下一版本号为{expected}，而非{version}：请使用该版本号发布。
    """

    model_id: str
    version: int
    expected: int


class RatingModelMustBeWhole(Invalid):
    """A {model_kind} needs {needs}: complete the model.

    {model_kind}模型缺少{needs}：请补充。
    """

    model_kind: str
    needs: str


class RatingFactorMustBeWhole(Invalid):
    """The factor {name} stands twice, or lacks a coefficient or rising bins up to an open one: mend it.

    评级因子{name}重复，或缺少系数、或分箱未递增至开口：请修改。
    """

    name: str


class RatingModelMustFitSegment(Invalid):
    """The model {model_id} rates {segment}: use a model for this customer.

    评级模型{model_id}适用于{segment}：请使用适合该客户的模型。
    """

    model_id: str
    segment: str


class RatingInputMissing(Invalid):
    """The model needs {name}: give it.

    评级模型需要{name}：请提供。
    """

    name: str


class SupportMustBeInModel(Invalid):
    """The model knows no support {support}: use one of {supports}, and name who gives it.

    评级模型没有支持强度{support}：请使用{supports}之一，并指明支持方。
    """

    support: str
    supports: str


class RatingExplanationNotFound(Missing):
    """The rating {rating_id} was not given by a model: there is nothing to explain it by.

    评级{rating_id}并非由模型给出：无可解释内容。
    """

    rating_id: str


class RatingSegment(StrEnum):
    """Who is rated."""

    PERSON = "PERSON"
    SMALL_BUSINESS = "SMALL_BUSINESS"
    COMPANY = "COMPANY"
    GROUP = "GROUP"


class RatingModelKind(StrEnum):
    """How a model comes to a probability."""

    SCORECARD = "SCORECARD"
    LOGIT = "LOGIT"
    GROUP = "GROUP"


@dataclass(frozen=True, slots=True)
class RatingBin:
    """The points of values below a bound; None on the last bin."""

    below: Decimal | None
    points: Decimal


@dataclass(frozen=True, slots=True)
class RatingFactor:
    """One factor: a coefficient, or bins; values count within `minimum` and `maximum`."""

    name: str
    coefficient: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    bins: tuple[RatingBin, ...]
    missing: Decimal | None

    def whole_in(self, kind: RatingModelKind) -> bool:
        """True where it has what a model of that kind needs of it."""
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return False
        if kind is RatingModelKind.LOGIT:
            return self.coefficient is not None and not self.bins
        bounds = [one.below for one in self.bins]
        inner = [bound for bound in bounds[:-1] if bound is not None]
        rises = all(low < high for low, high in pairwise(inner)) and len(inner) == len(bounds) - 1
        return bool(bounds) and bounds[-1] is None and rises and self.coefficient is None

    def contribution(self, value: Decimal | None) -> "RatingContribution":
        """What a value adds; a missing one counts as the model says."""
        if value is None:
            value = self.missing
        if value is None:
            raise RatingInputMissing(name=self.name)
        if self.minimum is not None:
            value = max(value, self.minimum)
        if self.maximum is not None:
            value = min(value, self.maximum)
        if self.coefficient is not None:
            return RatingContribution(self.name, value, _EXACT.multiply(self.coefficient, value))
        bounds = [one.below for one in self.bins if one.below is not None]
        return RatingContribution(self.name, value, self.bins[bisect_right(bounds, value)].points)


@dataclass(frozen=True, slots=True)
class RatingContribution:
    """What one factor, or one member of a group, added."""

    name: str
    value: Decimal | None
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class SupportNotches:
    """By how many grades support of a strength makes a group better at most."""

    support: str
    notches: int


@dataclass(frozen=True, slots=True)
class RatingExplanation:
    """What a rating by a model rests on."""

    rating_id: str
    model_id: str
    model_version: int
    score: Decimal
    probability_of_default: Decimal
    contributions: tuple[RatingContribution, ...]
    standalone_grade: str = ""


@dataclass(frozen=True, slots=True)
class RatedMember:
    """A member of a group: its weight, and the probability its grade stands for."""

    customer_id: str
    weight: Decimal
    probability_of_default: Decimal


@dataclass(frozen=True, slots=True)
class RatingModelPublished:
    """A version of a model was published."""

    model_id: str
    model: "RatingModel"


@dataclass(frozen=True, slots=True)
class RatingModel:
    """One version of a model; what its kind does not need is None or empty."""

    model_id: str
    version: int
    valid_from: date
    segment: RatingSegment
    kind: RatingModelKind
    intercept: Decimal | None
    factors: tuple[RatingFactor, ...]
    anchor_points: Decimal | None
    anchor_odds: Decimal | None
    points_to_double: Decimal | None
    supports: tuple[SupportNotches, ...]
    source: str
    confirm: bool

    def must_be_whole(self) -> None:
        """Refuses a model that cannot rate everybody it is for."""
        if (self.kind is RatingModelKind.GROUP) != (self.segment is RatingSegment.GROUP):
            raise RatingModelMustBeWhole(model_kind=self.kind, needs="segment")
        if self.kind is RatingModelKind.GROUP:
            return
        if not self.factors:
            raise RatingModelMustBeWhole(model_kind=self.kind, needs="factors")
        if self.kind is RatingModelKind.SCORECARD and not self._anchored:
            raise RatingModelMustBeWhole(model_kind=self.kind, needs="anchor_points, anchor_odds, points_to_double")
        for place, factor in enumerate(self.factors):
            twice = any(factor.name == before.name for before in self.factors[:place])
            if twice or not factor.whole_in(self.kind):
                raise RatingFactorMustBeWhole(name=factor.name)

    def must_fit(self, segment: RatingSegment) -> None:
        """Refuses to rate somebody the model is not for."""
        if self.segment is not segment:
            raise RatingModelMustFitSegment(model_id=self.model_id, segment=self.segment)

    def explain(self, rating_id: str, inputs: Mapping[str, Decimal]) -> RatingExplanation:
        """The probability of default of a customer, and what each factor added; inputs of no factor count nothing."""
        contributions = tuple(factor.contribution(inputs.get(factor.name)) for factor in self.factors)
        score = self.intercept or Decimal(0)
        for one in contributions:
            score = _EXACT.add(score, one.contribution)
        log_odds = score if self.kind is RatingModelKind.LOGIT else self._log_odds_of_points(score)
        return RatingExplanation(rating_id, self.model_id, self.version, score, probability(log_odds), contributions)

    def explain_group(
        self,
        rating_id: str,
        members: Sequence[RatedMember],
        *,
        scale: MasterScale,
        support: str,
        supporter_grade: str | None,
    ) -> RatingExplanation:
        """The probability of default of a group: its members' by their weights, then as good as support makes it.

        Support moves the grade by the model's notches, never beyond the supporter's own grade, and never down.
        """
        weights = sum((one.weight for one in members), Decimal(0))
        if weights <= 0 or any(one.weight < 0 for one in members):
            raise WeightsMustBePositive
        contributions = []
        average = Decimal(0)
        for one in members:
            part = _EXACT.divide(_EXACT.multiply(one.weight, one.probability_of_default), weights)
            contributions.append(RatingContribution(one.customer_id, one.probability_of_default, part))
            average = _EXACT.add(average, part)
        average = min(average.quantize(_PLACES, context=_EXACT), _ONE)
        standalone = scale.place_of(scale.grade_of(average))
        best = standalone
        if support or supporter_grade is not None:
            best = max(standalone - self._notches(support, supporter_grade), 0)
            assert supporter_grade is not None, "support has a supporter"
            best = min(standalone, max(best, scale.place_of(supporter_grade)))
        supported = average if best == standalone else scale.grades[best].probability_of_default
        return RatingExplanation(
            rating_id,
            self.model_id,
            self.version,
            average,
            supported,
            tuple(contributions),
            scale.names[standalone],
        )

    @property
    def _anchored(self) -> bool:
        anchors = (self.anchor_odds, self.points_to_double)
        return self.anchor_points is not None and all(one is not None and one > 0 for one in anchors)

    def _log_odds_of_points(self, points: Decimal) -> Decimal:
        assert self.anchor_points is not None
        assert self.anchor_odds is not None
        assert self.points_to_double is not None
        doubled = _EXACT.divide(points - self.anchor_points, self.points_to_double)
        return -_EXACT.add(_EXACT.ln(self.anchor_odds), _EXACT.multiply(doubled, _EXACT.ln(Decimal(2))))

    def _notches(self, support: str, supporter_grade: str | None) -> int:
        known = {one.support: one.notches for one in self.supports}
        if support not in known or supporter_grade is None:
            raise SupportMustBeInModel(support=support, supports=", ".join(known))
        return known[support]


def probability(log_odds: Decimal) -> Decimal:
    """1 / (1 + e⁻ᶻ), to 15 places."""
    within = min(max(log_odds, -_LOG_ODDS_AT_MOST), _LOG_ODDS_AT_MOST)
    return _EXACT.divide(_ONE, _EXACT.add(_ONE, _EXACT.exp(-within))).quantize(_PLACES, context=_EXACT)


def publish(model: RatingModel, *, published: RatingModel | None, latest_version: int) -> RatingModelPublished | None:
    """The fact of a new version; None where this very version is published already."""
    model.must_be_whole()
    if published is not None:
        if published != model:
            raise RatingModelVersionTaken(model_id=model.model_id, version=model.version)
        return None
    if model.version != latest_version + 1:
        raise RatingModelVersionMustFollowLatest(
            model_id=model.model_id, version=model.version, expected=latest_version + 1
        )
    return RatingModelPublished(model.model_id, model)
