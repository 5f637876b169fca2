"""What a loan of the credit centre is by the ACTUS standard: its `Terms`, so that everyone sees one kind of contract.

Days of payment are counted from the first one, as ACTUS counts a cycle from its anchor.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from zhongtai.kernel.actus.codes import (
    ContractRole,
    ContractType,
    DayCountConvention,
    EndOfMonthConvention,
    FixedVariable,
    IncreaseDecrease,
)
from zhongtai.kernel.actus.schedules import Cycle, Period
from zhongtai.kernel.actus.terms import Terms
from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.loan_choices import LoanChoices, LoanChoicesContradict, Repayment, Step, check_choices
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.schedule import months_later


class PaymentDayMustRecur(Invalid):
    """The first repayment of principal on {first} falls before the {day}th that later months keep: change the grace
    period, or let the loan start on another day.

    首个还本日{first}早于以后各月的{day}日：请更改宽限期，或更换起始日。
    """

    first: date
    day: int


_DAY_COUNTS = {
    DayCount.ACT_365: DayCountConvention.A365,
    DayCount.ACT_360: DayCountConvention.A360,
    DayCount.THIRTY_E_360: DayCountConvention.THIRTY_E_360,
    DayCount.ACT_ACT: DayCountConvention.AA,
}
_WITHOUT_CYCLE = {Repayment.BULLET, Repayment.STEPPED}
_LAST_DAY = 31
_Told = dict[str, object]


def actus_terms(loan: LoanChoices) -> Terms:
    """The ACTUS terms of a loan, as they stand the day before it is paid out.

    Raises `PrincipalMustBePositive`, `TermOutOfBounds`, `RateOutOfBounds`, `CurrencyMustMatch`,
    `LoanChoicesContradict`, `PaymentDayMustRecur`.
    """
    check_choices(loan)
    build = _TYPES[loan.repayment]
    told: _Told = {
        "contract_id": loan.loan_id,
        "contract_role": ContractRole.RPL if loan.is_liability else ContractRole.RPA,
        "currency": loan.principal.currency,
        "status_date": _midnight(loan.start - timedelta(days=1)),
        "initial_exchange_date": _exchange(loan),
        "notional_principal": _amount(loan.principal),
        "nominal_interest_rate": loan.rate,
        "day_count_convention": _DAY_COUNTS[loan.day_count],
        "end_of_month_convention": _month_end(loan),
        **_resets(loan),
        **build(loan),
    }
    if loan.term_months is not None:
        told["maturity_date"] = _midnight(months_later(loan.start, loan.term_months))
    return Terms(**told)  # type: ignore[arg-type]


# What each way of repayment is


def _annuity(loan: LoanChoices) -> _Told:
    level = {} if loan.instalment is None else {"next_principal_redemption_payment": _amount(loan.instalment)}
    return {"contract_type": ContractType.ANN, **_interest(loan), **_redemption(loan), **level}


def _linear(loan: LoanChoices) -> _Told:
    balloon = 0 if loan.balloon is None else loan.balloon.minor_units
    payments = loan.payments - loan.grace_payments
    part = round(Decimal(loan.principal.minor_units - balloon) / payments)
    if part <= 0:
        raise LoanChoicesContradict(
            first="principal", second="term_months", rule="every payment repays something; shorten the term"
        )
    level = _amount(Money(loan.principal.currency, part))
    terms = {"contract_type": ContractType.LAM, "next_principal_redemption_payment": level}
    return {**terms, **_interest(loan), **_redemption(loan)}


def _interest_only(loan: LoanChoices) -> _Told:
    return {"contract_type": ContractType.PAM, **_interest(loan)}


def _bullet(loan: LoanChoices) -> _Told:
    return {"contract_type": ContractType.PAM}


def _stepped(loan: LoanChoices) -> _Told:
    rates = [step for step in loan.steps if step.rate is not None]
    # A rate holds from the payment before its first one on, from which the interest of that payment runs.
    changed = [loan.payment_day(step.first_payment - 1) for step in rates]
    # A step that begins while the one before still looks for its day takes its place.
    anchoring = {payment for step in loan.steps for payment in _anchoring(loan, step.first_payment)}
    parts, interest = sorted(anchoring), _anchoring(loan, 1)
    steps = [_step_at(loan, payment) for payment in parts]
    return {
        "contract_type": ContractType.LAX,
        "array_cycle_anchor_date_of_interest_payment": _days(loan, interest),
        "array_cycle_of_interest_payment": _cycles(loan, interest),
        "array_cycle_anchor_date_of_principal_redemption": _days(loan, parts),
        "array_cycle_of_principal_redemption": _cycles(loan, parts),
        "array_next_principal_redemption_payment": tuple(_amount(step.principal) for step in steps),
        "array_increase_decrease": (IncreaseDecrease.DEC,) * len(steps),
        "array_cycle_anchor_date_of_rate_reset": tuple(map(_midnight, changed)),
        "array_rate": tuple(step.rate for step in rates),
        "array_fixed_variable": (FixedVariable.F,) * len(rates),
    }


def _call(loan: LoanChoices) -> _Told:
    notice = Period(days=loan.notice_days)
    return {"contract_type": ContractType.CLM, "x_day_notice": notice, **_interest(loan)}


def _revolving(loan: LoanChoices) -> _Told:
    return {"contract_type": ContractType.UMP, **_interest(loan)}


_TYPES = {
    Repayment.EQUAL_INSTALMENT: _annuity,
    Repayment.EQUAL_PRINCIPAL: _linear,
    Repayment.INTEREST_ONLY: _interest_only,
    Repayment.BULLET: _bullet,
    Repayment.STEPPED: _stepped,
    Repayment.ON_DEMAND: _call,
    Repayment.REVOLVING: _revolving,
}


# Cycles


def _interest(loan: LoanChoices) -> _Told:
    deferred: _Told = {}
    if loan.is_interest_deferred:
        ended = months_later(loan.start, loan.months_between_payments * loan.grace_payments)
        deferred["capitalization_end_date"] = _midnight(ended)
    return {
        "cycle_anchor_date_of_interest_payment": _anchor(loan, 1),
        "cycle_of_interest_payment": Cycle(Period(months=loan.months_between_payments), long_stub=False),
        **deferred,
    }


def _redemption(loan: LoanChoices) -> _Told:
    return {
        "cycle_anchor_date_of_principal_redemption": _anchor(loan, loan.grace_payments + 1),
        "cycle_of_principal_redemption": Cycle(Period(months=loan.months_between_payments), long_stub=False),
    }


def _resets(loan: LoanChoices) -> _Told:
    floating = loan.floating
    if floating is None:
        return {}
    return {
        "market_object_code_of_rate_reset": floating.benchmark,
        "rate_spread": floating.spread,
        "cycle_anchor_date_of_rate_reset": _midnight(floating.first_reset),
        "cycle_of_rate_reset": Cycle(Period(months=floating.months_between_resets), long_stub=False),
        "life_cap": floating.cap,
        "life_floor": floating.floor,
    }


# Days


def _anchor(loan: LoanChoices, payment: int) -> datetime:
    """The anchor of a cycle of payments from that one on, counted from which they fall on their days.

    A cycle keeps the day of its anchor. Where the first payment is on a shorter month's last day the cycle is anchored
    at the start itself, a second before the exchange, so that nothing is paid there.
    """
    first = loan.payment_day(payment)
    if not _is_clipped(loan, first):
        return _midnight(first)
    if payment > 1:
        raise PaymentDayMustRecur(first=first, day=loan.start.day)
    return _midnight(loan.start)


def _anchoring(loan: LoanChoices, payment: int) -> tuple[int, ...]:
    """The payments whose days anchor an array from that one on: each on its own up to the first that keeps the day."""
    found = [payment]
    while _is_clipped(loan, loan.payment_day(found[-1])) and found[-1] < loan.payments:
        found.append(found[-1] + 1)
    return tuple(found)


def _days(loan: LoanChoices, payments: Sequence[int]) -> tuple[datetime, ...]:
    return tuple(_midnight(loan.payment_day(payment)) for payment in payments)


def _cycles(loan: LoanChoices, payments: Sequence[int]) -> tuple[Cycle, ...]:
    """A cycle for each anchor; twice as long where the next payment is an anchor itself, so that it holds but one."""
    lone = [payment + 1 in payments for payment in payments]
    return tuple(Cycle(Period(months=loan.months_between_payments * (1 + one)), long_stub=False) for one in lone)


def _step_at(loan: LoanChoices, payment: int) -> Step:
    """The step that holds at a payment."""
    return next(step for step in reversed(loan.steps) if step.first_payment <= payment)


def _exchange(loan: LoanChoices) -> datetime:
    is_anchored_at_start = loan.repayment not in _WITHOUT_CYCLE and _is_clipped(loan, loan.payment_day(1))
    return _midnight(loan.start) + timedelta(seconds=is_anchored_at_start)


def _is_clipped(loan: LoanChoices, day: date) -> bool:
    """Whether a day of payment is not that of the start, and no last day of a month that is for every month."""
    return loan.start.day not in {day.day, _LAST_DAY}


def _month_end(loan: LoanChoices) -> EndOfMonthConvention:
    return EndOfMonthConvention.EOM if loan.start.day == _LAST_DAY else EndOfMonthConvention.SD


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _amount(money: Money) -> Decimal:
    return Decimal(money.minor_units).scaleb(-EXPONENTS[money.currency])
