"""Repayment schedules (还款计划), exact to the minor unit, and the yearly rate they really bear.

The interest of a period is balance × nominal yearly rate × year fraction of the period, computed exactly and
rounded once, half to even. What rounding leaves over goes into the last instalment, so the principals add up
to the loan. Nothing is a float: a schedule is the same on every machine.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

from zhongtai.kernel.calendar import BankCalendar, BusinessDayConvention
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.rates import DayCount, checked_rate, effective_annual_rate
from zhongtai.kernel.refusals import Invalid

TERM_MONTHS_MAX = 600
START_YEAR_MAX = 9900


class PrincipalMustBePositive(Invalid):
    """The principal {principal} is not above zero: ask for a positive amount.

    本金{principal}须大于零：请填写正数金额。
    """

    principal: Money


class TermOutOfBounds(Invalid):
    """A term of {term_months} months from {start} is not possible: choose 1 to {maximum} months
    and an ordinary start.

    自{start}起{term_months}个月的期限不可行：请选择1至{maximum}个月及合理的起始日。
    """

    term_months: int
    start: date
    maximum: int


class InstalmentMustNotBeZero(Invalid):
    """{principal} is too little for {term_months} instalments, one of them would be nothing:
    shorten the term or raise the amount.

    {principal}分{term_months}期还款时有一期还款额为零：请缩短期限或提高金额。
    """

    principal: Money
    term_months: int


class InstalmentMustRepayPrincipal(Invalid):
    """At {rate} a year, level instalments over {term_months} months would not repay principal every month:
    shorten the term, or repay equal principal.

    年利率{rate}、期限{term_months}个月时，等额本息无法保证每期归还本金：请缩短期限，或改为等额本金。
    """

    rate: Decimal
    term_months: int


class Amortisation(StrEnum):
    """How the principal comes back (还款方式)."""

    EQUAL_INSTALMENT = "EQUAL_INSTALMENT"
    """等额本息: every instalment is the same total, but for the last."""
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    """等额本金: every instalment repays the same principal, but for the last."""
    INTEREST_ONLY = "INTEREST_ONLY"
    """按月付息、到期还本: interest every month, the principal with the last."""
    BULLET = "BULLET"
    """到期一次还本付息: one instalment at maturity, with simple interest for the whole term."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due payment (一期还款); `balance` is the principal outstanding after it."""

    number: int
    due_date: date
    principal: Money
    interest: Money
    total: Money
    balance: Money


def repayment_schedule(
    *,
    principal: Money,
    nominal_interest_rate: Decimal,
    term_months: int,
    start: date,
    day_count: DayCount,
    amortisation: Amortisation,
    calendar: BankCalendar | None = None,
    convention: BusinessDayConvention = BusinessDayConvention.UNADJUSTED,
    elapsed_months: int = 0,
) -> tuple[Instalment, ...]:
    """The instalments of a loan paid out on `start`: one each month, or one at maturity for a bullet.

    Where `elapsed_months` of the term are over, the instalments of the months that remain, numbered from 1, for a
    `principal` that remains.

    Due dates fall on the day of the month of `start`, clipped to short months; the day itself is kept (31
    Jan, 28 Feb, 31 Mar). With a calendar they are adjusted, each from its unadjusted date, and interest runs
    to the adjusted dates. `nominal_interest_rate` is a year's rate: 0.12 = 12 %; at zero, the instalments of
    an interest-only loan are zero but for the last.
    Raises `PrincipalMustBePositive`, `RateOutOfBounds`, `TermOutOfBounds`, `InstalmentMustNotBeZero`,
    `InstalmentMustRepayPrincipal`, `DateOutsideCalendar`.
    """
    rate = checked_rate(nominal_interest_rate)
    if not principal.minor_units > 0:
        raise PrincipalMustBePositive(principal=principal)
    if not 1 <= term_months <= TERM_MONTHS_MAX or start.year > START_YEAR_MAX or elapsed_months >= term_months:
        raise TermOutOfBounds(term_months=term_months, start=start, maximum=TERM_MONTHS_MAX)
    months = [term_months] if amortisation is Amortisation.BULLET else range(elapsed_months + 1, term_months + 1)
    begin, *due_dates = (months_later(start, month) for month in (elapsed_months, *months))
    if calendar is not None:
        due_dates = [calendar.adjust(day, convention) for day in due_dates]
    growths = _growths(rate, [day_count.year_fraction(*period) for period in pairwise((begin, *due_dates))])
    parts = _principal_parts(principal.minor_units, growths, amortisation)
    if parts is None and principal.minor_units >= len(months) and amortisation is Amortisation.EQUAL_INSTALMENT:
        raise InstalmentMustRepayPrincipal(rate=nominal_interest_rate, term_months=term_months)
    instalments = _instalments(principal, due_dates, growths, parts) if parts else ()
    if not instalments or (rate and any(not instalment.total for instalment in instalments)):
        raise InstalmentMustNotBeZero(principal=principal, term_months=term_months)
    return instalments


def accrued_interest(
    balance: Money, nominal_interest_rate: Decimal, start: date, end: date, day_count: DayCount
) -> Money:
    """The interest of a balance from `start` (included) to `end` (not included), rounded once, half to even.

    Raises `RateOutOfBounds`, `DatesMustBeInOrder`, `AmountOutOfBounds`.
    """
    return balance.times(checked_rate(nominal_interest_rate) * day_count.year_fraction(start, end))


def due_up_to(instalments: Sequence[Instalment], day: date) -> tuple[Instalment, ...]:
    """The instalments due on or before the day, paid or not."""
    return tuple(instalment for instalment in instalments if instalment.due_date <= day)


def annual_percentage_rate(principal: Money, instalments: Sequence[Instalment], start: date) -> Decimal:
    """The effective yearly rate of a loan, compounded, as a `Decimal` of six places: 0.126825 = 12.6825 %.

    The equation is that of Directive 2008/48/EC, Annex I, part I, with times as actual days over 365. It is
    also the internal rate of return of the annualised rate that lenders in China must show
    (中国人民银行公告〔2021〕第3号). Raises `PrincipalMustBePositive`, `DatesMustBeInOrder`,
    `PaymentsMustYieldRate`.
    """
    if not principal.minor_units > 0:
        raise PrincipalMustBePositive(principal=principal)
    payments = [
        (DayCount.ACT_365.year_fraction(start, instalment.due_date), instalment.total.minor_units)
        for instalment in instalments
    ]
    return effective_annual_rate(principal.minor_units, payments)


def months_later(anchor: date, months: int) -> date:
    """The same day of the month, `months` later, or the last day of that month where it is shorter."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class _Growths:
    """How much a balance grows by interest in each period: `parts` of one `unit`, so that nothing is ever reduced."""

    parts: tuple[int, ...]
    unit: int

    def interest(self, balance: int, place: int) -> int:
        """The interest of a period on a balance, in minor units, rounded once, half to even."""
        return rounded(balance * self.parts[place], self.unit)


def _growths(rate: Fraction, periods: Sequence[Fraction]) -> _Growths:
    """The growths at a yearly rate over periods given in years."""
    unit = lcm(*(period.denominator for period in periods))
    parts = (rate.numerator * period.numerator * (unit // period.denominator) for period in periods)
    return _Growths(tuple(parts), unit * rate.denominator)


def _principal_parts(principal: int, growths: _Growths, amortisation: Amortisation) -> list[int] | None:
    """The principal of each instalment in minor units, or None where it cannot be shared out so."""
    count = len(growths.parts)
    match amortisation:
        case Amortisation.EQUAL_INSTALMENT:
            return _level_parts(principal, growths)
        case Amortisation.EQUAL_PRINCIPAL:
            part = rounded(principal, count)
            last = principal - part * (count - 1)
            return [part] * (count - 1) + [last] if min(part, last) > 0 else None
        case Amortisation.INTEREST_ONLY | Amortisation.BULLET:
            return [0] * (count - 1) + [principal]


def _level_parts(principal: int, growths: _Growths) -> list[int] | None:
    """The parts under the level total whose last total differs least from the others.

    The level is solved exactly, then it and its neighbours are tried with every interest rounded. That
    suffices: each interest and the level itself are off by half a minor unit at most, which moves the best
    level by one. On a tie the rounded solution stands, then the lower level.
    """
    exact_level = _exact_level(principal, growths)
    best: tuple[int, list[int]] | None = None
    for level in (exact_level, exact_level - 1, exact_level + 1):
        parts = _parts_under(level, principal, growths)
        if parts is not None:
            difference = abs(parts[-1] + growths.interest(parts[-1], -1) - level)
            if best is None or difference < best[0]:
                best = (difference, parts)
    return best[1] if best else None


def _exact_level(principal: int, growths: _Growths) -> int:
    """The level L solving principal × Πf = L × Σ(products of the later f), with f = 1 + growth; rounded once.

    All factors stand over one unit, so the sums are plain integers and no fraction is ever reduced.
    """
    grown, paid, power = principal, 0, 1
    for part in growths.parts:
        factor = growths.unit + part
        power *= growths.unit
        grown *= factor
        paid = paid * factor + power
    return rounded(grown, paid)


def _parts_under(level: int, principal: int, growths: _Growths) -> list[int] | None:
    """The principal parts when each total but the last is `level`.

    None where one of them would repay nothing, or the loan would be repaid before the last.
    """
    parts, balance = [], principal
    for place in range(len(growths.parts) - 1):
        part = level - growths.interest(balance, place)
        balance -= part
        if part <= 0 or balance <= 0:
            return None
        parts.append(part)
    return [*parts, balance]


def _instalments(
    principal: Money, due_dates: Sequence[date], growths: _Growths, parts: Sequence[int]
) -> tuple[Instalment, ...]:
    balances = list(accumulate(parts, int.__sub__, initial=principal.minor_units))
    assert balances[-1] == 0, "the principals add up to the loan"
    interests = [growths.interest(balance, place) for place, balance in enumerate(balances[:-1])]
    rows = zip(due_dates, parts, interests, balances[1:], strict=True)
    return tuple(
        Instalment(
            number=number,
            due_date=due_date,
            principal=Money(principal.currency, part),
            interest=Money(principal.currency, interest),
            total=Money(principal.currency, part + interest),
            balance=Money(principal.currency, balance),
        )
        for number, (due_date, part, interest, balance) in enumerate(rows, start=1)
    )
