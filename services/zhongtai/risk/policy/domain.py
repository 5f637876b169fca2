"""A policy (审批策略) version: hard rules, a scorecard version, cut-offs and amount bands, and the answer they make.

Always true: `Policy.answer` is a function of its arguments alone; the answer is the hardest of what the rules,
the cut-offs and the amount bands say.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken
from zhongtai.risk.scorecard.domain import CharacteristicPoints, Scorecard, check_attributes, number_of

# More than four reasons are not likely to help an applicant: Regulation B (12 CFR 1002), comment 9(b)(2)-1.
PRINCIPAL_REASONS = 4


class PolicyNotFound(Missing):
    """There is no version {version} of a policy {policy_id}: check both, or publish it first (0 is the newest).

    审批策略{policy_id}没有版本{version}：请核对，或先发布（0表示最新版本）。
    """

    policy_id: str
    version: int


class PolicyVersionAlreadyPublished(Taken):
    """Version {version} of {policy_id} is published with other content and never changes: take the next number.

    审批策略{policy_id}的版本{version}已以不同内容发布，版本不可更改：请使用下一个版本号。
    """

    policy_id: str
    version: int


class CutOffsMustBeOrdered(Invalid):
    """Nothing can be declined below {decline_below} and approved from {approve_at_or_above}: let the first not
    exceed the second.

    不能在{decline_below}分以下拒绝、同时在{approve_at_or_above}分及以上通过：前者不得高于后者。
    """

    decline_below: int
    approve_at_or_above: int


class RuleValueMustFitComparison(Invalid):
    """The rule {reason_code} cannot compare {comparison} with {count} values of this kind: give one number,
    words, or nothing.

    规则{reason_code}的比较方式{comparison}与其{count}个取值不符：请给出一个数值、若干文本或留空。
    """

    reason_code: str
    comparison: str
    count: int


class AmountBandsMustBeOrdered(Invalid):
    """The amount band from {minimum_score} points follows one that begins as high: order the bands by rising score.

    起始分{minimum_score}的金额档次未按分数递增排列：请按起始分升序排列。
    """

    minimum_score: int


class AttributeMustAgreeWithRequest(Invalid):
    """The attribute {attribute} says other than the {requested} applied for: leave it out, or give the same.

    属性{attribute}与所申请的{requested}不一致：请不填，或保持一致。
    """

    attribute: str
    requested: str


class Outcome(StrEnum):
    """What a policy says to an application."""

    APPROVE = "APPROVE"
    REFER = "REFER"
    DECLINE = "DECLINE"


# From the softest to the hardest.
HARDNESS = {Outcome.APPROVE: 0, Outcome.REFER: 1, Outcome.DECLINE: 2}


class Comparison(StrEnum):
    """How a rule compares an attribute with its values."""

    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    ONE_OF = "ONE_OF"
    NONE_OF = "NONE_OF"
    PRESENT = "PRESENT"


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """One reason of an answer."""

    code: str
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that an application must meet whatever its score is."""

    attribute: str
    comparison: Comparison
    values: tuple[str, ...]
    otherwise: Outcome
    reason_code: str
    reason_text: str
    reason_text_zh: str

    @property
    def is_well_formed(self) -> bool:
        """Whether its values are what its comparison can compare with."""
        match self.comparison:
            case Comparison.AT_LEAST | Comparison.AT_MOST:
                return len(self.values) == 1 and number_of(self.values[0]) is not None
            case Comparison.ONE_OF | Comparison.NONE_OF:
                return bool(self.values)
            case Comparison.PRESENT:
                return not self.values

    def is_met(self, text: str) -> bool:
        """Whether a value meets it. What cannot be answered, because the value is empty or no number, is not met."""
        if not text:
            return False
        match self.comparison:
            case Comparison.AT_LEAST | Comparison.AT_MOST:
                number, bound = number_of(text), Decimal(self.values[0])
                if number is None:
                    return False
                return number >= bound if self.comparison is Comparison.AT_LEAST else number <= bound
            case Comparison.ONE_OF:
                return text in self.values
            case Comparison.NONE_OF:
                return text not in self.values
            case Comparison.PRESENT:
                return True

    @property
    def reason(self) -> DecisionReason:
        """Why, where it is not met."""
        return DecisionReason(self.reason_code, self.reason_text, self.reason_text_zh)


@dataclass(frozen=True, slots=True)
class AmountBand:
    """The largest amount for scores from `minimum_score` upwards, until the next band begins."""

    minimum_score: int
    maximum_amount: Money
    otherwise: Outcome


@dataclass(frozen=True, slots=True)
class PolicyPublished:
    """A policy version was published."""

    policy_id: str
    version: int
    scorecard_id: str
    scorecard_version: int
    published_on: date


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy says to an application, and why."""

    outcome: Outcome
    score: int
    probability_of_default: Decimal
    points: tuple[CharacteristicPoints, ...]
    reasons: tuple[DecisionReason, ...]
    maximum_amount: Money | None


@dataclass(frozen=True, slots=True)
class Application:
    """What is decided about: who asks for what, and the attributes by name; "" is an attribute that is not known."""

    customer_id: str
    amount: Money
    term_months: int
    inputs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy: hard rules, a scorecard version, cut-offs and the largest amounts by score."""

    policy_id: str
    version: int
    name: str
    name_zh: str
    currency_code: str
    scorecard_id: str
    scorecard_version: int
    rules: tuple[Rule, ...]
    approve_at_or_above: int
    decline_below: int
    amount_bands: tuple[AmountBand, ...] = ()
    amount_attribute: str = ""
    term_attribute: str = ""
    accepted_attributes: tuple[str, ...] = ()
    published_on: date | None = None

    def publish(self, before: "Policy | None", today: date) -> tuple["Policy", PolicyPublished | None]:
        """The version as published today; `before` is what stands under its number already, if anything.

        The same content again is no fact and no change; other content under the same number is refused.
        """
        if before is not None:
            if replace(self, published_on=before.published_on) != before:
                raise PolicyVersionAlreadyPublished(policy_id=self.policy_id, version=self.version)
            return before, None
        if self.decline_below > self.approve_at_or_above:
            raise CutOffsMustBeOrdered(decline_below=self.decline_below, approve_at_or_above=self.approve_at_or_above)
        for rule in self.rules:
            if not rule.is_well_formed:
                raise RuleValueMustFitComparison(
                    reason_code=rule.reason_code, comparison=rule.comparison, count=len(rule.values)
                )
        for lower, upper in pairwise(self.amount_bands):
            if upper.minimum_score <= lower.minimum_score:
                raise AmountBandsMustBeOrdered(minimum_score=upper.minimum_score)
        for band in self.amount_bands:
            if band.maximum_amount.currency != self.currency_code:
                raise CurrencyMustMatch(left=self.currency_code, right=band.maximum_amount.currency)
        fact = PolicyPublished(self.policy_id, self.version, self.scorecard_id, self.scorecard_version, today)
        return replace(self, published_on=today), fact

    def required_attributes(self, scorecard: Scorecard) -> tuple[str, ...]:
        """The names an application must give: those of the rules and the scorecard, without what the request
        itself says.
        """
        names = {rule.attribute for rule in self.rules}.union(scorecard.attributes)
        return tuple(sorted(names - {self.amount_attribute, self.term_attribute}))

    def answer(self, scorecard: Scorecard, application: Application) -> Answer:
        """The answer to an application under this policy version and its scorecard version; nothing else plays
        a part.
        """
        inputs = self._complete(scorecard, application)
        score = scorecard.score(inputs)
        unmet = [rule for rule in self.rules if not rule.is_met(inputs[rule.attribute])]
        verdicts = [(rule.otherwise, rule.reason) for rule in unmet]
        if score.score < self.approve_at_or_above:
            verdicts.append(self._missed_cut_off(score.score))
        band = self._band(score.score)
        if band is not None and application.amount > band.maximum_amount:
            verdicts.append((band.otherwise, _amount_too_high(band.maximum_amount)))
        reasons = [reason for _, reason in verdicts]
        if score.score < self.approve_at_or_above:
            reasons.extend(_principal_reasons(scorecard, score.points))
        return Answer(
            outcome=max((verdict for verdict, _ in verdicts), key=HARDNESS.__getitem__, default=Outcome.APPROVE),
            score=score.score,
            probability_of_default=score.probability_of_default,
            points=score.points,
            reasons=tuple(reasons),
            maximum_amount=band.maximum_amount if band is not None else None,
        )

    def _complete(self, scorecard: Scorecard, application: Application) -> dict[str, str]:
        """The attributes with those that the request itself says; refuses names and figures that do not fit."""
        amount = application.amount
        if amount.currency != self.currency_code:
            raise CurrencyMustMatch(left=self.currency_code, right=amount.currency)
        whole_units = Decimal(amount.minor_units).scaleb(-EXPONENTS[amount.currency])
        said = {self.amount_attribute: f"{whole_units:f}", self.term_attribute: str(application.term_months)}
        said.pop("", None)
        check_attributes(application.inputs, self.required_attributes(scorecard), (*said, *self.accepted_attributes))
        for name, figure in said.items():
            if name in application.inputs and number_of(application.inputs[name]) != Decimal(figure):
                raise AttributeMustAgreeWithRequest(attribute=name, requested=figure)
        return {**application.inputs, **said}

    def _missed_cut_off(self, score: int) -> tuple[Outcome, DecisionReason]:
        if score < self.decline_below:
            return Outcome.DECLINE, DecisionReason(
                "SCORE_BELOW_CUT_OFF",
                f"The score {score} is below {self.decline_below}, from which an application is considered.",
                f"评分{score}低于可受理的最低分{self.decline_below}。",
            )
        return Outcome.REFER, DecisionReason(
            "SCORE_NEEDS_A_PERSON",
            f"The score {score} is below {self.approve_at_or_above}: a person looks at the application.",
            f"评分{score}低于自动通过分{self.approve_at_or_above}：转人工审批。",
        )

    def _band(self, score: int) -> AmountBand | None:
        """The last band that begins at or below the score."""
        return next((band for band in reversed(self.amount_bands) if band.minimum_score <= score), None)


def _amount_too_high(maximum: Money) -> DecisionReason:
    return DecisionReason(
        "AMOUNT_ABOVE_SCORE_MAXIMUM",
        f"At this score at most {maximum} can be lent: ask for less.",
        f"该评分最高可借{maximum}：请减少金额。",
    )


def _principal_reasons(scorecard: Scorecard, points: tuple[CharacteristicPoints, ...]) -> list[DecisionReason]:
    """What cost the applicant most points, the most first, at most four."""
    texts = {each.name: each for each in scorecard.characteristics}
    lost = sorted((each for each in points if each.points_lost > 0), key=lambda each: -each.points_lost)
    return [
        DecisionReason(
            each.reason_code, texts[each.characteristic].reason_text, texts[each.characteristic].reason_text_zh
        )
        for each in lost[:PRINCIPAL_REASONS]
    ]
