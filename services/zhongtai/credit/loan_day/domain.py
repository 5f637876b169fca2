"""The day of a loan (贷款日终明细): what a night adds to a contract, how late it is, what is set aside for it.

Always true: the interest recognised of a period is the instalment's to the minor unit, whatever days were closed on.
The night after a day belongs to it: the close of day D accrues from D (included) to D + 1 (not included), as a pay-off
on D + 1 owes. A row of a contract follows from its row of the day before and from what was booked on the day alone;
these functions tell it for one contract, `carrying` for all contracts at once, and a test holds the two together.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import (
    CATEGORIES,
    NON_PERFORMING_FROM,
    Comparison,
    Criterion,
    RiskCategory,
    RuleSet,
)
from zhongtai.kernel.money import Money, Rounding, rounded
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Missing

# A loss rate counts thousand-millionths of the principal outstanding.
LOSS_UNIT = 1_000_000_000
# Contracts past their last instalment accrue nothing more.
NEVER = date.max
# Sums of products stay below this in every statement, so that no engine's 64 bits overflow.
SAFE = 2**62

_NIGHT = timedelta(days=1)
# The parts of a year that a night is a whole number of.
YEAR_PARTS = {DayCount.ACT_365: 365, DayCount.ACT_360: 360, DayCount.THIRTY_E_360: 360, DayCount.ACT_ACT: 365 * 366}

# The most of them that one night is: from 28 February to 1 March are three days of thirty-day months.
_MOST_PARTS = {DayCount.ACT_365: 1, DayCount.ACT_360: 1, DayCount.THIRTY_E_360: 3, DayCount.ACT_ACT: 366}


class LoanDayNotFound(Missing):
    """The loan {loan_id} has no row of {business_date}: it was not owed then, or the day is not closed.

    贷款{loan_id}在{business_date}没有日终明细：该日未用信，或日终尚未完成。
    """

    loan_id: str
    business_date: date


@dataclass(frozen=True, slots=True)
class CategoryStep:
    """More days past due than this, and the category is at best this one."""

    more_than_days_past_due: int
    category: RiskCategory
    source: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class StageStep:
    """More days past due than this, or at best such a category, and the stage is at least this one."""

    more_than_days_past_due: int
    from_category: RiskCategory | None
    stage: int
    source: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that a row rests on: what it decides, what it says, where it comes from."""

    decides: str
    rule: str
    source: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides category and stage where nothing but lateness is known; from the mildest step to the worst."""

    categories: tuple[CategoryStep, ...]
    stages: tuple[StageStep, ...]

    @classmethod
    def of(cls, rule_set: RuleSet, model: AllowanceModel) -> "Rules":
        """Those of the versions in force: rules on days past due, which no fact of the customer is asked for."""
        by_days = [rule for rule in rule_set.rules if rule.criterion is Criterion.DAYS_PAST_DUE and not rule.only_where]
        assert all(rule.comparison is Comparison.EXCEEDS for rule in by_days), "lateness exceeds, it does not reach"
        categories = (CategoryStep(int(rule.threshold), rule.category, rule.article, rule.confirm) for rule in by_days)
        stages = (
            StageStep(model.backstop_days, None, 2, "IFRS 9, 5.5.11", False),
            StageStep(model.default_days, RiskCategory.SUBSTANDARD, 3, "IFRS 9, B5.5.37", False),
        )
        return cls(
            tuple(sorted(categories, key=lambda step: (step.category.code, step.more_than_days_past_due))), stages
        )

    def category(self, days_past_due: int, before: int) -> int:
        """The code of the category of a contract so many days late that had this code before."""
        code = 0
        for step in self.categories:
            if days_past_due > step.more_than_days_past_due:
                code = CATEGORIES.index(step.category)
        return max(code, NON_PERFORMING_FROM) if before >= NON_PERFORMING_FROM else code

    def reasons(self, day: "LoanDay") -> tuple["Reason", ...]:
        """The rules a row rests on."""
        found = []
        for step in self.categories:
            if day.days_past_due > step.more_than_days_past_due:
                said = f"more than {step.more_than_days_past_due} days past due: {step.category}"
                found.append(Reason("category", said, step.source, step.confirm))
        if day.category > self.category(day.days_past_due, 0):
            said = "non-performing until it is assessed again"
            found.append(Reason("category", said, "商业银行金融资产风险分类办法 第十三条", True))
        for stage in self.stages:
            code = CATEGORIES.index(stage.from_category) if stage.from_category else len(CATEGORIES)
            if day.days_past_due > stage.more_than_days_past_due or day.category >= code:
                said = f"more than {stage.more_than_days_past_due} days past due"
                said += f", or {stage.from_category} and worse" if stage.from_category else ""
                found.append(Reason("stage", f"{said}: stage {stage.stage}", stage.source, stage.confirm))
        return tuple(found)

    def stage(self, days_past_due: int, category: int) -> int:
        """The stage of IFRS 9, 5.5: 1 for twelve months' losses, 2 for lifetime losses, 3 for credit-impaired."""
        found = 1
        for step in self.stages:
            from_code = CATEGORIES.index(step.from_category) if step.from_category else len(CATEGORIES)
            if days_past_due > step.more_than_days_past_due or category >= from_code:
                found = step.stage
        return found


@dataclass(frozen=True, slots=True)
class Profile:
    """What contracts that accrue and lose alike have in common; `maturity_month` counts months from year 0."""

    product_id: str
    currency: str
    grade: str
    nominal_interest_rate: Decimal
    day_count: DayCount
    amortisation: str
    maturity_month: int

    @property
    def unit(self) -> int:
        """How many parts a minor unit of interest is carried in: exact, whatever the nights."""
        return Fraction(self.nominal_interest_rate).denominator * YEAR_PARTS[self.day_count]

    def nightly(self, on: date) -> int:
        """How many of these parts the night after a day adds to each minor unit of balance."""
        share = self.day_count.year_fraction(on, on + _NIGHT) * YEAR_PARTS[self.day_count]
        assert share.denominator == 1, "a night is a whole number of the parts of a year"
        return Fraction(self.nominal_interest_rate).numerator * share.numerator

    def parts(self, start: date, end: date) -> int:
        """How many of these parts a stretch of days adds to each minor unit of balance."""
        share = self.day_count.year_fraction(start, end) * YEAR_PARTS[self.day_count]
        return Fraction(self.nominal_interest_rate).numerator * int(share)

    def is_too_wide(self, balance_minor: int) -> bool:
        """Whether sums over this balance could leave 64 bits."""
        most = Fraction(self.nominal_interest_rate).numerator * _MOST_PARTS[self.day_count]
        return 2 * balance_minor * most + 2 * self.unit > SAFE


@dataclass(frozen=True, slots=True)
class NightRates:
    """What a night makes of a profile: parts a balance adds, the unit of parts, loss rates by stage."""

    nightly: int
    unit: int
    loss_1: int
    loss_2: int
    loss_3: int

    def allowance(self, outstanding_minor: int, stage: int) -> int:
        """What is set aside in a stage, in minor units; a half is set aside whole."""
        rate = (self.loss_1, self.loss_2, self.loss_3)[stage - 1]
        return rounded(outstanding_minor * rate, LOSS_UNIT, Rounding.HALF_UP)


@dataclass(frozen=True, slots=True)
class LoanDay:
    """A contract's row of one day; amounts are minor units of its partition's currency.

    `number` and `ends_on` name the period that accrues, on `accruing_minor`; `accrued_minor` is what the period has
    so far, and `remainder` what of it is less, or more, than a whole minor unit, in parts of the profile's unit.
    `recognised_minor` is all interest ever recognised. The two postings of the row are `accrual_minor` and
    `allowance_change_minor`. A contract that is owed no more has a last row, whose `ends_on` is None.
    """

    business_date: date
    place: int
    profile: int
    number: int
    ends_on: date | None
    accruing_minor: int
    accrued_minor: int
    remainder: int
    recognised_minor: int
    accrual_minor: int
    outstanding_minor: int
    oldest_due_date: date | None
    days_past_due: int
    category: int
    stage: int
    allowance_minor: int
    allowance_change_minor: int
    moved: bool

    def at(self, place: int) -> "LoanDay":
        """The row at its contract's place."""
        return replace(self, place=place)


@dataclass(frozen=True, slots=True)
class LoanReclassified:
    """A close moved a loan to another category or stage."""

    loan_id: str
    business_date: date
    days_past_due: int
    category: RiskCategory
    category_before: RiskCategory
    stage: int
    stage_before: int
    allowance: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """What a loan owes at the close of a day."""

    outstanding_minor: int
    oldest_due_date: date | None


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a schedule: from the due date before to its own, on the principal owed between."""

    number: int
    starts_on: date
    ends_on: date
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Accrual:
    """How far a contract's interest is: the fields of `LoanDay` of the same names."""

    number: int
    ends_on: date | None
    accruing_minor: int
    accrued_minor: int
    remainder: int
    recognised_minor: int


def carried(before: LoanDay, rates: NightRates) -> Accrual:
    """One more night of the same period: the remainder of the nights before is carried, nothing is rounded twice."""
    parts = before.remainder + before.accruing_minor * rates.nightly
    night = _whole(before.accrued_minor, parts, rates.unit)
    return Accrual(
        before.number,
        before.ends_on,
        before.accruing_minor,
        before.accrued_minor + night,
        parts - night * rates.unit,
        before.recognised_minor + night,
    )


def rolled(before: LoanDay, ended_interest_minor: int, begun: Period | None, rates: NightRates) -> Accrual:
    """The first night of the next period, or none behind the last; the period that ended is made its instalment's."""
    recognised = before.recognised_minor + ended_interest_minor - before.accrued_minor
    if begun is None:
        return Accrual(before.number, NEVER, 0, 0, 0, recognised)
    parts = begun.balance_minor * rates.nightly
    night = _whole(0, parts, rates.unit)
    remainder = parts - night * rates.unit
    return Accrual(begun.number, begun.ends_on, begun.balance_minor, night, remainder, recognised + night)


def opened(profile: Profile, due_interest_minor: int, last: int, running: Period | None, on: date) -> Accrual:
    """From the schedule itself: what fell due by the day, and the running period up to the night after it.

    `last` is the number of the last instalment, for a schedule none of whose periods runs any more.
    """
    if running is None:
        return Accrual(last, NEVER, 0, 0, 0, due_interest_minor)
    begins = min(running.starts_on, on + _NIGHT)
    parts = running.balance_minor * profile.parts(begins, on + _NIGHT)
    accrued = _whole(0, parts, profile.unit)
    remainder = parts - accrued * profile.unit
    recognised = due_interest_minor + accrued
    return Accrual(running.number, running.ends_on, running.balance_minor, accrued, remainder, recognised)


def ended(before: LoanDay, paid_interest_minor: int) -> Accrual:
    """A contract that is owed no more: its interest is what was paid of it."""
    return Accrual(before.number, None, 0, 0, 0, paid_interest_minor)


def row(
    accrual: Accrual,
    standing: Standing,
    before: LoanDay | None,
    *,
    place: int,
    profile: int,
    on: date,
    rules: Rules,
    rates: NightRates,
) -> LoanDay:
    """The contract's row: aged, classified, staged and provided for."""
    late = standing.oldest_due_date is not None and standing.oldest_due_date < on
    days = (on - standing.oldest_due_date).days if late and standing.oldest_due_date else 0
    owed = accrual.ends_on is not None
    category = rules.category(days, before.category if before else 0) if owed else 0
    stage = rules.stage(days, category)
    allowance = rates.allowance(standing.outstanding_minor, stage)
    return LoanDay(
        business_date=on,
        place=place,
        profile=profile,
        number=accrual.number,
        ends_on=accrual.ends_on,
        accruing_minor=accrual.accruing_minor,
        accrued_minor=accrual.accrued_minor,
        remainder=accrual.remainder,
        recognised_minor=accrual.recognised_minor,
        accrual_minor=accrual.recognised_minor - (before.recognised_minor if before else 0),
        outstanding_minor=standing.outstanding_minor,
        oldest_due_date=standing.oldest_due_date,
        days_past_due=days,
        category=category,
        stage=stage,
        allowance_minor=allowance,
        allowance_change_minor=allowance - (before.allowance_minor if before else 0),
        moved=owed and before is not None and (before.category, before.stage) != (category, stage),
    )


def _whole(accrued_minor: int, parts: int, unit: int) -> int:
    """How many minor units parts come to, so that the sum is what the period's parts come to, half to even."""
    doubled = 2 * parts + unit
    whole, left = divmod(doubled, 2 * unit)
    return whole - 1 if not left and (accrued_minor + whole) % 2 else whole
