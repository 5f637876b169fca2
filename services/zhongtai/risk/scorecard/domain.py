"""A scorecard (评分卡) version: points for what is known of an applicant, and what they say of the chance of default.

Always true: every value of a characteristic falls in exactly one of its bins, missing and never-seen values
included; the score is the initial points plus one bin's points for each characteristic. Scale after N. Siddiqi,
Credit Risk Scorecards (2006), chapter 6: odds (good : bad) = base_odds × 2 ^ ((score − base_score) ÷
points_to_double_odds).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Missing, Taken

# `exp` and `ln` of `decimal` are correctly rounded, so these digits are the same on every machine.
EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN)
PROBABILITY_STEP = Decimal("0.000001")
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


class ScorecardNotFound(Missing):
    """There is no version {version} of a scorecard {scorecard_id}: check both, or publish it first (0 is the newest).

    评分卡{scorecard_id}没有版本{version}：请核对，或先发布（0表示最新版本）。
    """

    scorecard_id: str
    version: int


class ScorecardVersionAlreadyPublished(Taken):
    """Version {version} of {scorecard_id} is published with other content, and a version never changes: take
    the next number.

    评分卡{scorecard_id}的版本{version}已以不同内容发布，版本不可更改：请使用下一个版本号。
    """

    scorecard_id: str
    version: int


class BinsMustCoverEveryValueOnce(Invalid):
    """In {characteristic} the value {value} falls in {bins} bins: let every value fall in exactly one.

    特征变量{characteristic}的取值{value}落入{bins}个分箱：每个取值须恰好落入一个分箱。
    """

    characteristic: str
    value: str
    bins: int


class CharacteristicsMustDiffer(Invalid):
    """The characteristic {characteristic} stands in the scorecard twice: name each once.

    特征变量{characteristic}重复：每个变量只能出现一次。
    """

    characteristic: str


class ScaleMustBePositive(Invalid):
    """The base odds and the points to double the odds must both be above zero.

    基准好坏比与翻倍分值都须大于零。
    """


class AttributeUnknown(Invalid):
    """Nothing here is called {attributes}: the attributes taken are {known}.

    没有名为{attributes}的属性：可用的属性为{known}。
    """

    attributes: str
    known: str


class AttributesMissing(Invalid):
    """These attributes are missing: {attributes}. Name each of them; an empty text says that it is not known.

    缺少属性：{attributes}。请逐一给出；未知时请给空文本。
    """

    attributes: str


class CharacteristicKind(StrEnum):
    """How the values of an attribute are read."""

    NUMERIC = "NUMERIC"
    CATEGORICAL = "CATEGORICAL"


@dataclass(frozen=True, slots=True)
class Bin:
    """The values of a characteristic that get the same points: [lower, upper), or a group of words.

    `weight_of_evidence`, `goods` and `bads` tell where the points came from; they take no part in scoring.
    """

    label: str
    points: int
    is_interval: bool = False
    lower: Decimal | None = None
    upper: Decimal | None = None
    values: tuple[str, ...] = ()
    takes_missing: bool = False
    takes_other: bool = False
    weight_of_evidence: Decimal | None = None
    goods: int = 0
    bads: int = 0

    def holds(self, number: Decimal) -> bool:
        """Whether the number lies in the bin's interval."""
        above = self.lower is None or self.lower <= number
        return self.is_interval and above and (self.upper is None or number < self.upper)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One attribute that the score rests on, its bins, and the reason given when it cost points."""

    name: str
    kind: CharacteristicKind
    bins: tuple[Bin, ...]
    reason_code: str
    reason_text: str
    reason_text_zh: str
    information_value: Decimal | None = None
    population_stability_index: Decimal | None = None

    def bin_of(self, text: str) -> Bin:
        """The bin a value falls in. Missing is the empty text; what no bin names is other."""
        if not text:
            return next(each for each in self.bins if each.takes_missing)
        if self.kind is CharacteristicKind.NUMERIC:
            number = number_of(text)
            found = (each for each in self.bins if number is not None and each.holds(number))
        else:
            found = (each for each in self.bins if text in each.values)
        return next(found, None) or next(each for each in self.bins if each.takes_other)


@dataclass(frozen=True, slots=True)
class CalibrationBand:
    """How the predicted default rate compares with the observed one among applicants of like scores."""

    band: int
    lowest_score: int
    highest_score: int
    applicants: int
    predicted: Decimal
    observed: Decimal


@dataclass(frozen=True, slots=True)
class Confusion:
    """What accepting scores at or above a cut-off gets right and wrong."""

    cut_off: int
    goods_accepted: int
    goods_declined: int
    bads_accepted: int
    bads_declined: int


@dataclass(frozen=True, slots=True)
class SampleMeasures:
    """What was measured of the published points on one sample."""

    goods: int
    bads: int
    area_under_curve: Decimal
    gini: Decimal
    kolmogorov_smirnov: Decimal
    brier_score: Decimal
    mean_predicted: Decimal
    calibration: tuple[CalibrationBand, ...]
    confusion: Confusion


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """Where a version came from, so that it can be made again."""

    file_sha256: str
    seed: int
    target: str
    bad: str
    excluded: tuple[str, ...]
    not_taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CharacteristicPoints:
    """What one characteristic did to a score."""

    characteristic: str
    bin: str
    points: int
    points_lost: int
    reason_code: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score, what it says of the chance of default (6 places), and what made it."""

    score: int
    probability_of_default: Decimal
    points: tuple[CharacteristicPoints, ...]


@dataclass(frozen=True, slots=True)
class ScorecardPublished:
    """A version was published."""

    scorecard_id: str
    version: int
    published_on: date


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A version of a scorecard; the figures measured of it are on two samples apart."""

    scorecard_id: str
    version: int
    name: str
    name_zh: str
    initial_points: int
    base_score: int
    base_odds: Decimal
    points_to_double_odds: int
    characteristics: tuple[Characteristic, ...]
    development: SampleMeasures | None = None
    holdout: SampleMeasures | None = None
    population_stability_index: Decimal | None = None
    training: TrainingRecord | None = None
    published_on: date | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of the attributes it rests on."""
        return tuple(each.name for each in self.characteristics)

    def publish(self, before: "Scorecard | None", today: date) -> tuple["Scorecard", ScorecardPublished | None]:
        """The version as published today; `before` is what stands under its number already, if anything.

        The same content again is no fact and no change; other content under the same number is refused.
        """
        if before is not None:
            if replace(self, published_on=before.published_on) != before:
                raise ScorecardVersionAlreadyPublished(scorecard_id=self.scorecard_id, version=self.version)
            return before, None
        if self.base_odds <= 0 or self.points_to_double_odds <= 0:
            raise ScaleMustBePositive()
        for name, times in Counter(self.attributes).items():
            if times > 1:
                raise CharacteristicsMustDiffer(characteristic=name)
        for characteristic in self.characteristics:
            check_bins(characteristic)
        published = replace(self, published_on=today)
        return published, ScorecardPublished(self.scorecard_id, self.version, today)

    def score(self, inputs: Mapping[str, str]) -> Score:
        """Scores an applicant whose `inputs` name every characteristic (see `check_attributes`); others change
        nothing.
        """
        points = tuple(_points_of(each, inputs[each.name]) for each in self.characteristics)
        total = self.initial_points + sum(each.points for each in points)
        return Score(total, self.probability_of_default(total), points)

    def probability_of_default(self, score: int) -> Decimal:
        """The probability that goes with a score, 6 places, half to even; falls as the score rises."""
        doublings = EXACT.divide(Decimal(score - self.base_score), Decimal(self.points_to_double_odds))
        growth = EXACT.exp(EXACT.multiply(EXACT.ln(Decimal(2)), doublings))
        odds = EXACT.multiply(self.base_odds, growth)
        return EXACT.divide(1, EXACT.add(1, odds)).quantize(PROBABILITY_STEP, context=EXACT)


def number_of(text: str) -> Decimal | None:
    """The number a text says in plain decimal notation, or None."""
    return Decimal(text) if NUMBER.fullmatch(text) else None


def check_attributes(given: Iterable[str], required: Iterable[str], accepted: Iterable[str] = ()) -> None:
    """Refuses names that are neither required nor accepted, then required ones that are not given; all at once each."""
    names, needed = set(given), set(required)
    known = needed.union(accepted)
    if unknown := sorted(names - known):
        raise AttributeUnknown(attributes=", ".join(unknown), known=", ".join(sorted(known)))
    if missing := sorted(needed - names):
        raise AttributesMissing(attributes=", ".join(missing))


def check_bins(characteristic: Characteristic) -> None:
    """Refuses bins between which a value falls in none or in two."""

    def must_be_one(value: object, bins: int) -> None:
        if bins != 1:
            raise BinsMustCoverEveryValueOnce(characteristic=characteristic.name, value=str(value), bins=bins)

    bins = characteristic.bins
    must_be_one("(missing)", sum(each.takes_missing for each in bins))
    must_be_one("(other)", sum(each.takes_other for each in bins))
    numeric = characteristic.kind is CharacteristicKind.NUMERIC
    for word, times in Counter(word for each in bins for word in each.values).items():
        must_be_one(word, 0 if numeric else times)
    intervals = [each for each in bins if each.is_interval]
    if not numeric:
        must_be_one("(any number)", 1 + len(intervals))
        return
    # Holding at both far ends and at every edge, on it and just below it, is holding everywhere.
    edges = {edge for each in intervals for edge in (each.lower, each.upper) if edge is not None}
    must_be_one("(lowest)", sum(each.lower is None for each in intervals))
    must_be_one("(highest)", sum(each.upper is None for each in intervals))
    for edge in sorted(edges):
        must_be_one(edge, sum(each.holds(edge) for each in intervals))
        below = sum(
            (each.lower is None or each.lower < edge) and (each.upper is None or edge <= each.upper)
            for each in intervals
        )
        must_be_one(f"(just below {edge})", below)


def _points_of(characteristic: Characteristic, text: str) -> CharacteristicPoints:
    found = characteristic.bin_of(text)
    best = max(each.points for each in characteristic.bins)
    return CharacteristicPoints(
        characteristic=characteristic.name,
        bin=found.label,
        points=found.points,
        points_lost=best - found.points,
        reason_code=characteristic.reason_code,
    )
