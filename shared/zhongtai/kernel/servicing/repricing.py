"""When a floating rate takes the quote in force (重定价), and what it then is.

Days are those of the contract: on its own day every so many months (对年对月对日), on 1 January, on a day fixed by the
product, or with each new period. On the day itself the new rate already bears.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from zhongtai.kernel.schedule import months_later
from zhongtai.kernel.servicing.terms import FloatingRate, RepricingRule

HUNDRED = Decimal(100)
_MONTHS_OF_YEAR = 12


def next_repricing(floating: FloatingRate, start: date, due_dates: Sequence[date], after: date) -> date | None:
    """The first re-pricing day after a day, of a loan that began on `start`; None where none is left.

    `due_dates` are those of its instalments in order, not empty: the last is its maturity, when nothing bears any more.
    """
    after = max(after, start)
    day = next(day for day in _days(floating, start, due_dates) if day > after)
    return day if day < due_dates[-1] else None


def rate_by(floating: FloatingRate, quote: Decimal) -> Decimal:
    """The rate by a quote, both in per cent a year: with its spread, within floor and cap, never below zero."""
    rate = quote + floating.spread_percent
    if floating.cap_percent is not None:
        rate = min(rate, floating.cap_percent)
    return max(rate, floating.floor_percent or Decimal(0))


def _days(floating: FloatingRate, start: date, due_dates: Sequence[date]) -> Iterator[date]:
    """The re-pricing days in order, beyond the maturity too."""
    rule = RepricingRule.NEW_YEAR if floating.reprice_on_new_year else floating.rule
    months = floating.reprice_every_months
    if rule is RepricingRule.NEXT_PERIOD:
        yield from due_dates
        yield date.max
    elif rule is RepricingRule.EVERY_MONTHS:
        yield from (months_later(start, months * number) for number in count(1))
    else:
        fixed = floating.fixed_day or date(start.year, 1, 1)
        first = months_later(fixed.replace(day=1), (start.year - fixed.year) * _MONTHS_OF_YEAR)
        of_month = timedelta(days=fixed.day - 1)
        if _in_month(first, of_month) <= start:
            first = months_later(first, _MONTHS_OF_YEAR)
        yield from (_in_month(months_later(first, months * number), of_month) for number in count())


def _in_month(first: date, of_month: timedelta) -> date:
    """The day of a month counted from its first; a 29 February falls on the last day of a shorter one."""
    return min(first + of_month, months_later(first, 1) - timedelta(days=1))
