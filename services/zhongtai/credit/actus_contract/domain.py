"""A loan as one contract of the ACTUS standard (标准合约): its terms, and the cash flows these make.

Always true: the cash flows are those of the loan's own schedule, to the minor unit by which each instalment rounds.
What the standard has no term for is refused by the parameter's name; what came out otherwise, whatever the reason, by
the day it differs on. So nobody downstream values a contract that the loan is not.

Source: ACTUS technical specification v1.1 and dictionary v1.4, as `zhongtai.kernel.actus` evaluates them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan.domain import Terms as AgreedTerms
from zhongtai.credit.loan_account.domain import PlanRow
from zhongtai.kernel.actus.codes import EventType
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.observed import Observed
from zhongtai.kernel.actus.terms import Terms
from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.loan_choices import Floating, LoanChoices, Repayment, Step
from zhongtai.kernel.loan_terms import actus_terms
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Unmet
from zhongtai.kernel.servicing.repricing import next_repricing
from zhongtai.kernel.servicing.terms import (
    Amortization,
    ChargeTime,
    DaysInMonth,
    DaysInYear,
    Interest,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    RepricingRule,
    Unit,
)
from zhongtai.kernel.servicing.terms import Terms as ServicedTerms


class LoanMustBeInForce(Unmet):
    """The loan {loan_id} is {status}: only a loan that is agreed and not yet settled is a contract.

    贷款{loan_id}状态为{status}：仅已约定且未结清的贷款构成合约。
    """

    loan_id: str
    status: str


class ConventionMustHaveActusTerm(Unmet):
    """The convention {parameter} has no term in the ACTUS standard, for {rule}: see the loan's own schedule instead.

    约定{parameter}在ACTUS标准中没有对应条款（原因：{rule}）：请改用贷款自身的还款计划。
    """

    parameter: str
    rule: str


class ContractMustFollowSchedule(Unmet):
    """On {on} the schedule has {scheduled} of {part} and the contract {told}: see the loan's own schedule instead.

    {on}还款计划的{part}为{scheduled}，而标准合约为{told}：请改用贷款自身的还款计划。
    """

    on: date
    part: str
    scheduled: Money
    told: Money


class Planned(Protocol):
    """A line of a schedule."""

    @property
    def due_date(self) -> date:
        """When it is due."""

    @property
    def principal(self) -> Money:
        """What of it repays principal."""

    @property
    def interest(self) -> Money:
        """What of it is interest."""


@dataclass(frozen=True, slots=True)
class CashFlow:
    """An event of a contract; `number` counts from 1, `payoff` is what the bank receives, rounded once, half to even.

    `notional_principal` is the principal owed to the bank after it, rounded so too.
    """

    number: int
    event_type: str
    on: date
    payoff: Money
    notional_principal: Money


_HOLIDAYS = "its calendars know weekends alone, no holidays and no worked weekends"

# Loans whose schedule was agreed once and for all


def must_be_in_force(loan: LoanSummary) -> None:
    """Refuses `LoanMustBeInForce` where nothing is agreed yet, or nothing is owed any more."""
    if loan.status not in (LoanStatus.PENDING, LoanStatus.ACTIVE):
        raise LoanMustBeInForce(loan_id=loan.loan_id, status=loan.status)


def agreed(contract_id: str, terms: AgreedTerms, plan: Sequence[Planned]) -> Terms:
    """The contract of a loan that follows its agreed schedule. Raises what `actus_terms` raises.

    Raises `ContractMustFollowSchedule`.
    """
    if terms.holidays is not None:
        raise ConventionMustHaveActusTerm(parameter="holidays", rule=_HOLIDAYS)
    repayment = Repayment(terms.amortisation)
    choices = LoanChoices(
        loan_id=contract_id,
        principal=terms.principal,
        rate=terms.nominal_interest_rate,
        repayment=repayment,
        start=terms.start_date,
        day_count=terms.day_count,
        term_months=terms.term_months,
        instalment=_level(plan[0]) if repayment is Repayment.EQUAL_INSTALMENT else None,
    )
    return _following(choices, plan)


# Loans that are serviced by conventions

_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_REPAYMENTS = {
    Amortization.EQUAL_INSTALMENTS: Repayment.EQUAL_INSTALMENT,
    # Of an annuity the instalment says how much is left to the maturity.
    Amortization.BALLOON: Repayment.EQUAL_INSTALMENT,
    Amortization.INTEREST_ONLY_THEN_EQUAL_INSTALMENTS: Repayment.EQUAL_INSTALMENT,
    Amortization.EQUAL_PRINCIPAL: Repayment.EQUAL_PRINCIPAL,
    # By the conventions a bullet pays its interest every period.
    Amortization.BULLET: Repayment.INTEREST_ONLY,
    Amortization.STEPS: Repayment.STEPPED,
    Amortization.CUSTOM: Repayment.STEPPED,
}
_GRACE = {Repayment.EQUAL_INSTALMENT, Repayment.EQUAL_PRINCIPAL}
_DAY_COUNTS = {
    (DaysInMonth.THIRTY, DaysInYear.D360): DayCount.THIRTY_E_360,
    (DaysInMonth.ACTUAL, DaysInYear.D360): DayCount.ACT_360,
    (DaysInMonth.ACTUAL, DaysInYear.D365): DayCount.ACT_365,
    (DaysInMonth.ACTUAL, DaysInYear.ACTUAL): DayCount.ACT_ACT,
}


def serviced(contract_id: str, terms: ServicedTerms, plan: Sequence[PlanRow]) -> Terms:
    """The contract of a loan account from its conventions and its plan as it stands, disbursements included.

    Raises `ConventionMustHaveActusTerm`, `ContractMustFollowSchedule` and what `actus_terms` raises.
    """
    _must_have_terms(terms)
    exchanges = [row for row in plan if row.number < 0]
    if len(exchanges) > 1:
        raise ConventionMustHaveActusTerm(parameter="tranches", rule="a contract is exchanged once")
    start, principal = terms.expected_disbursement_on, terms.principal
    for exchange in exchanges:
        start, principal = exchange.due_date, exchange.detail.disbursed
    lines = [row for row in plan if row.number > 0]
    own = terms.repayment
    repayment, every = _REPAYMENTS[own.amortization], own.every * _MONTHS[own.unit]
    grace = max(own.grace_principal, own.interest_only) if repayment in _GRACE else 0
    choices = LoanChoices(
        loan_id=contract_id,
        principal=Money(terms.currency, principal),
        rate=terms.interest.rate_per_year / 100,
        repayment=repayment,
        start=start,
        day_count=_DAY_COUNTS[_counted(terms.interest)],
        term_months=len(lines) * every,
        months_between_payments=every,
        instalment=_level(lines[grace]) if repayment is Repayment.EQUAL_INSTALMENT and grace < len(lines) else None,
        grace_payments=grace,
        steps=_steps(lines) if repayment is Repayment.STEPPED else (),
        floating=_floating(terms, start, [line.due_date for line in lines]),
    )
    return _following(choices, lines)


def _must_have_terms(terms: ServicedTerms) -> None:
    """Refuses `ConventionMustHaveActusTerm` for the first convention that the standard cannot say."""
    interest, own = terms.interest, terms.repayment
    in_steps = _REPAYMENTS[own.amortization] is Repayment.STEPPED
    rules = (
        ("repayment.unit", own.unit in _MONTHS, "its instalments are counted in months"),
        ("repayment.fixed_length_days", own.fixed_length_days is None, "its last instalment keeps the day of the rest"),
        ("repayment.interest_free", not own.interest_free, "its interest accrues from the exchange to the maturity"),
        ("repayment.grace_interest_payment", not own.grace_interest_payment, "what is not paid bears interest itself"),
        ("interest.method", interest.method is InterestMethod.DECLINING_BALANCE, "interest is of the notional owed"),
        ("interest.leap_year", interest.leap_year is LeapYear.FULL_LEAP_YEAR, "its day counts know no such year"),
        ("interest.days_in_year", _counted(interest) in _DAY_COUNTS, "it has no such day count"),
        ("interest.on_disbursement_day", not interest.on_disbursement_day, "its periods hold one of their two ends"),
        ("interest.floating", interest.floating is None or not in_steps, "rates by steps are told, not reset"),
        ("down_payment", terms.down_payment is None, "nothing is repaid at the exchange"),
        ("tranches", terms.tranches is None, "a contract is exchanged once"),
        ("holidays", terms.holidays is None, _HOLIDAYS),
        # What is charged for being late is no promise of the contract, any other charge is.
        ("charges", all(one.time is ChargeTime.OVERDUE for one in terms.charges), "its fees accrue day by day"),
    )
    for parameter, holds, rule in rules:
        if not holds:
            raise ConventionMustHaveActusTerm(parameter=parameter, rule=rule)


def _counted(interest: Interest) -> tuple[DaysInMonth, DaysInYear]:
    """How days are counted; where a month is a twelfth of a year, as 30/360 does."""
    if interest.period is InterestPeriod.SAME_AS_REPAYMENT_PERIOD:
        return DaysInMonth.THIRTY, DaysInYear.D360
    return interest.days_in_month, interest.days_in_year


def _floating(terms: ServicedTerms, start: date, due_dates: Sequence[date]) -> Floating | None:
    """The resets of a floating rate; None where the rate is fixed, or the loan ends before its first."""
    told = terms.interest.floating
    first = None if told is None else next_repricing(told, start, due_dates, start)
    if told is None or first is None:
        return None
    with_periods = told.rule is RepricingRule.NEXT_PERIOD
    own = terms.repayment
    return Floating(
        benchmark=told.market,
        spread=told.spread_percent / 100,
        first_reset=first,
        months_between_resets=own.every * _MONTHS[own.unit] if with_periods else told.reprice_every_months,
        cap=None if told.cap_percent is None else told.cap_percent / 100,
        floor=None if told.floor_percent is None else told.floor_percent / 100,
    )


def _steps(lines: Sequence[Planned]) -> tuple[Step, ...]:
    """The principal of each line, told where it changes; what the last one repays is the rest at the maturity."""
    steps: list[Step] = []
    for number, line in enumerate(lines[:-1] or lines, 1):
        if not steps or steps[-1].principal != line.principal:
            steps.append(Step(first_payment=number, principal=line.principal))
    return tuple(steps)


def _level(line: Planned) -> Money:
    return line.principal + line.interest


# The contract beside the schedule

_PARTS = {"principal": (EventType.PR, EventType.MD), "interest": (EventType.IP,)}


def _following(choices: LoanChoices, plan: Sequence[Planned]) -> Terms:
    """The terms, if they pay what the schedule says until the rate is reset for the first time.

    A schedule rounds each instalment, a contract none: they may be as many minor units apart as instalments rounded.
    """
    fixed = actus_terms(replace(choices, floating=None))
    events, currency = cash_flows(fixed, Observed()), choices.principal.currency
    for part, types in _PARTS.items():
        paid = _by_day((event.time.date(), Fraction(event.payoff)) for event in events if event.type in types)
        due = _by_day((line.due_date, _units(getattr(line, part))) for line in plan)
        days = sorted(day for day in {*due, *paid} if choices.floating is None or day <= choices.floating.first_reset)
        for number, day in enumerate(days, 1):
            scheduled, told = due.get(day, Fraction(0)), paid.get(day, Fraction(0))
            if abs(told - scheduled) > number * _units(Money(currency, 1)):
                raise ContractMustFollowSchedule(
                    on=day, part=part, scheduled=_money(scheduled, currency), told=_money(told, currency)
                )
    return fixed if choices.floating is None else actus_terms(choices)


def _by_day(amounts: Iterable[tuple[date, Fraction]]) -> dict[date, Fraction]:
    """The sum of each day."""
    sums: dict[date, Fraction] = {}
    for day, amount in amounts:
        sums[day] = sums.get(day, Fraction(0)) + amount
    return sums


# Cash flows

BenchmarkRates = Sequence[tuple[str, date, Decimal]]


def flows(terms: Terms, benchmark_rates: BenchmarkRates = ()) -> tuple[CashFlow, ...]:
    """The events of a contract in their order; `benchmark_rates` are codes, first days and yearly rates.

    Raises `MarketNotObserved` where a rate is reset by a benchmark that is not told.
    """
    events = cash_flows(terms, Observed(_markets(benchmark_rates)))
    return tuple(
        CashFlow(
            number=number,
            event_type=event.type,
            on=event.time.date(),
            payoff=_money(Fraction(event.payoff), event.currency),
            notional_principal=_money(Fraction(event.state.notional_principal), event.currency),
        )
        for number, event in enumerate(events, 1)
    )


def _markets(benchmark_rates: BenchmarkRates) -> Mapping[str, tuple[tuple[datetime, Decimal], ...]]:
    rows: dict[str, list[tuple[datetime, Decimal]]] = {}
    for code, on, rate in benchmark_rates:
        rows.setdefault(code, []).append((datetime.combine(on, time()), rate))
    return {code: tuple(sorted(found, key=lambda row: row[0])) for code, found in rows.items()}


def _units(amount: Money) -> Fraction:
    """An amount in units of its currency, as the engine has it."""
    return Fraction(amount.minor_units, 10 ** EXPONENTS[amount.currency])


def _money(amount: Fraction, currency: str) -> Money:
    in_minor_units = amount * 10 ** EXPONENTS[currency]
    return Money(currency, rounded(in_minor_units.numerator, in_minor_units.denominator))
