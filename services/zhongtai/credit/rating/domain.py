"""A rating (信用评级): the grade of a customer on the bank's master scale, and every override of it.

Always true: a rating is kept as it was given; an override or a withdrawal is added to it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from zhongtai.kernel.refusals import Denied, Invalid, Limited, Missing, Taken, Unmet

# Basel II, paragraph 404: at least seven grades for borrowers not in default, and one for those in default.
GRADES_AT_LEAST = 7 + 1
OVERRIDES_AT_MOST = 20
CERTAIN = Decimal(1)


class MasterScaleNotFound(Missing):
    """There is no master scale {scale_id} valid on {on}: check the id, or publish one.

    主标尺{scale_id}在{on}无有效版本：请核对编号，或先发布。
    """

    scale_id: str
    on: date


class RatingNotFound(Missing):
    """There is no rating {rating_id}: check the id.

    评级{rating_id}不存在：请核对编号。
    """

    rating_id: str


class CustomerNotRated(Missing):
    """The customer {customer_id} has no standing rating: assign one first.

    客户{customer_id}没有有效评级：请先评级。
    """

    customer_id: str


class GradeNotFound(Invalid):
    """The scale has no grade {grade}: use one of {grades}.

    主标尺没有等级{grade}：请使用{grades}之一。
    """

    grade: str
    grades: str


class AuthorityNotFound(Invalid):
    """The scale knows no authority {authority}: use one of {authorities}.

    主标尺没有审批权限{authority}：请使用{authorities}之一。
    """

    authority: str
    authorities: str


class AuthorityMustBeHeld(Denied):
    """You do not hold the authority {authority}: ask somebody who does.

    您没有审批权限{authority}：请联系有此权限的人员。
    """

    authority: str


class AuthorityExceeded(Denied):
    """{authority} may move {model_grade} that way by {allowed} notches, not by {notches}: ask a higher authority.

    {authority}最多可将{model_grade}向该方向调整{allowed}级，而非{notches}级：请提交更高权限审批。
    """

    authority: str
    model_grade: str
    allowed: int
    notches: int


class RatingMustStand(Unmet):
    """The rating {rating_id} was withdrawn: assign a new one.

    评级{rating_id}已撤回：请重新评级。
    """

    rating_id: str


class GradeMustChange(Invalid):
    """The rating has the grade {grade} already: choose another grade.

    评级已为{grade}：请选择其他等级。
    """

    grade: str


class OverridesExhausted(Limited):
    """A rating is overridden at most {maximum} times: assign a new rating.

    一个评级最多推翻{maximum}次：请重新评级。
    """

    maximum: int


class GradesMustSuffice(Invalid):
    """The scale has {grades} grades: it needs at least {minimum}, one of them for default.

    主标尺仅有{grades}个等级：至少需要{minimum}个，其中一个为违约等级。
    """

    grades: int
    minimum: int


class GradesMustHaveOneNameEach(Invalid):
    """The grade {grade} stands twice on the scale: give each grade a name of its own.

    等级{grade}重复：请为每个等级使用不同名称。
    """

    grade: str


class GradesMustCoverEveryProbability(Invalid):
    """The bounds leave a gap at {grade}: begin at 0, rise from grade to grade, and end with default at 1.

    等级{grade}处区间不连续：首级下限为0，逐级递增，末级为违约等级且下限为1。
    """

    grade: str


class ProbabilityMustBeWithinGrade(Invalid):
    """The probability {probability} of {grade} is outside its band or below the floor {floor}: choose one within.

    等级{grade}的违约概率{probability}超出其区间或低于下限{floor}：请选择区间内的数值。
    """

    grade: str
    probability: Decimal
    floor: Decimal


class MasterScaleVersionTaken(Taken):
    """Version {version} of {scale_id} was published with other content: publish the change as a new version.

    主标尺{scale_id}的版本{version}已以不同内容发布：请将变更作为新版本发布。
    """

    scale_id: str
    version: int


class MasterScaleVersionMustFollowLatest(Unmet):
    """The next version of {scale_id} is {expected}, not {version}: publish it under that number.

    主标尺{scale_id}的下一版本号为{expected}，而非{version}：请使用该版本号发布。
    """

    scale_id: str
    version: int
    expected: int


class RatingStatus(StrEnum):
    """How a rating stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Grade:
    """A band of one-year probabilities of default, from `lower_bound` (included) to that of the next grade."""

    grade: str
    lower_bound: Decimal
    probability_of_default: Decimal
    meaning: str
    meaning_zh: str


@dataclass(frozen=True, slots=True)
class OverrideAuthority:
    """How many grades a role may move a rating away from the model's, to the better and to the worse."""

    authority: str
    upgrade_notches: int
    downgrade_notches: int


@dataclass(frozen=True, slots=True)
class MasterScale:
    """One version of a master scale; the grades stand from the best to default, the floor is that of Basel CRE32.4."""

    scale_id: str
    version: int
    valid_from: date
    probability_floor: Decimal
    grades: tuple[Grade, ...]
    authorities: tuple[OverrideAuthority, ...]
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the grades, the best first."""
        return tuple(grade.grade for grade in self.grades)

    def must_agree(self) -> None:
        """Refuses a scale that grades some probability twice, or not at all, or too coarsely."""
        if len(self.grades) < GRADES_AT_LEAST:
            raise GradesMustSuffice(grades=len(self.grades), minimum=GRADES_AT_LEAST)
        for place, name in enumerate(self.names):
            if name in self.names[:place]:
                raise GradesMustHaveOneNameEach(grade=name)
        _must_cover_every_probability(self.grades)
        for grade, worse in pairwise(self.grades):
            lowest = max(grade.lower_bound, self.probability_floor)
            if not lowest <= grade.probability_of_default < worse.lower_bound:
                raise ProbabilityMustBeWithinGrade(
                    grade=grade.grade, probability=grade.probability_of_default, floor=self.probability_floor
                )

    def grade_of(self, probability: Decimal) -> str:
        """The grade of a one-year probability of default, which counts as the floor where it is below."""
        floored = max(probability, self.probability_floor)
        return self.names[bisect_right(self.grades, floored, key=lambda grade: grade.lower_bound) - 1]

    def place_of(self, name: str) -> int:
        """Where a grade stands, 0 for the best."""
        if name not in self.names:
            raise GradeNotFound(grade=name, grades=", ".join(self.names))
        return self.names.index(name)

    def authority_of(self, name: str) -> OverrideAuthority:
        """What a role may do."""
        for authority in self.authorities:
            if authority.authority == name:
                return authority
        raise AuthorityNotFound(authority=name, authorities=", ".join(one.authority for one in self.authorities))


@dataclass(frozen=True, slots=True)
class RatingOverride:
    """One override: which grade became which, why, on whose authority."""

    from_grade: str
    to_grade: str
    reason: str
    authority: str
    overridden_by: str
    overridden_at: datetime


@dataclass(frozen=True, slots=True)
class RatingAssigned:
    """A customer was given a grade."""

    rating_id: str
    customer_id: str
    grade: str
    probability_of_default: Decimal
    decision_id: str


@dataclass(frozen=True, slots=True)
class RatingOverridden:
    """A grade was moved by judgement."""

    rating_id: str
    customer_id: str
    from_grade: str
    grade: str
    authority: str
    reason: str


@dataclass(frozen=True, slots=True)
class RatingWithdrawn:
    """A rating was taken back."""

    rating_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class MasterScalePublished:
    """A version of a master scale was published."""

    scale_id: str
    scale: MasterScale


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating of a customer: what the model said, what judgement made of it, and whether it still counts."""

    rating_id: str
    customer_id: str
    scale_id: str
    scale_version: int
    probability_of_default: Decimal
    model_grade: str
    grade: str
    decision_id: str
    status: RatingStatus
    assigned_on: date
    overrides: tuple[RatingOverride, ...] = ()

    def override(
        self,
        grade: str,
        *,
        scale: MasterScale,
        reason: str,
        authority: str,
        holds_authority: bool,
        by: str,
        at: datetime,
    ) -> tuple["Rating", RatingOverridden]:
        """Moves the grade as far from the model's as the authority allows (Basel II, paragraph 428)."""
        if self.status is not RatingStatus.STANDING:
            raise RatingMustStand(rating_id=self.rating_id)
        notches = scale.place_of(grade) - scale.place_of(self.model_grade)
        if grade == self.grade:
            raise GradeMustChange(grade=grade)
        allowed = scale.authority_of(authority)
        if not holds_authority:
            raise AuthorityMustBeHeld(authority=authority)
        most = allowed.downgrade_notches if notches > 0 else allowed.upgrade_notches
        if abs(notches) > most:
            raise AuthorityExceeded(
                authority=authority, model_grade=self.model_grade, allowed=most, notches=abs(notches)
            )
        if len(self.overrides) >= OVERRIDES_AT_MOST:
            raise OverridesExhausted(maximum=OVERRIDES_AT_MOST)
        entry = RatingOverride(self.grade, grade, reason, authority, by, at)
        fact = RatingOverridden(self.rating_id, self.customer_id, self.grade, grade, authority, reason)
        return replace(self, grade=grade, overrides=(*self.overrides, entry)), fact

    def withdraw(self) -> tuple["Rating", RatingWithdrawn | None]:
        """Takes the rating back; no fact where it was taken back already."""
        if self.status is RatingStatus.WITHDRAWN:
            return self, None
        return replace(self, status=RatingStatus.WITHDRAWN), RatingWithdrawn(self.rating_id, self.customer_id)


def publish(scale: MasterScale, *, published: MasterScale | None, latest_version: int) -> MasterScalePublished | None:
    """The fact of a new version; None where this very version is published already: publishing again is harmless."""
    scale.must_agree()
    if published is not None:
        if published != scale:
            raise MasterScaleVersionTaken(scale_id=scale.scale_id, version=scale.version)
        return None
    if scale.version != latest_version + 1:
        raise MasterScaleVersionMustFollowLatest(
            scale_id=scale.scale_id, version=scale.version, expected=latest_version + 1
        )
    return MasterScalePublished(scale.scale_id, scale)


def assign(
    scale: MasterScale, probability: Decimal, *, rating_id: str, customer_id: str, decision_id: str, on: date
) -> tuple[Rating, RatingAssigned]:
    """A rating by the model's one-year probability of default, 0 to 1."""
    assert 0 <= probability <= CERTAIN
    grade = scale.grade_of(probability)
    scale_at = (scale.scale_id, scale.version)
    standing = RatingStatus.STANDING
    rating = Rating(rating_id, customer_id, *scale_at, probability, grade, grade, decision_id, standing, on)
    return rating, RatingAssigned(rating_id, customer_id, grade, probability, decision_id)


def _must_cover_every_probability(grades: Sequence[Grade]) -> None:
    best, default = grades[0], grades[-1]
    if best.lower_bound != 0:
        raise GradesMustCoverEveryProbability(grade=best.grade)
    for better, worse in pairwise(grades):
        if better.lower_bound >= worse.lower_bound:
            raise GradesMustCoverEveryProbability(grade=worse.grade)
    # CRE32.3: the probability of default of borrowers in default is 100 %.
    if default.lower_bound != CERTAIN or default.probability_of_default != CERTAIN:
        raise GradesMustCoverEveryProbability(grade=default.grade)
