"""The terms of a loan account: every convention its servicing follows, as data.

A product is a set of these values; nothing about one product is code. Amounts are minor units of `currency`,
rates are percent per year (12 means 12 %) as `Decimal`, dates are `date`. A rule that is None does not apply.

Two conventions are named, because the schedules they give differ in the last cent:

* `Convention.PROGRESSIVE`: every day's balance counts; equal instalments are found from rate factors and kept,
  the last one takes the rest (Apache Fineract calls its engine of this kind "progressive").
* `Convention.CUMULATIVE`: the schedule is generated period by period from the amounts so far.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zhongtai.kernel.calendar import BankCalendar, BusinessDayConvention
from zhongtai.kernel.servicing.conventions import (
    Accounting,
    Amortization,
    ChargeAccrual,
    ChargeBasis,
    ChargeOffBehaviour,
    ChargeTime,
    Component,
    Compounding,
    Convention,
    DaysInMonth,
    DaysInYear,
    Direction,
    Dueness,
    FutureRule,
    IncomeKind,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    PreClosure,
    Recalculation,
    RepaymentStart,
    RepricingRule,
    Rest,
    Unit,
)

__all__ = [
    "Accounting",
    "Allocation",
    "Amortization",
    "Arrears",
    "Bucket",
    "Charge",
    "ChargeAccrual",
    "ChargeBasis",
    "ChargeOffBehaviour",
    "ChargeTime",
    "Component",
    "Compounding",
    "Convention",
    "DaysInMonth",
    "DaysInYear",
    "DeferredIncome",
    "DelinquencyRange",
    "Direction",
    "DownPayment",
    "Dueness",
    "FloatingRate",
    "FutureRule",
    "Holidays",
    "IncomeKind",
    "Interest",
    "InterestMethod",
    "InterestPeriod",
    "InterestRecalculation",
    "LeapYear",
    "OverApplied",
    "PreClosure",
    "Recalculation",
    "Repayment",
    "RepaymentStart",
    "RepricingRule",
    "Rest",
    "Step",
    "Taxes",
    "Terms",
    "Tranche",
    "Tranches",
    "Unit",
    "Waterfall",
]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a waterfall: a component of an instalment that stands so. Written "PAST_DUE_PENALTY"."""

    dueness: Dueness
    component: Component

    @classmethod
    def parse(cls, text: str) -> "Bucket":
        """Reads "PAST_DUE_PENALTY", "DUE_FEE", "IN_ADVANCE_PRINCIPAL"; ValueError when it is none."""
        dueness, _, component = text.rpartition("_")
        return cls(Dueness(dueness), Component(component))

    def __str__(self) -> str:
        return f"{self.dueness}_{self.component}"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The order in which one type of transaction meets what is owed."""

    order: tuple[Bucket, ...]
    future_rule: FutureRule = FutureRule.NEXT_INSTALLMENT


@dataclass(frozen=True, slots=True)
class Allocation:
    """How payments are shared out.

    `strategy` is "waterfall" (then `waterfalls` by transaction type name, "DEFAULT" for the others, and
    `direction`), or the name of a fixed strategy of the cumulative convention ("mifos-standard-strategy", ...).
    `chargeback` is the order in which a charge-back is put on the components; empty: principal only.
    """

    strategy: str = "waterfall"
    waterfalls: dict[str, Waterfall] = field(default_factory=dict)
    direction: Direction = Direction.HORIZONTAL
    chargeback: tuple[Component, ...] = ()

    def waterfall(self, transaction_type: str) -> Waterfall:
        """The waterfall of this transaction type, or the default one."""
        return self.waterfalls.get(transaction_type) or self.waterfalls["DEFAULT"]


@dataclass(frozen=True, slots=True)
class FloatingRate:
    """A rate that follows a benchmark, by default the loan prime rate (LPR, 贷款市场报价利率).

    It is the quote of `tenor` plus `spread_percent`, within floor and cap, looked up on the days of `rule`.

    `fixed_day` is the day of the year, whatever its own year, of a rule that has one; terms kept before there were
    rules say `reprice_on_new_year`.
    """

    tenor: str
    spread_percent: Decimal
    reprice_every_months: int = 12
    reprice_on_new_year: bool = False
    benchmark: str = "LPR"
    rule: RepricingRule = RepricingRule.EVERY_MONTHS
    fixed_day: date | None = None
    cap_percent: Decimal | None = None
    floor_percent: Decimal | None = None

    @property
    def market(self) -> str:
        """The benchmark with its tenor, as quotes are published under it."""
        return f"{self.benchmark}-{self.tenor}"


@dataclass(frozen=True, slots=True)
class Interest:
    """How interest is reckoned. `rate` is percent per `rate_unit`; yearly rates are MONTHS x 12 of it."""

    rate: Decimal = Decimal(0)
    rate_unit: Unit = Unit.YEARS
    method: InterestMethod = InterestMethod.DECLINING_BALANCE
    period: InterestPeriod = InterestPeriod.DAILY
    partial_periods: bool = True
    days_in_month: DaysInMonth = DaysInMonth.ACTUAL
    days_in_year: DaysInYear = DaysInYear.ACTUAL
    leap_year: LeapYear = LeapYear.FULL_LEAP_YEAR
    charge_from_disbursement: bool = True
    on_disbursement_day: bool = False
    on_past_due: bool = True
    floating: FloatingRate | None = None

    @property
    def rate_per_year(self) -> Decimal:
        """Percent per year."""
        return self.rate * {Unit.MONTHS: 12, Unit.WEEKS: 52, Unit.DAYS: 365}.get(self.rate_unit, 1)


@dataclass(frozen=True, slots=True)
class Step:
    """From instalment `first` (1-based) on, the equal instalment is multiplied by `factor` (step-up, step-down)."""

    first: int
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Repayment:
    """How many instalments fall due, when, and how the principal is spread over them."""

    instalments: int
    every: int = 1
    unit: Unit = Unit.MONTHS
    term: int | None = None
    term_unit: Unit | None = None
    amortization: Amortization = Amortization.EQUAL_INSTALMENTS
    start: RepaymentStart = RepaymentStart.DISBURSEMENT_DATE
    first_due_on: date | None = None
    grace_principal: int = 0
    grace_interest_payment: int = 0
    interest_free: int = 0
    fixed_length_days: int | None = None
    multiples_of: int | None = None
    disbursement_multiples_of: int | None = None
    fixed_instalment: int | None = None
    balloon: int = 0
    steps: tuple[Step, ...] = ()
    custom_principal: tuple[int, ...] = ()
    interest_only: int = 0


@dataclass(frozen=True, slots=True)
class InterestRecalculation:
    """Interest follows what is really owed each day; without it the first schedule's interest stands."""

    on_prepayment: Recalculation = Recalculation.ADJUST_LAST_UNPAID_PERIOD
    rest: Rest = Rest.DAILY
    rest_interval: int = 1
    pre_closure: PreClosure = PreClosure.TILL_PRE_CLOSURE_DATE
    compounding: Compounding = Compounding.NONE
    compounding_rest: Rest | None = None
    compounding_interval: int = 1
    arrears_by_original_schedule: bool = False
    overdue_principal_bears_interest: bool = True


@dataclass(frozen=True, slots=True)
class DownPayment:
    """`percent` of each disbursement falls due on its day; `automatic`: it is taken from the payee at once."""

    percent: Decimal
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Tranche:
    """A disbursement foreseen in the contract."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Tranches:
    """More than one disbursement. `full_term`: each later tranche runs its own full count of instalments.

    `revolving`: what was repaid may be drawn again, so that what is approved bounds what is outstanding.
    """

    maximum: int = 10
    expected_forbidden: bool = True
    full_term: bool = False
    expected: tuple[Tranche, ...] = ()
    outstanding_limit: int | None = None
    revolving: bool = False


@dataclass(frozen=True, slots=True)
class OverApplied:
    """More may be approved and disbursed than was applied for: by `percent` of it, or by `amount`."""

    percent: Decimal | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class DeferredIncome:
    """Income earned evenly over the life of the loan: capitalised (added to the balance) or a fee bought down.

    `by_merchant`: a buy-down fee paid by a merchant, so nothing is owed by the customer.
    """

    kind: IncomeKind = IncomeKind.INTEREST
    by_merchant: bool = True


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the product or the contract names it. `amount` in minor units, `percent` where the basis is one."""

    name: str
    time: ChargeTime
    basis: ChargeBasis
    amount: int = 0
    percent: Decimal = Decimal(0)
    penalty: bool = False
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class DelinquencyRange:
    """A class of arrears, by days overdue; `last` None: without end."""

    name: str
    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Arrears:
    """When a late instalment counts as arrears: after `grace_days`, above `tolerance`."""

    grace_days: int = 0
    tolerance: int = 0
    ranges: tuple[DelinquencyRange, ...] = ()
    by_instalment: bool = False


@dataclass(frozen=True, slots=True)
class Holidays:
    """Due dates that are no business day go elsewhere; interest runs to that day, or to the one agreed.

    `calendar` is kept with the account, so that its past does not move when a calendar is mended.
    """

    convention: BusinessDayConvention
    calendar: BankCalendar
    by_agreed_days: bool = False

    def moved(self, day: date) -> date:
        """The day a due date goes to, or `DateOutsideCalendar`."""
        return self.calendar.adjust(day, self.convention)


@dataclass(frozen=True, slots=True)
class Taxes:
    """Rates of taxes, as fractions: value added tax, which interest, fees and penalties hold, and stamp duty."""

    value_added: Decimal
    stamp_duty: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything the servicing of one account depends on, besides what happens to it."""

    currency: str
    principal: int
    submitted_on: date
    expected_disbursement_on: date
    repayment: Repayment
    interest: Interest = Interest()
    convention: Convention = Convention.PROGRESSIVE
    allocation: Allocation = field(default_factory=Allocation)
    recalculation: InterestRecalculation | None = None
    down_payment: DownPayment | None = None
    tranches: Tranches | None = None
    over_applied: OverApplied | None = None
    charges: tuple[Charge, ...] = ()
    arrears: Arrears = Arrears()
    capitalized_income: DeferredIncome | None = None
    buy_down_fee: DeferredIncome | None = None
    interest_refund_for: frozenset[str] = frozenset()
    charge_off: ChargeOffBehaviour = ChargeOffBehaviour.REGULAR
    accounting: Accounting = Accounting.ACCRUAL_PERIODIC
    accrual_activity: bool = False
    charge_accrual: ChargeAccrual = ChargeAccrual.DUE_DATE
    charge_accrual_after_maturity: bool = False
    payments_after_end: bool = True
    penalty_after_days: int = 2
    product: str = ""
    holidays: Holidays | None = None
    taxes: Taxes | None = None
