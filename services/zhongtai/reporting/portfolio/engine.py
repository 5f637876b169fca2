"""The report: groups of loans, as the store sums them, into lines, totals and buckets of arrears.

A night's interest is balance × rate × a day's part of the year. The store sums balance × days, in whole
numbers, over loans of one rate and day count; here each line multiplies exactly, in fractions, and rounds once,
half to even. A total is the sum of its lines.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.rates import DayCount
from zhongtai.reporting.portfolio.domain import ARREARS_BUCKETS, Outcome


@dataclass(frozen=True, slots=True)
class CountFigure:
    """A number of things, and the name to ask for its sources by."""

    figure: str
    value: int


@dataclass(frozen=True, slots=True)
class MoneyFigure:
    """An amount, and the name to ask for its sources by."""

    figure: str
    value: Money


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """What became of the applications of one grade."""

    grade: str
    applications: CountFigure
    approved: CountFigure
    referred: CountFigure
    declined: CountFigure
    taken_up: CountFigure


@dataclass(frozen=True, slots=True)
class DeclineLine:
    """How many applications were declined for one reason."""

    reason: str
    declined: CountFigure


@dataclass(frozen=True, slots=True)
class LoanLine:
    """The loans of one product and grade in one currency; product and grade are empty in a total."""

    product_id: str
    grade: str
    currency_code: str
    loans_disbursed: CountFigure
    disbursed: MoneyFigure
    repaid_principal: MoneyFigure
    repaid_interest: MoneyFigure
    loans_outstanding: CountFigure
    principal_outstanding: MoneyFigure
    loans_in_arrears: CountFigure
    arrears: MoneyFigure
    interest_income: MoneyFigure
    funding_cost: MoneyFigure
    income_after_transfer_price: MoneyFigure


_COUNTS = tuple(field.name for field in fields(LoanLine) if field.type is CountFigure)
_AMOUNTS = tuple(field.name for field in fields(LoanLine) if field.type is MoneyFigure)


@dataclass(frozen=True, slots=True)
class ArrearsLine:
    """The loans in one bucket of arrears and one currency."""

    bucket_id: str
    minimum_days: int
    currency_code: str
    loans_in_arrears: CountFigure
    arrears: MoneyFigure
    principal_outstanding: MoneyFigure


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """So many applications of one grade had one outcome; on so many of them a loan was paid out."""

    grade: str
    outcome: Outcome
    applications: int
    taken_up: int


@dataclass(frozen=True, slots=True)
class BalanceDays:
    """Σ balance in minor units × days, on the three clocks of `DayClock`."""

    actual: int
    thirty: int
    leap: int

    def balance_years(self, day_count: DayCount) -> Fraction:
        """Σ balance × part of a year under a day count, exact (ISDA 2006, 4.16)."""
        match day_count:
            case DayCount.ACT_365:
                return Fraction(self.actual, 365)
            case DayCount.ACT_360:
                return Fraction(self.actual, 360)
            case DayCount.THIRTY_E_360:
                return Fraction(self.thirty, 360)
            case DayCount.ACT_ACT:
                return Fraction(self.leap, 366) + Fraction(self.actual - self.leap, 365)


@dataclass(frozen=True, slots=True)
class LoanGroup:
    """Loans alike in product, grade, currency, rates and day count, summed; amounts in minor units."""

    product_id: str
    grade: str
    currency_code: str
    nominal_interest_rate: Decimal
    transfer_rate: Decimal
    day_count: DayCount
    loans_disbursed: int
    disbursed: int
    repaid_principal: int
    repaid_interest: int
    loans_outstanding: int
    principal_outstanding: int
    balance_days: BalanceDays


_SUMMED = tuple(field.name for field in fields(LoanGroup) if field.name in _COUNTS + _AMOUNTS)


@dataclass(frozen=True, slots=True)
class ArrearsGroup:
    """Loans of one product, grade and currency whose oldest unpaid instalment fell due on one day; in minor units."""

    product_id: str
    grade: str
    currency_code: str
    oldest_due_date: date
    loans: int
    arrears: int
    principal_outstanding: int


def approval_lines(counts: Sequence[OutcomeCount]) -> tuple[tuple[ApprovalLine, ...], ApprovalLine]:
    """One line for each grade, in order, and one for all of them."""
    in_order = sorted(counts, key=lambda count: count.grade)
    lines = [_approvals(grade, list(rows)) for grade, rows in groupby(in_order, key=lambda count: count.grade)]
    return tuple(lines), _approvals("", in_order)


def decline_lines(counts: Iterable[tuple[str, int]]) -> tuple[DeclineLine, ...]:
    """One line for each reason, in the order given."""
    return tuple(DeclineLine(reason, CountFigure("declined", count)) for reason, count in counts)


def loan_lines(
    groups: Iterable[LoanGroup], late: Iterable[ArrearsGroup]
) -> tuple[tuple[LoanLine, ...], tuple[LoanLine, ...]]:
    """One line for each product, grade and currency, and one total for each currency, in order."""
    by_line: dict[tuple[str, str, str], tuple[list[LoanGroup], list[ArrearsGroup]]] = {}
    for group in groups:
        by_line.setdefault((group.product_id, group.grade, group.currency_code), ([], []))[0].append(group)
    for arrears in late:
        by_line[arrears.product_id, arrears.grade, arrears.currency_code][1].append(arrears)
    lines = tuple(_loans(*key, *by_line[key]) for key in sorted(by_line))
    currencies = sorted({line.currency_code for line in lines})
    totals = (_total(currency, [line for line in lines if line.currency_code == currency]) for currency in currencies)
    return lines, tuple(totals)


def arrears_lines(groups: Iterable[ArrearsGroup], as_of: date) -> tuple[ArrearsLine, ...]:
    """One line for each bucket and currency that has any, the shortest first."""
    found: dict[tuple[int, str], list[ArrearsGroup]] = {}
    for group in groups:
        days_past_due = (as_of - group.oldest_due_date).days
        place = max(place for place, bucket in enumerate(ARREARS_BUCKETS) if bucket.minimum_days <= days_past_due)
        found.setdefault((place, group.currency_code), []).append(group)
    return tuple(_arrears(place, currency, found[place, currency]) for place, currency in sorted(found))


def interest(groups: Iterable[LoanGroup], rate: Callable[[LoanGroup], Decimal]) -> int:
    """The interest of groups at a rate of each, in minor units: exact, and rounded once, half to even."""
    exact = sum(
        (group.balance_days.balance_years(group.day_count) * Fraction(rate(group)) for group in groups), Fraction(0)
    )
    return rounded(exact.numerator, exact.denominator)


def _approvals(grade: str, counts: Sequence[OutcomeCount]) -> ApprovalLine:
    def of(outcome: Outcome) -> int:
        return sum(count.applications for count in counts if count.outcome is outcome)

    return ApprovalLine(
        grade=grade,
        applications=CountFigure("applications", sum(count.applications for count in counts)),
        approved=CountFigure("approved", of(Outcome.APPROVE)),
        referred=CountFigure("referred", of(Outcome.REFER)),
        declined=CountFigure("declined", of(Outcome.DECLINE)),
        taken_up=CountFigure("taken_up", sum(count.taken_up for count in counts)),
    )


def _loans(
    product_id: str, grade: str, currency: str, groups: Sequence[LoanGroup], late: Sequence[ArrearsGroup]
) -> LoanLine:
    income = interest(groups, lambda group: group.nominal_interest_rate)
    cost = interest(groups, lambda group: group.transfer_rate)
    figures = {name: sum(getattr(group, name) for group in groups) for name in _SUMMED}
    arrears = {
        "loans_in_arrears": sum(group.loans for group in late),
        "arrears": sum(group.arrears for group in late),
    }
    earned = {"interest_income": income, "funding_cost": cost, "income_after_transfer_price": income - cost}
    return _line(product_id, grade, currency, figures | arrears | earned)


def _total(currency: str, lines: Sequence[LoanLine]) -> LoanLine:
    counts = {name: sum(getattr(line, name).value for line in lines) for name in _COUNTS}
    amounts = {name: sum(getattr(line, name).value.minor_units for line in lines) for name in _AMOUNTS}
    return _line("", "", currency, counts | amounts)


def _line(product_id: str, grade: str, currency: str, figures: Mapping[str, int]) -> LoanLine:
    counts: dict[str, Any] = {name: CountFigure(name, figures[name]) for name in _COUNTS}
    amounts: dict[str, Any] = {name: MoneyFigure(name, Money(currency, figures[name])) for name in _AMOUNTS}
    return LoanLine(product_id=product_id, grade=grade, currency_code=currency, **counts, **amounts)


def _arrears(place: int, currency: str, groups: Sequence[ArrearsGroup]) -> ArrearsLine:
    bucket = ARREARS_BUCKETS[place]
    return ArrearsLine(
        bucket_id=bucket.bucket_id,
        minimum_days=bucket.minimum_days,
        currency_code=currency,
        loans_in_arrears=CountFigure("loans_in_arrears", sum(group.loans for group in groups)),
        arrears=MoneyFigure("arrears", Money(currency, sum(group.arrears for group in groups))),
        principal_outstanding=MoneyFigure(
            "principal_outstanding", Money(currency, sum(group.principal_outstanding for group in groups))
        ),
    )
