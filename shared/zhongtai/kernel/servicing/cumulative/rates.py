"""Figures of the cumulative convention: lengths in periods, rounding to minor units and to multiples."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

from zhongtai.kernel.servicing.interest.spans import add_units, next_due, units_between
from zhongtai.kernel.servicing.terms import DaysInYear, InterestPeriod, Terms, Unit

CONTEXT = Context(prec=19, rounding=ROUND_HALF_EVEN)
PERIODS_IN_YEAR = {Unit.DAYS: 365, Unit.WEEKS: 52, Unit.MONTHS: 12, Unit.YEARS: 1}
DAYS_IN_YEAR = {DaysInYear.D360: 360, DaysInYear.D364: 364, DaysInYear.D365: 365}


def periods_in_year(terms: Terms) -> int:
    """How many periods of the rate a year holds."""
    fixed = DAYS_IN_YEAR.get(terms.interest.days_in_year)
    if terms.interest.period is InterestPeriod.DAILY:
        return fixed or PERIODS_IN_YEAR[Unit.DAYS]
    if terms.repayment.unit is Unit.DAYS and fixed:
        return fixed
    return PERIODS_IN_YEAR[terms.repayment.unit]


def periods_between(terms: Terms, start: date, end: date) -> Decimal:
    """How many repayment units lie between two days; the days left over are a part of the unit they fall in."""
    unit = terms.repayment.unit
    if unit is Unit.DAYS:
        return Decimal((end - start).days)
    whole = units_between(start, end, unit)
    since, until = add_units(start, unit, whole), add_units(start, unit, whole + 1)
    return Decimal(whole) + CONTEXT.divide(Decimal((end - since).days), Decimal((until - since).days))


def last_due(terms: Terms, start: date, count: int) -> date:
    """The due date of the last instalment, before any change."""
    due = start
    for number in range(1, count + 1):
        due = next_due(due, terms.repayment.unit, terms.repayment.every, start)
        if number == 1 and terms.repayment.first_due_on is not None:
            due = terms.repayment.first_due_on
    return due


def minor(amount: Decimal) -> int:
    """The nearest minor unit, half to even."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))


def multiple(amount: int, of: int | None) -> int:
    """The nearest multiple, half to even; the amount itself where there is none to keep to."""
    return amount if not of else int((Decimal(amount) / of).quantize(Decimal(1), ROUND_HALF_EVEN)) * of
