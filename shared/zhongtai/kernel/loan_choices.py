"""A loan as a product tells it: how it is repaid, at what rate, from when on; and which choices contradict others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.rates import DayCount, checked_rate
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.schedule import (
    START_YEAR_MAX,
    TERM_MONTHS_MAX,
    PrincipalMustBePositive,
    TermOutOfBounds,
    months_later,
)

NOTICE_DAYS_MAX = 3660


class LoanChoicesContradict(Invalid):
    """The choices {first} and {second} contradict each other: {rule}.

    {first}与{second}相互矛盾：{rule}。
    """

    first: str
    second: str
    rule: str


class Repayment(StrEnum):
    """How the principal comes back (还款方式), each with the ACTUS type that says it."""

    EQUAL_INSTALMENT = "EQUAL_INSTALMENT"
    """等额本息: an annuity (ANN)."""
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    """等额本金: a linear amortiser (LAM); with a balloon, its rest falls due at the maturity."""
    INTEREST_ONLY = "INTEREST_ONLY"
    """按期付息、到期还本: principal at maturity (PAM) with a cycle of interest."""
    BULLET = "BULLET"
    """到期一次还本付息: principal at maturity (PAM), interest with it."""
    STEPPED = "STEPPED"
    """阶梯还款: amounts of principal and rates by step (LAX)."""
    ON_DEMAND = "ON_DEMAND"
    """通知贷款: call money (CLM), repaid after a notice."""
    REVOLVING = "REVOLVING"
    """循环额度: undefined maturity (UMP), principal moves as it is drawn and repaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """A floating rate (浮动利率): the benchmark and spread, and when it is reset.

    `benchmark` is the market object that names the tenor too, such as LPR-5Y; `spread`, `cap` and `floor` are yearly
    rates (0.01 = 1 % or 100 bp). The first reset is on `first_reset`, the next ones each `months_between_resets`.
    """

    benchmark: str
    spread: Decimal
    first_reset: date
    months_between_resets: int = 12
    cap: Decimal | None = None
    floor: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What holds from one payment on: the principal of each payment, and the yearly rate if it changes there.

    `first_payment` counts from 1, the first payment of the loan; a principal of zero is a pause.
    """

    first_payment: int
    principal: Money
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanChoices:
    """A loan as a product tells it.

    `rate` is a year's nominal rate until the first reset (0.12 = 12 %). `term_months` is None for what has no term of
    its own. `instalment` is the level payment if the contract says it, rounded; without it the annuity is exact.
    `grace_payments` pay no principal, and their interest is capitalised if `is_interest_deferred`. `balloon` is what
    the last payment repays besides its part. `notice_days` is that of a call. `is_liability` is a loan taken.
    """

    loan_id: str
    principal: Money
    rate: Decimal
    repayment: Repayment
    start: date
    day_count: DayCount
    term_months: int | None = None
    months_between_payments: int = 1
    instalment: Money | None = None
    grace_payments: int = 0
    is_interest_deferred: bool = False
    balloon: Money | None = None
    steps: tuple[Step, ...] = ()
    floating: Floating | None = None
    notice_days: int = 0
    is_liability: bool = False

    @property
    def payments(self) -> int:
        """How many payments there are in its term; none where it has no term of its own."""
        return (self.term_months or 0) // self.months_between_payments

    def payment_day(self, number: int) -> date:
        """The day of a payment, counted from 1: that of the month of the start, or the last of a shorter month."""
        return months_later(self.start, self.months_between_payments * number)


_OPEN = {Repayment.ON_DEMAND, Repayment.REVOLVING}
_AMORTISING = {Repayment.EQUAL_INSTALMENT, Repayment.EQUAL_PRINCIPAL}
_Contradictions = Iterator[tuple[str, str, str]]


def check_choices(loan: LoanChoices) -> None:
    """Raises `LoanChoicesContradict` for the first two choices that cannot both hold.

    Or `PrincipalMustBePositive`, `TermOutOfBounds`, `RateOutOfBounds`, `CurrencyMustMatch`.
    """
    for rate in (loan.rate, *(step.rate for step in loan.steps if step.rate is not None)):
        checked_rate(rate)
    if loan.principal.minor_units <= 0:
        raise PrincipalMustBePositive(principal=loan.principal)
    amounts = [loan.instalment, loan.balloon, *(step.principal for step in loan.steps)]
    for amount in amounts:
        if amount is not None and amount.currency != loan.principal.currency:
            raise CurrencyMustMatch(left=loan.principal.currency, right=amount.currency)
    months = [loan.months_between_payments, *([] if loan.term_months is None else [loan.term_months])]
    months += [] if loan.floating is None else [loan.floating.months_between_resets]
    for number in months:
        if not 1 <= number <= TERM_MONTHS_MAX or not date.min < loan.start < date(START_YEAR_MAX + 1, 1, 1):
            raise TermOutOfBounds(term_months=number, start=loan.start, maximum=TERM_MONTHS_MAX)
    for contradiction in (_wrong_kind(loan), _wrong_payments(loan), _wrong_rates(loan)):
        for first, second, rule in contradiction:
            raise LoanChoicesContradict(first=first, second=second, rule=rule)


def _wrong_kind(loan: LoanChoices) -> _Contradictions:
    repayment, has_term = loan.repayment, loan.term_months is not None
    if not has_term and repayment not in _OPEN:
        yield "repayment", "term_months", "it ends after a term; give one"
    if has_term and repayment is Repayment.REVOLVING:
        yield "repayment", "term_months", "it has no term of its own"
    if loan.instalment is not None and repayment is not Repayment.EQUAL_INSTALMENT:
        yield "repayment", "instalment", "only equal instalments have a level"
    if loan.balloon is not None and repayment is not Repayment.EQUAL_PRINCIPAL:
        yield "repayment", "balloon", "a balloon is the rest of equal principal; of an annuity the instalment says it"
    if loan.grace_payments and repayment not in _AMORTISING:
        yield "repayment", "grace_payments", "grace of principal is for what amortises"
    if bool(loan.steps) is not (repayment is Repayment.STEPPED):
        yield "repayment", "steps", "steps are for stepped repayment, which needs one"
    if loan.notice_days and repayment is not Repayment.ON_DEMAND:
        yield "repayment", "notice_days", "only what is called has a notice"


def _wrong_payments(loan: LoanChoices) -> _Contradictions:
    principal, payments = loan.principal.minor_units, loan.payments
    if loan.term_months is not None and loan.term_months % loan.months_between_payments:
        yield "term_months", "months_between_payments", "the term is a whole number of payments"
    if loan.repayment in _AMORTISING and not 0 <= loan.grace_payments < payments:
        yield "grace_payments", "term_months", "grace ends before the last payment"
    if loan.is_interest_deferred and not loan.grace_payments:
        yield "is_interest_deferred", "grace_payments", "interest is deferred within a grace"
    if loan.instalment is not None and loan.instalment.minor_units <= 0:
        yield "instalment", "principal", "an instalment repays something"
    if loan.balloon is not None and not 0 <= loan.balloon.minor_units < principal:
        yield "balloon", "principal", "a balloon is a part of the principal"
    places = [0, *(step.first_payment for step in loan.steps), payments + 1]
    if loan.steps and any(earlier >= later for earlier, later in pairwise(places)):
        yield "steps", "term_months", "steps ascend from the first payment to the last"
    if any(step.principal.minor_units < 0 for step in loan.steps):
        yield "steps", "principal", "a step does not draw"
    if not 0 <= loan.notice_days <= NOTICE_DAYS_MAX:
        yield "notice_days", "start", f"a notice is 0 to {NOTICE_DAYS_MAX} days behind the call"


def _wrong_rates(loan: LoanChoices) -> _Contradictions:
    floating = loan.floating
    if floating is None:
        return
    if floating.first_reset <= loan.start:
        yield "floating", "start", "resets come after the start"
    if not all(rate.is_finite() for rate in (floating.spread, floating.cap, floating.floor) if rate is not None):
        yield "floating", "rate", "spread, cap and floor are numbers"
    elif floating.floor is not None and floating.cap is not None and floating.floor > floating.cap:
        yield "floor", "cap", "a floor is not above its cap"
