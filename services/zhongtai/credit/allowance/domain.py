"""A loss allowance (损失准备): the stage of a loan, what its allowance rests on, and why it moved.

Always true: the opening allowance and all movements add up to the closing one. Source: IFRS 9, section 5.5, and CAS 22
(财会〔2017〕7号), articles 46 to 63; the amounts come from `engine`.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import lru_cache

from zhongtai.credit.allowance_model.domain import SHARE_PLACES, AllowanceModel
from zhongtai.credit.allowance_movement.domain import (
    MONTHS_OF_YEAR,
    AllowanceMovement,
    MovementCause,
    movements_between,
    unwinding,
)
from zhongtai.credit.loan.domain import Loan, LoanStatus, LoanSummary
from zhongtai.credit.loan_risk.domain import RiskFacts
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DatesMustBeInOrder
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.kernel.roots import DIGITS
from zhongtai.kernel.schedule import Amortisation

# What columns of floats hold to the minor unit: `kernel.ecl.EXPOSURE_MAX`.
EXPOSURE_MAX = 2**53


class AllowanceNotAssessed(Missing):
    """The loan {loan_id} was never assessed: assess it first.

    贷款{loan_id}尚未计提损失准备：请先评估。
    """

    loan_id: str


class AssessmentMustNotPrecedeLatest(Unmet):
    """The loan was assessed on {latest}, after {on}: assess it on a later day.

    该贷款已于{latest}评估，晚于{on}：请选择更晚的日期。
    """

    latest: date
    on: date


class ExposureOutOfBounds(Invalid):
    """An exposure of {exposure} is more than can be assessed to the minor unit: split it below {maximum} minor units.

    风险敞口{exposure}过大，无法精确计量：请拆分至{maximum}最小货币单位以内。
    """

    exposure: Money
    maximum: int


class ImpairmentStage(StrEnum):
    """The stages, and the two ways beside them."""

    ONE = "ONE"
    TWO = "TWO"
    THREE = "THREE"
    PURCHASED_IMPAIRED = "PURCHASED_IMPAIRED"
    SIMPLIFIED = "SIMPLIFIED"

    @property
    def code(self) -> int:
        """Its place from 0: what columns hold."""
        return STAGES.index(self)


STAGES = tuple(ImpairmentStage)


class StageReason(StrEnum):
    """Why a loan is in its stage."""

    PAST_DUE = "PAST_DUE"
    WATCH_LIST = "WATCH_LIST"
    ROSE_ABSOLUTELY = "ROSE_ABSOLUTELY"
    ROSE_RELATIVELY = "ROSE_RELATIVELY"
    DEFAULTED = "DEFAULTED"
    CREDIT_IMPAIRED = "CREDIT_IMPAIRED"
    GRADE_IN_DEFAULT = "GRADE_IN_DEFAULT"
    NOT_CURED = "NOT_CURED"
    PURCHASED_IMPAIRED = "PURCHASED_IMPAIRED"
    SIMPLIFIED = "SIMPLIFIED"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a loan beside its schedule."""

    undrawn: Money | None
    collateral: Money | None
    guarantee: Money | None
    initial_expected_loss: Money | None
    grade: str = ""
    credit_impaired: bool = False
    watch_list: bool = False
    purchased_impaired: bool = False
    simplified: bool = False
    written_off: bool = False
    months_clean: int = 0

    def known(self, kept: RiskFacts, *, non_performing: bool, currency: str) -> "Facts":
        """With what the bank keeps of the loan, where nothing was told; a non-performing loan is credit-impaired."""

        def amount(told: Money | None, minor_units: int) -> Money:
            return Money(currency, minor_units) if told is None else told

        return replace(
            self,
            undrawn=amount(self.undrawn, kept.undrawn_minor),
            collateral=amount(self.collateral, kept.collateral_minor),
            guarantee=amount(self.guarantee, kept.guarantee_minor),
            initial_expected_loss=amount(self.initial_expected_loss, kept.initial_expected_loss_minor),
            grade=self.grade or kept.grade,
            credit_impaired=self.credit_impaired or kept.credit_impaired or non_performing,
            watch_list=self.watch_list or kept.watch_list,
            purchased_impaired=self.purchased_impaired or kept.purchased_impaired,
            simplified=self.simplified or kept.simplified,
        )


NOTHING_TOLD = Facts(undrawn=None, collateral=None, guarantee=None, initial_expected_loss=None)


@dataclass(frozen=True, slots=True)
class Risk:
    """What decides the stage: `now` and `then` are rows of the model, of the grade today and of the one agreed."""

    now: int
    then: int
    days_past_due: int
    credit_impaired: bool
    watch_list: bool
    purchased_impaired: bool
    simplified: bool
    months_clean: int
    previous: ImpairmentStage | None


@dataclass(frozen=True, slots=True)
class Position:
    """What decides the amount; rates are a month's, the loss given default a share."""

    amortisation: Amortisation
    grade: str
    months: int
    contract_rate: Decimal
    effective_rate: Decimal
    exposure: Money
    loss_given_default: Decimal
    stage: ImpairmentStage
    days_past_due: int
    initial_expected_loss: Money

    def amount(self, minor_units: int) -> Money:
        """So many minor units of its currency."""
        return Money(self.exposure.currency, minor_units)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The allowance of a loan as it was last assessed."""

    loan_id: str
    customer_id: str
    product_id: str
    previous_stage: ImpairmentStage | None
    reasons: tuple[StageReason, ...]
    origination_grade: str
    position: Position
    twelve_month_loss: Money
    lifetime_loss: Money
    allowance: Money
    model_id: str
    model_version: int
    assessed_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """What an allowance rests on before it is assessed again, and since when."""

    position: Position
    model_id: str
    model_version: int
    since: date

    def unwound(self, carried: Money, on: date) -> int:
        """What time alone adds to it until a day, in minor units. Raises `AssessmentMustNotPrecedeLatest`."""
        if on < self.since:
            raise AssessmentMustNotPrecedeLatest(latest=self.since, on=on)
        return unwinding(carried.minor_units, self.position.effective_rate, (on - self.since).days)


@dataclass(frozen=True, slots=True)
class AllowanceAssessed:
    """A loan was assessed."""

    loan_id: str
    customer_id: str
    product_id: str
    stage: ImpairmentStage
    previous_stage: ImpairmentStage | None
    allowance: Money
    movements: tuple[AllowanceMovement, ...]
    raised: Money
    released: Money
    assessed_on: date


def must_need_allowance(loan: Loan) -> None:
    """Refuses a loan whose money has not left; one that is paid off or written off gives its allowance back."""
    if loan.status not in (LoanStatus.PAID_OFF, LoanStatus.OVERPAID, LoanStatus.WRITTEN_OFF):
        loan.must_be_active()


def must_be_in_order(first: date, last: date) -> None:
    """Refuses a first day after the last."""
    if first > last:
        raise DatesMustBeInOrder(start=first, end=last)


def risk_of(
    model: AllowanceModel,
    loan: LoanSummary,
    facts: Facts,
    *,
    days_past_due: int,
    previous: ImpairmentStage | None,
) -> Risk:
    """What decides the stage of a loan; raises `GradeNotInAllowanceModel`."""
    return Risk(
        now=model.row(facts.grade or loan.grade),
        then=model.row(loan.grade),
        days_past_due=days_past_due,
        credit_impaired=facts.credit_impaired,
        watch_list=facts.watch_list,
        purchased_impaired=facts.purchased_impaired,
        simplified=facts.simplified,
        months_clean=facts.months_clean,
        previous=previous,
    )


def months_clean(since: date | None, on: date) -> int:
    """The whole months without a sign of risk; `since` None where one was there until now."""
    if since is None:
        return 0
    return (on.year - since.year) * MONTHS_OF_YEAR + on.month - since.month - (since.day > on.day)


def stage_of(model: AllowanceModel, risk: Risk) -> tuple[ImpairmentStage, tuple[StageReason, ...]]:
    """The stage of a loan with every reason for it.

    A better stage than before asks for the months of cure (B5.5.27); the others are decided by what is so today.
    """
    if risk.simplified:
        return ImpairmentStage.SIMPLIFIED, (StageReason.SIMPLIFIED,)
    if risk.purchased_impaired:
        return ImpairmentStage.PURCHASED_IMPAIRED, (StageReason.PURCHASED_IMPAIRED,)
    impaired = {
        StageReason.DEFAULTED: risk.days_past_due > model.default_days,
        StageReason.CREDIT_IMPAIRED: risk.credit_impaired,
        StageReason.GRADE_IN_DEFAULT: model.grades[risk.now].one_year == 1,
    }
    risen = {
        StageReason.PAST_DUE: risk.days_past_due > model.backstop_days,
        StageReason.WATCH_LIST: risk.watch_list,
        StageReason.ROSE_ABSOLUTELY: model.rose_absolutely(risk.now, risk.then),
        StageReason.ROSE_RELATIVELY: model.rose_relatively(risk.now, risk.then),
    }
    stage, reasons = ImpairmentStage.ONE, [reason for reason, holds in {**impaired, **risen}.items() if holds]
    if any(risen.values()):
        stage = ImpairmentStage.TWO
    if any(impaired.values()):
        stage = ImpairmentStage.THREE
    worse_before = risk.previous in (ImpairmentStage.TWO, ImpairmentStage.THREE) and risk.previous.code > stage.code
    if worse_before and risk.previous is not None and risk.months_clean < model.cure_months:
        return risk.previous, (StageReason.NOT_CURED, *reasons)
    return stage, tuple(reasons)


def position_of(
    model: AllowanceModel, loan: LoanSummary, facts: Facts, *, stage: ImpairmentStage, days_past_due: int, on: date
) -> Position:
    """What the allowance of a loan rests on today; nothing is at risk once it is paid off or written off.

    Raises `CurrencyMustMatch` where a fact is in another currency, `AmountOutOfBounds`, `ExposureOutOfBounds`.
    """
    nothing = Money(loan.principal.currency, 0)
    undrawn, collateral, guarantee, initial = (
        amount + nothing if amount is not None else nothing
        for amount in (facts.undrawn, facts.collateral, facts.guarantee, facts.initial_expected_loss)
    )
    at_risk = loan.outstanding + undrawn.times(model.undrawn_conversion)
    exposure = nothing if facts.written_off or not loan.outstanding else at_risk
    if exposure.minor_units > EXPOSURE_MAX:
        raise ExposureOutOfBounds(exposure=exposure, maximum=EXPOSURE_MAX)
    with localcontext(DIGITS):
        contract = loan.nominal_interest_rate / MONTHS_OF_YEAR
    return Position(
        amortisation=loan.amortisation,
        grade=facts.grade or loan.grade,
        months=months_left(on, loan.maturity_date),
        contract_rate=contract.quantize(SHARE_PLACES),
        effective_rate=monthly_rate(loan.annual_percentage_rate),
        exposure=exposure,
        loss_given_default=model.loss_given_default(exposure, collateral, guarantee),
        stage=stage,
        days_past_due=days_past_due,
        initial_expected_loss=initial,
    )


@lru_cache(maxsize=65_536)
def monthly_rate(annual: Decimal) -> Decimal:
    """The rate of a month that compounds to a year's, to twelve places."""
    with localcontext(DIGITS):
        return ((1 + annual) ** (1 / Decimal(MONTHS_OF_YEAR)) - 1).quantize(SHARE_PLACES)


def months_left(on: date, maturity: date) -> int:
    """How many monthly instalments are left, at least one: what is overdue is owed at once."""
    months = (maturity.year - on.year) * MONTHS_OF_YEAR + maturity.month - on.month
    return max(months + (maturity.day > on.day), 1)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What `engine` answers for one loan, in minor units; `steps` end with the allowance, see `movements_between`."""

    twelve_months: int
    lifetime: int
    steps: tuple[int, int, int, int]


def assess(
    loan: LoanSummary,
    model: AllowanceModel,
    position: Position,
    reasons: tuple[StageReason, ...],
    amounts: Amounts,
    *,
    before: Standing | None,
    carried: Money,
    written_off: bool,
    on: date,
) -> tuple[Allowance, AllowanceAssessed]:
    """The allowance that stands from now on, with what moved it from what the ledger carried.

    Raises `AssessmentMustNotPrecedeLatest`.
    """
    gone = MovementCause.WRITTEN_OFF if written_off else MovementCause.REPAID
    allowance = Allowance(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        previous_stage=before.position.stage if before else None,
        reasons=reasons,
        origination_grade=loan.grade,
        position=position,
        twelve_month_loss=position.amount(amounts.twelve_months),
        lifetime_loss=position.amount(amounts.lifetime),
        allowance=position.amount(amounts.steps[-1]),
        model_id=model.model_id,
        model_version=model.version,
        assessed_on=on,
    )
    moved = movements_between(
        carried.minor_units,
        amounts.steps,
        unwound=before.unwound(carried, on) if before else None,
        gone=gone,
        currency=position.exposure.currency,
    )
    difference = sum((it.amount for it in moved), position.amount(0))
    return allowance, AllowanceAssessed(
        loan_id=allowance.loan_id,
        customer_id=allowance.customer_id,
        product_id=allowance.product_id,
        stage=position.stage,
        previous_stage=allowance.previous_stage,
        allowance=allowance.allowance,
        movements=moved,
        raised=max(difference, difference.nothing),
        released=max(-difference, difference.nothing),
        assessed_on=on,
    )
