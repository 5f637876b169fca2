"""A loan as a product tells it: how it is repaid, at what rate, from when on; and which choices contradict others."""

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


def check_choices(loan: LoanChoices) -> None:
    """Raises `LoanChoicesContradict` for the first two choices that cannot both hold.

    Or `PrincipalMustBePositive`, `TermOutOfBounds`, `RateOutOfBounds`, `CurrencyMustMatch`.
    """
    checked_rate(loan.rate)
    if loan.principal.minor_units <= 0:
        raise PrincipalMustBePositive(principal=loan.principal)
    amounts = [loan.instalment, loan.balloon, *(step.principal for step in loan.steps)]
    for amount in amounts:
        if amount is not None and amount.currency != loan.principal.currency:
            raise CurrencyMustMatch(left=loan.principal.currency, right=amount.currency)
    term = loan.term_months
    is_within = term is None or 1 <= term <= TERM_MONTHS_MAX
    if not is_within or loan.start.year > START_YEAR_MAX or loan.months_between_payments < 1:
        raise TermOutOfBounds(term_months=term or 0, start=loan.start, maximum=TERM_MONTHS_MAX)
    for is_wrong, first, second, rule in (*_wrong_kind(loan), *_wrong_size(loan)):
        if is_wrong:
            raise LoanChoicesContradict(first=first, second=second, rule=rule)


def _wrong_kind(loan: LoanChoices) -> tuple[tuple[bool, str, str, str], ...]:
    repayment, has_term = loan.repayment, loan.term_months is not None
    return (
        (not has_term and repayment not in _OPEN, "repayment", "term_months", "it ends after a term; give one"),
        (has_term and repayment is Repayment.REVOLVING, "repayment", "term_months", "it has no term of its own"),
        (
            loan.instalment is not None and repayment is not Repayment.EQUAL_INSTALMENT,
            *("repayment", "instalment", "only equal instalments have a level"),
        ),
        (
            loan.balloon is not None and repayment is not Repayment.EQUAL_PRINCIPAL,
            *("repayment", "balloon", "a balloon is the rest of equal principal; of an annuity the instalment says it"),
        ),
        (
            loan.grace_payments > 0 and repayment not in _AMORTISING,
            *("repayment", "grace_payments", "grace of principal is for what amortises"),
        ),
        (
            bool(loan.steps) is not (repayment is Repayment.STEPPED),
            *("repayment", "steps", "steps are for stepped repayment, which needs one"),
        ),
        (
            loan.notice_days != 0 and repayment is not Repayment.ON_DEMAND,
            *("repayment", "notice_days", "only what is called has a notice"),
        ),
    )


def _wrong_size(loan: LoanChoices) -> tuple[tuple[bool, str, str, str], ...]:
    months, payments, floating = loan.months_between_payments, loan.payments, loan.floating
    places = [step.first_payment for step in loan.steps]
    is_amortising = loan.repayment in _AMORTISING
    return (
        (
            loan.term_months is not None and loan.term_months % months != 0,
            *("term_months", "months_between_payments", "the term is a whole number of payments"),
        ),
        (
            is_amortising and not 0 <= loan.grace_payments < payments,
            *("grace_payments", "term_months", "grace ends before the last payment"),
        ),
        (
            loan.is_interest_deferred and not loan.grace_payments,
            *("is_interest_deferred", "grace_payments", "interest is deferred within a grace"),
        ),
        (
            loan.balloon is not None and not 0 <= loan.balloon.minor_units < loan.principal.minor_units,
            *("balloon", "principal", "a balloon is a part of the principal"),
        ),
        (
            any(earlier >= later for earlier, later in pairwise((0, *places, payments + 1))) and bool(places),
            *("steps", "term_months", "steps ascend from the first payment to the last"),
        ),
        (any(step.principal.minor_units < 0 for step in loan.steps), "steps", "principal", "a step does not draw"),
        (
            floating is not None and (floating.first_reset <= loan.start or floating.months_between_resets < 1),
            *("floating", "start", "resets come after the start"),
        ),
        (loan.notice_days < 0, "notice_days", "start", "a notice is no time before the call"),
    )
