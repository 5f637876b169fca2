"""An allowance model (减值模型): default by grade, losses, scenarios and the bounds of the stages, as a version.

Always true: a version that was published never changes, and its scenarios weigh one whole. Source: IFRS 9, section
5.5, and CAS 22 (财会〔2017〕7号), chapter 8; every figure is a bank's own and says where it comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

ONE = Decimal(1)
SHARE_PLACES = Decimal("1e-12")


class AllowanceModelNotFound(Missing):
    """There is no allowance model {model_id} valid on {on}: check the id, or publish one.

    减值模型{model_id}在{on}无有效版本：请核对编号，或先发布。
    """

    model_id: str
    on: date


class AllowanceModelVersionTaken(Taken):
    """Version {version} of the model {model_id} is published with other content: publish the next version.

    减值模型{model_id}第{version}版已发布且内容不同：请发布新版本。
    """

    model_id: str
    version: int


class AllowanceModelVersionMustFollowLatest(Unmet):
    """The next version of {model_id} is {expected}, not {version}: publish the versions in order.

    减值模型{model_id}的下一版本号为{expected}，而非{version}：请依次发布。
    """

    model_id: str
    version: int
    expected: int


class CumulativeProbabilitiesMustRise(Invalid):
    """The cumulative probability of {grade} falls to {probability}: give each year at least what the one before has.

    等级{grade}的累计违约概率下降至{probability}：每一年不得低于前一年。
    """

    grade: str
    probability: Decimal


class ScenarioWeightsMustBeOneWhole(Invalid):
    """The weights of the scenarios add up to {total}: make them add up to 1.

    情景权重合计为{total}：应等于1。
    """

    total: Decimal


class LossMustNotExceedExposure(Invalid):
    """In the scenario {scenario} the loss given default reaches {loss}: it is at most 1.

    情景{scenario}下违约损失率达到{loss}：不得超过1。
    """

    scenario: str
    loss: Decimal


class ModelNamesMustBeGivenOnce(Invalid):
    """{name} stands twice in the model: give each grade and each scenario a name of its own.

    {name}重复：请为每个等级和情景使用不同名称。
    """

    name: str


class ProvisionBandsMustRise(Invalid):
    """The band from {days} days does not rise above the one before: begin at 0 and give each number of days once.

    {days}天的区间未大于前一区间：请从0天开始，按天数由小到大填写。
    """

    days: int


class GradeNotInAllowanceModel(Invalid):
    """Version {version} of the model {model_id} has no grade {grade}: use one of {grades}.

    减值模型{model_id}第{version}版没有等级{grade}：请使用{grades}之一。
    """

    model_id: str
    version: int
    grade: str
    grades: str


@dataclass(frozen=True, slots=True)
class DefaultTerm:
    """The cumulative probabilities of default of a grade after one, two, … years."""

    grade: str
    cumulative: tuple[Decimal, ...]

    @property
    def one_year(self) -> Decimal:
        """The probability of default within a year."""
        return self.cumulative[0]


@dataclass(frozen=True, slots=True)
class MacroScenario:
    """A scenario: its weight, and what it does to the hazard of default and to the loss given default."""

    scenario: str
    weight: Decimal
    hazard_factor: Decimal
    severity_factor: Decimal


@dataclass(frozen=True, slots=True)
class ProvisionBand:
    """From so many days past due on, this share is lost over the life."""

    days_past_due: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class AllowanceModel:
    """One version of a model; shares and probabilities within 0 and 1."""

    model_id: str
    version: int
    valid_from: date
    grades: tuple[DefaultTerm, ...]
    scenarios: tuple[MacroScenario, ...]
    unsecured_loss: Decimal
    secured_loss: Decimal
    guaranteed_loss: Decimal
    undrawn_conversion: Decimal
    absolute_increase: Decimal
    relative_increase: Decimal
    relative_floor: Decimal
    low_risk_probability: Decimal
    backstop_days: int
    default_days: int
    cure_months: int
    bands: tuple[ProvisionBand, ...]
    source: str

    def row(self, grade: str) -> int:
        """The place of a grade, from 0, or `GradeNotInAllowanceModel`."""
        names = [term.grade for term in self.grades]
        if grade not in names:
            raise GradeNotInAllowanceModel(
                model_id=self.model_id, version=self.version, grade=grade, grades=", ".join(names)
            )
        return names.index(grade)

    @property
    def severity(self) -> Decimal:
        """What the loss given default is multiplied by over all scenarios: Σ weight × factor."""
        return sum((it.weight * it.severity_factor for it in self.scenarios), Decimal(0))

    def loss_given_default(self, exposure: Money, collateral: Money, guarantee: Money) -> Decimal:
        """The share that is lost in default by what covers the exposure (Basel Framework CRE32.10), to twelve places.

        Collateral covers first, a guarantee what it leaves; both are what they cover, after haircuts and caps.
        """
        owed = exposure.minor_units
        if not owed:
            return self.unsecured_loss
        by_collateral = min(collateral.minor_units, owed)
        by_guarantee = min(guarantee.minor_units, owed - by_collateral)
        rest = owed - by_collateral - by_guarantee
        lost = by_collateral * self.secured_loss + by_guarantee * self.guaranteed_loss + rest * self.unsecured_loss
        return (lost / owed).quantize(SHARE_PLACES)

    def rose_absolutely(self, now: int, then: int) -> bool:
        """Whether the one-year probability rose too much from the grade of one row to another's."""
        probability, risen = self._rise(now, then)
        return risen >= self.absolute_increase > 0 and probability > self.low_risk_probability

    def rose_relatively(self, now: int, then: int) -> bool:
        """Whether the one-year probability is too many times what it was, and rose by more than the floor."""
        probability, risen = self._rise(now, then)
        times = probability >= self.relative_increase * (probability - risen) and risen > 0
        return times and risen >= self.relative_floor and probability > self.low_risk_probability

    def _rise(self, now: int, then: int) -> tuple[Decimal, Decimal]:
        probability = self.grades[now].one_year
        return probability, probability - self.grades[then].one_year

    def must_agree(self) -> None:
        """Refuses figures that contradict each other."""
        _must_be_given_once([term.grade for term in self.grades])
        _must_be_given_once([it.scenario for it in self.scenarios])
        for term in self.grades:
            for before, after in pairwise(term.cumulative):
                if after < before:
                    raise CumulativeProbabilitiesMustRise(grade=term.grade, probability=after)
        total = sum((it.weight for it in self.scenarios), Decimal(0))
        if total != ONE:
            raise ScenarioWeightsMustBeOneWhole(total=total)
        worst = max(self.unsecured_loss, self.secured_loss, self.guaranteed_loss)
        for it in self.scenarios:
            if worst * it.severity_factor > ONE:
                raise LossMustNotExceedExposure(scenario=it.scenario, loss=worst * it.severity_factor)
        before_days = -1
        for place, band in enumerate(self.bands):
            if band.days_past_due <= before_days or (place == 0 and band.days_past_due):
                raise ProvisionBandsMustRise(days=band.days_past_due)
            before_days = band.days_past_due


@dataclass(frozen=True, slots=True)
class AllowanceModelPublished:
    """A version of a model was published."""

    model_id: str
    model: AllowanceModel


def publish(
    model: AllowanceModel, *, published: AllowanceModel | None, latest_version: int
) -> AllowanceModelPublished | None:
    """The fact of a new version; None where this very version is published already: publishing again is harmless."""
    model.must_agree()
    if published is not None:
        if published != model:
            raise AllowanceModelVersionTaken(model_id=model.model_id, version=model.version)
        return None
    if model.version != latest_version + 1:
        raise AllowanceModelVersionMustFollowLatest(
            model_id=model.model_id, version=model.version, expected=latest_version + 1
        )
    return AllowanceModelPublished(model.model_id, model)


def _must_be_given_once(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ModelNamesMustBeGivenOnce(name=name)
