"""How loans of a product are serviced (贷款服务约定): every convention as a parameter of the product.

`Servicing` is what a product team states; `terms` makes of it, and of what one loan states, the terms that
`zhongtai.kernel.servicing` replays. Which parameters contradict each other is told by `convention_rule`.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zhongtai.credit.floating_rate.domain import HUNDRED, FloatingRate
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.servicing import terms as kernel
from zhongtai.kernel.servicing.terms import (
    Accounting,
    Amortization,
    Bucket,
    ChargeBasis,
    ChargeOffBehaviour,
    ChargeTime,
    Component,
    DaysInMonth,
    DaysInYear,
    DeferredIncome,
    DelinquencyRange,
    Direction,
    DownPayment,
    FutureRule,
    InterestMethod,
    InterestPeriod,
    InterestRecalculation,
    LeapYear,
    RepaymentStart,
    Step,
    Terms,
    Unit,
)

DEFAULT = "DEFAULT"
WATERFALL = "waterfall"
PENALTY_AFTER_DAYS = 2


class ConventionsMustAgree(Invalid):
    """{first} and {second} contradict each other, for {rule}: change one of them.

    参数{first}与{second}相互矛盾（规则：{rule}）：请修改其一。
    """

    first: str
    second: str
    rule: str


class ServicingConvention(StrEnum):
    """Which engine keeps the schedule."""

    PROGRESSIVE = "PROGRESSIVE"
    CUMULATIVE = "CUMULATIVE"


class ChargeAccrual(StrEnum):
    """On which day a charge is earned."""

    DUE_DATE = "DUE_DATE"
    SUBMITTED_DATE = "SUBMITTED_DATE"


@dataclass(frozen=True, slots=True)
class InterestConvention:
    """How interest is reckoned; the rate itself is the product's or the loan's."""

    rate_unit: Unit
    method: InterestMethod
    period: InterestPeriod
    partial_periods: bool
    days_in_month: DaysInMonth
    days_in_year: DaysInYear
    leap_year: LeapYear
    charge_from_disbursement: bool
    on_disbursement_day: bool
    on_past_due: bool
    floating: FloatingRate | None

    def interest(self, rate: Decimal) -> kernel.Interest:
        """The same with a nominal rate for the unit: 0.12 = 12 %."""
        own: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "floating"
        }
        return kernel.Interest(
            rate=rate * HUNDRED,
            floating=None if self.floating is None else self.floating.rate(),
            **own,
        )


@dataclass(frozen=True, slots=True)
class RepaymentConvention:
    """When instalments fall due and how the principal is spread over them."""

    instalments: int
    every: int
    unit: Unit
    amortization: Amortization
    start: RepaymentStart
    grace_principal: int
    grace_interest_payment: int
    interest_free: int
    fixed_length_days: int | None
    multiples_of: int | None
    disbursement_multiples_of: int | None
    balloon: Money | None
    steps: tuple[Step, ...]
    interest_only: int


@dataclass(frozen=True, slots=True)
class TrancheConvention:
    """More than one disbursement."""

    maximum: int
    expected_forbidden: bool
    full_term: bool
    outstanding_limit: Money | None
    revolving: bool = False


@dataclass(frozen=True, slots=True)
class OverApplied:
    """By how much more than was applied for may be approved: per cent of it, or an amount."""

    percent: Decimal | None
    amount: Money | None

    def allowance(self, currency: str) -> kernel.OverApplied:
        """The same in minor units of the loan's currency."""
        return kernel.OverApplied(self.percent, None if self.amount is None else minor_units(self.amount, currency))


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """A charge as the product or the contract names it; `percent` 1.5 = 1.5 %."""

    name: str
    time: ChargeTime
    basis: ChargeBasis
    amount: Money | None
    percent: Decimal | None
    penalty: bool
    due_on: date | None

    def charge(self, currency: str) -> kernel.Charge:
        """The same in minor units of the loan's currency; refuses another currency, and no figure or two."""
        if self.basis is ChargeBasis.FLAT:
            agree(self.amount is not None, "amount", "basis", "a flat charge states its amount")
        else:
            agree(self.percent is not None, "percent", "basis", "a charge by percentage states it")
        timed = self.time is ChargeTime.SPECIFIED_DUE_DATE
        agree(self.due_on is None or timed, "due_on", "time", "only a charge of a stated day has a day")
        return kernel.Charge(
            name=self.name,
            time=self.time,
            basis=self.basis,
            amount=minor_units(self.amount, currency),
            percent=self.percent or Decimal(0),
            penalty=self.penalty,
            due_on=self.due_on,
        )


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The order in which one type of transaction meets what is owed; "DEFAULT" for the types not named."""

    transaction_type: str
    order: tuple[Bucket, ...]
    future_rule: FutureRule


@dataclass(frozen=True, slots=True)
class AllocationConvention:
    """How payments are shared out: by waterfalls, or by a fixed order of that name."""

    strategy: str
    waterfalls: tuple[Waterfall, ...]
    direction: Direction
    chargeback: tuple[Component, ...]

    def allocation(self) -> kernel.Allocation:
        """The same as the engine takes it."""
        waterfalls = {one.transaction_type: kernel.Waterfall(one.order, one.future_rule) for one in self.waterfalls}
        return kernel.Allocation(self.strategy, waterfalls, self.direction, self.chargeback)


@dataclass(frozen=True, slots=True)
class ArrearsConvention:
    """When a late instalment counts as arrears."""

    grace_days: int
    tolerance: Money | None
    ranges: tuple[DelinquencyRange, ...]
    by_instalment: bool


@dataclass(frozen=True, slots=True)
class ChargeOffReason:
    """Which expense bears a charge-off given for a reason: that of frauds, or that of charge-offs."""

    reason: str
    fraud: bool


@dataclass(frozen=True, slots=True)
class ExpectedTranche:
    """A disbursement foreseen in the contract."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Application:
    """What one loan states: amounts, dates, and where it departs from its product."""

    principal: Money
    submitted_on: date
    expected_disbursement_on: date
    nominal_interest_rate: Decimal
    instalments: int | None
    term: int | None
    term_unit: Unit | None
    first_due_on: date | None
    fixed_instalment: Money | None
    custom_principal: tuple[Money, ...]
    tranches: tuple[ExpectedTranche, ...]
    charges: tuple[ChargeTerms, ...]


@dataclass(frozen=True, slots=True)
class Servicing:
    """Every convention of a product's loans; None means that it does not apply."""

    convention: ServicingConvention
    repayment: RepaymentConvention
    interest: InterestConvention
    allocation: AllocationConvention
    recalculation: InterestRecalculation | None
    down_payment: DownPayment | None
    tranches: TrancheConvention | None
    over_applied: OverApplied | None
    charges: tuple[ChargeTerms, ...]
    arrears: ArrearsConvention | None
    capitalized_income: DeferredIncome | None
    buy_down_fee: DeferredIncome | None
    interest_refund_for: tuple[str, ...]
    charge_off: ChargeOffBehaviour
    accounting: Accounting
    accrual_activity: bool
    charge_accrual: ChargeAccrual
    charge_accrual_after_maturity: bool
    charge_off_reasons: tuple[ChargeOffReason, ...] = ()
    payments_after_end: bool | None = None
    penalty_after_days: int | None = None

    def terms(self, product_id: str, application: Application) -> Terms:
        """The terms of one loan under these conventions, in minor units of its currency."""
        currency = application.principal.currency
        self.must_suit(application)
        charges = (*self.charges, *application.charges)
        arrears = self.arrears
        return Terms(
            currency=currency,
            principal=application.principal.minor_units,
            submitted_on=application.submitted_on,
            expected_disbursement_on=application.expected_disbursement_on,
            repayment=self._repayment(application, currency),
            interest=self.interest.interest(application.nominal_interest_rate),
            convention=kernel.Convention[self.convention.name],
            allocation=self.allocation.allocation(),
            recalculation=self.recalculation,
            down_payment=self.down_payment,
            tranches=self._tranches(application, currency),
            over_applied=None if self.over_applied is None else self.over_applied.allowance(currency),
            charges=tuple(charge.charge(currency) for charge in charges),
            arrears=kernel.Arrears()
            if arrears is None
            else kernel.Arrears(
                arrears.grace_days, minor_units(arrears.tolerance, currency), arrears.ranges, arrears.by_instalment
            ),
            capitalized_income=self.capitalized_income,
            buy_down_fee=self.buy_down_fee,
            interest_refund_for=frozenset(self.interest_refund_for),
            charge_off=self.charge_off,
            accounting=self.accounting,
            accrual_activity=self.accrual_activity,
            charge_accrual=kernel.ChargeAccrual[self.charge_accrual.name],
            charge_accrual_after_maturity=self.charge_accrual_after_maturity,
            payments_after_end=self.payments_after_end is not False,
            penalty_after_days=PENALTY_AFTER_DAYS if self.penalty_after_days is None else self.penalty_after_days,
            product=product_id,
        )

    def must_suit(self, application: Application) -> None:
        """Refuses an application that departs from its product where the product does not let it."""
        foreseen = bool(application.tranches)
        agree(not foreseen or self.tranches is not None, "tranches", "servicing.tranches", "one disbursement only")
        custom = self.repayment.amortization is Amortization.CUSTOM
        agree(
            bool(application.custom_principal) == custom,
            "custom_principal",
            "amortization",
            "the principal of each instalment is stated where the plan is custom, and only there",
        )

    def _repayment(self, application: Application, currency: str) -> kernel.Repayment:
        own = self.repayment
        fixed = application.fixed_instalment
        return kernel.Repayment(
            instalments=own.instalments if application.instalments is None else application.instalments,
            every=own.every,
            unit=own.unit,
            term=application.term,
            term_unit=application.term_unit,
            amortization=own.amortization,
            start=own.start,
            first_due_on=application.first_due_on,
            grace_principal=own.grace_principal,
            grace_interest_payment=own.grace_interest_payment,
            interest_free=own.interest_free,
            fixed_length_days=own.fixed_length_days,
            multiples_of=own.multiples_of,
            disbursement_multiples_of=own.disbursement_multiples_of,
            fixed_instalment=None if fixed is None else minor_units(fixed, currency),
            balloon=minor_units(own.balloon, currency),
            steps=own.steps,
            custom_principal=tuple(minor_units(one, currency) for one in application.custom_principal),
            interest_only=own.interest_only,
        )

    def _tranches(self, application: Application, currency: str) -> kernel.Tranches | None:
        own = self.tranches
        if own is None:
            return None
        return kernel.Tranches(
            maximum=own.maximum,
            expected_forbidden=own.expected_forbidden,
            full_term=own.full_term,
            expected=tuple(kernel.Tranche(one.on, minor_units(one.amount, currency)) for one in application.tranches),
            outstanding_limit=None if own.outstanding_limit is None else minor_units(own.outstanding_limit, currency),
            revolving=own.revolving,
        )


def minor_units(amount: Money | None, currency: str) -> int:
    """An amount in minor units of the loan's currency, 0 where none is stated; refuses `CurrencyMustMatch`."""
    if amount is None:
        return 0
    if amount.currency != currency:
        raise CurrencyMustMatch(left=currency, right=amount.currency)
    return amount.minor_units


def agree(holds: Any, first: str, second: str, rule: str) -> None:
    """Refuses `ConventionsMustAgree` where two parameters contradict each other."""
    if not holds:
        raise ConventionsMustAgree(first=first, second=second, rule=rule)
