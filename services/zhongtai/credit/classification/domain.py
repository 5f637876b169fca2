"""Risk classification (风险分类) by rules that are data: the five categories, and why a loan is in one of them.

Always true: a category is never better than any rule that applies allows. Source: 《商业银行金融资产风险分类办法》
(CBIRC and PBOC order 2023 No. 1, in force 2023-07-01); which articles were seen stands in the data, `confirm`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.kernel.schedule import months_later

ZERO = Decimal(0)
SHARE_PLACES = Decimal("1e-12")


class ClassificationRulesNotFound(Missing):
    """No version of the rules {rule_set_id} is in force on {on}: check the id, or publish one.

    分类规则{rule_set_id}在{on}无有效版本：请核对编号，或先发布。
    """

    rule_set_id: str
    on: date


class ClassificationRulesVersionTaken(Taken):
    """Version {version} of the rules {rule_set_id} is published with other content: publish the next version.

    分类规则{rule_set_id}第{version}版已发布且内容不同：请发布新版本。
    """

    rule_set_id: str
    version: int


class ClassificationRulesVersionMustFollowLatest(Unmet):
    """The next version of {rule_set_id} is {expected}, not {version}: publish the versions in order.

    分类规则{rule_set_id}的下一版本号为{expected}，而非{version}：请依次发布。
    """

    rule_set_id: str
    version: int
    expected: int


class ClassificationRulesMustHaveOneNameEach(Invalid):
    """The rule {rule_id} stands twice: give each rule a name of its own.

    规则{rule_id}重复：请为每条规则使用不同名称。
    """

    rule_id: str


class LoanNotClassified(Missing):
    """The loan {loan_id} was never classified: classify it first.

    贷款{loan_id}尚未分类：请先分类。
    """

    loan_id: str


class DateMustNotBeInTheFuture(Invalid):
    """{name} is {day}, after the business date {business_date}: give a day that has come.

    {name}为{day}，晚于营业日{business_date}：请填写已到来的日期。
    """

    name: str
    day: date
    business_date: date


class RiskCategory(StrEnum):
    """The five categories, the best first (正常、关注、次级、可疑、损失)."""

    NORMAL = "NORMAL"
    SPECIAL_MENTION = "SPECIAL_MENTION"
    SUBSTANDARD = "SUBSTANDARD"
    DOUBTFUL = "DOUBTFUL"
    LOSS = "LOSS"

    @property
    def code(self) -> int:
        """Its place from the best, 0 to 4: what columns hold."""
        return CATEGORIES.index(self)

    @property
    def is_non_performing(self) -> bool:
        """Whether it is one of the last three (不良资产, 第六条)."""
        return self.code >= NON_PERFORMING_FROM


CATEGORIES = tuple(RiskCategory)
# 第六条: the last three are non-performing (不良资产).
NON_PERFORMING_FROM = RiskCategory.SUBSTANDARD.code


class Criterion(StrEnum):
    """What a rule looks at; a fact is 1 where it holds, else 0."""

    DAYS_PAST_DUE = "DAYS_PAST_DUE"
    TECHNICAL_DELAY = "TECHNICAL_DELAY"
    PURPOSE_CHANGED = "PURPOSE_CHANGED"
    PAID_BY_NEW_DEBT = "PAID_BY_NEW_DEBT"
    NON_PERFORMING_ANYWHERE = "NON_PERFORMING_ANYWHERE"
    CREDIT_IMPAIRED = "CREDIT_IMPAIRED"
    RATING_FELL = "RATING_FELL"
    OVERDUE_90_SHARE_ALL_BANKS = "OVERDUE_90_SHARE_ALL_BANKS"
    NON_PERFORMING_SHARE_HERE = "NON_PERFORMING_SHARE_HERE"
    DEBT_EVADED = "DEBT_EVADED"
    IN_LIQUIDATION = "IN_LIQUIDATION"
    EXPECTED_LOSS_SHARE = "EXPECTED_LOSS_SHARE"
    UNDER_OBSERVATION = "UNDER_OBSERVATION"
    RESTRUCTURED_AGAIN = "RESTRUCTURED_AGAIN"
    NON_RETAIL = "NON_RETAIL"
    ENHANCED = "ENHANCED"


class Comparison(StrEnum):
    """How a value is held against a threshold: above it (超过), or from it on (以上)."""

    EXCEEDS = "EXCEEDS"
    REACHES = "REACHES"


Values = Mapping[Criterion, Decimal]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where it applies, the category is at least the one it names; `confirm`: the article's text was not seen."""

    rule_id: str
    article: str
    criterion: Criterion
    comparison: Comparison
    threshold: Decimal
    category: RiskCategory
    only_where: tuple[Criterion, ...]
    except_where: tuple[Criterion, ...]
    confirm: bool
    meaning: str
    meaning_zh: str

    def applies(self, values: Values) -> bool:
        """Whether it applies to these values."""
        value = values[self.criterion]
        reached = value > self.threshold or (self.comparison is Comparison.REACHES and value == self.threshold)
        return (
            reached
            and all(values[criterion] for criterion in self.only_where)
            and not any(values[criterion] for criterion in self.except_where)
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A version of the rules, with the terms of observation (第二十条) and of an upgrade (第十三条)."""

    rule_set_id: str
    version: int
    valid_from: date
    rules: tuple[Rule, ...]
    observation_months: int
    observation_payments: int
    upgrade_months: int
    upgrade_payments: int
    upgrade_confirm: bool
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a loan beside its schedule."""

    non_retail: bool = False
    technical_delay: bool = False
    purpose_changed: bool = False
    paid_by_new_debt: bool = False
    non_performing_anywhere: bool = False
    credit_impaired: bool = False
    rating_fell: bool = False
    debt_evaded: bool = False
    in_liquidation: bool = False
    restructured_again: bool = False
    enhanced: bool = False
    expected_loss_share: Decimal | None = None
    overdue_90_share_all_banks: Decimal = ZERO
    non_performing_share_here: Decimal | None = None
    observed_from: date | None = None
    observed_payments: int = 0
    arrears_cleared_on: date | None = None
    payments_since_cleared: int = 0
    able_to_perform: bool = False

    def known(self, kept: "Facts", *, owed: Money, non_performing: Money) -> "Facts":
        """With what this bank knows itself, where nothing was told: `kept` beside what the customer's other loans are.

        `owed` is what the customer owes here, `non_performing` what of it other loans owe: a loan's own category never
        holds it where it is. What was told holds for one classification; it adds to the facts that are kept.
        """
        untold = {item.name for item in fields(self) if getattr(self, item.name) == item.default}
        known = replace(self, **{name: getattr(kept, name) for name in untold})
        if "non_performing_share_here" in untold:
            known = replace(known, non_performing_share_here=share_of(owed, non_performing))
        anywhere = known.non_performing_anywhere or bool(known.non_performing_share_here)
        return replace(known, non_performing_anywhere=anywhere)

    def must_have_come(self, on: date) -> None:
        """Refuses days after the business date."""
        for name in ("observed_from", "arrears_cleared_on"):
            day: date | None = getattr(self, name)
            if day is not None and day > on:
                raise DateMustNotBeInTheFuture(name=name, day=day, business_date=on)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one rule stood."""

    rule_id: str
    article: str
    criterion: Criterion
    value: Decimal
    threshold: Decimal
    applies: bool
    category: RiskCategory
    confirm: bool


@dataclass(frozen=True, slots=True)
class Classification:
    """A classification of a loan with its trace."""

    classification_id: str
    loan_id: str
    customer_id: str
    category: RiskCategory
    previous_category: RiskCategory | None
    upgrade_withheld: bool
    days_past_due: int
    rule_set_id: str
    rule_set_version: int
    classified_on: date
    facts: Facts
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ClassificationRulesPublished:
    """A version of the rules was published."""

    rule_set_id: str
    rule_set: RuleSet


@dataclass(frozen=True, slots=True)
class LoanClassified:
    """A loan was classified."""

    loan_id: str
    customer_id: str
    category: RiskCategory
    previous_category: RiskCategory | None
    classified_on: date


def publish(
    rule_set: RuleSet, *, published: RuleSet | None, latest_version: int
) -> ClassificationRulesPublished | None:
    """The fact of a new version; None where this very version is published already: publishing again is harmless."""
    names = [rule.rule_id for rule in rule_set.rules]
    for name in names:
        if names.count(name) > 1:
            raise ClassificationRulesMustHaveOneNameEach(rule_id=name)
    if published is not None:
        if published != rule_set:
            raise ClassificationRulesVersionTaken(rule_set_id=rule_set.rule_set_id, version=rule_set.version)
        return None
    if rule_set.version != latest_version + 1:
        raise ClassificationRulesVersionMustFollowLatest(
            rule_set_id=rule_set.rule_set_id, version=rule_set.version, expected=latest_version + 1
        )
    return ClassificationRulesPublished(rule_set.rule_set_id, rule_set)


def share_of(owed: Money, non_performing: Money) -> Decimal:
    """What of a debt is non-performing, 0 to 1, to twelve places; nothing where nothing is owed."""
    return (Decimal(non_performing.minor_units) / owed.minor_units).quantize(SHARE_PLACES) if owed else ZERO


def days_past_due(oldest_due: date | None, on: date) -> int:
    """How many days the oldest unpaid instalment is past due; 0 where it is not, or nothing is owed."""
    return max((on - oldest_due).days, 0) if oldest_due is not None else 0


def classify(
    rule_set: RuleSet,
    facts: Facts,
    *,
    classification_id: str,
    loan_id: str,
    customer_id: str,
    days_past_due: int,
    previous: RiskCategory | None,
    on: date,
) -> tuple[Classification, LoanClassified]:
    """The worst category that a rule asks for; one that was non-performing is upgraded by article 13 alone.

    Raises `DateMustNotBeInTheFuture`.
    """
    facts.must_have_come(on)
    findings = findings_of(rule_set, facts, days_past_due, on)
    category = worst(finding.category for finding in findings if finding.applies)
    withheld = (
        previous is not None
        and previous.code >= NON_PERFORMING_FROM > category.code
        and not may_be_upgraded(rule_set, facts, days_past_due, on)
    )
    classification = Classification(
        classification_id=classification_id,
        loan_id=loan_id,
        customer_id=customer_id,
        category=RiskCategory.SUBSTANDARD if withheld else category,
        previous_category=previous,
        upgrade_withheld=withheld,
        days_past_due=days_past_due,
        rule_set_id=rule_set.rule_set_id,
        rule_set_version=rule_set.version,
        classified_on=on,
        facts=facts,
        findings=findings,
    )
    return classification, LoanClassified(loan_id, customer_id, classification.category, previous, on)


def findings_of(rule_set: RuleSet, facts: Facts, days_past_due: int, on: date) -> tuple[Finding, ...]:
    """How every rule stands."""
    values = values_of(rule_set, facts, days_past_due, on)
    return tuple(_finding(rule, values) for rule in rule_set.rules)


def worst(categories: Iterable[RiskCategory]) -> RiskCategory:
    """The worst of the categories; normal where there is none."""
    return max(categories, key=CATEGORIES.index, default=RiskCategory.NORMAL)


def values_of(rule_set: RuleSet, facts: Facts, days_past_due: int, on: date) -> dict[Criterion, Decimal]:
    """What every rule may look at."""
    values: dict[Criterion, Decimal] = {
        criterion: Decimal(getattr(facts, criterion.lower()) or 0)
        for criterion in Criterion
        if criterion not in (Criterion.DAYS_PAST_DUE, Criterion.UNDER_OBSERVATION)
    }
    values[Criterion.DAYS_PAST_DUE] = Decimal(days_past_due)
    values[Criterion.UNDER_OBSERVATION] = Decimal(under_observation(rule_set, facts, on))
    return values


def under_observation(rule_set: RuleSet, facts: Facts, on: date) -> bool:
    """Whether a restructured asset is still observed: both the months and the payments are asked for (第二十条)."""
    if facts.observed_from is None:
        return False
    ended = on >= months_later(facts.observed_from, rule_set.observation_months)
    return not ended or facts.observed_payments < rule_set.observation_payments


def may_be_upgraded(rule_set: RuleSet, facts: Facts, days_past_due: int, on: date) -> bool:
    """Whether a non-performing asset may be normal or special mention again (第十三条).

    Its arrears are paid, it was paid regularly for the months and the payments asked for, whichever take longer, the
    customer can go on, and, where not retail, has nothing else here that is non-performing.
    """
    if facts.arrears_cleared_on is None or days_past_due or not facts.able_to_perform:
        return False
    long_enough = on >= months_later(facts.arrears_cleared_on, rule_set.upgrade_months)
    often_enough = facts.payments_since_cleared >= rule_set.upgrade_payments
    return long_enough and often_enough and not (facts.non_retail and facts.non_performing_share_here)


def _finding(rule: Rule, values: Values) -> Finding:
    return Finding(
        rule_id=rule.rule_id,
        article=rule.article,
        criterion=rule.criterion,
        value=values[rule.criterion],
        threshold=rule.threshold,
        applies=rule.applies(values),
        category=rule.category,
        confirm=rule.confirm,
    )
