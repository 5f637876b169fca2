"""Rate factors: what part of a balance is its interest over a run of days, by day count and year rules.

A factor is yearly rate × year fraction. Every step is rounded to 19 significant digits, half to even, and the
factor itself to 19 places: the arithmetic of Apache Fineract's progressive loans (SOURCE: the acceptance suite of
apache/fineract, `develop` of 2026-06-29), which the convention `fineract-progressive` reproduces to the cent.
"""

from calendar import isleap
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from zhongtai.kernel.servicing.interest.spans import add_units, units_between
from zhongtai.kernel.servicing.terms import (
    Amortization,
    DaysInMonth,
    DaysInYear,
    Direction,
    Holidays,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    PreClosure,
    Rest,
    Step,
    Terms,
    Unit,
)

DIGITS = 19
CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_QUANTUM = Decimal(1).scaleb(-DIGITS)
_WIDE = Context(prec=2 * DIGITS, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal(0)
_ONE = Decimal(1)


def rounded(amount: Decimal) -> int:
    """Whole minor units, half to even."""
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


def divided(amount: int, parts: int) -> int:
    """`amount` over `parts` in whole minor units, half to even."""
    return rounded(CONTEXT.divide(amount, parts))


@dataclass(frozen=True, slots=True)
class InterestRules:
    """The conventions the interest of one loan follows: what of `Terms` the interest model needs.

    `rate` is percent per year (12 is 12 %); `multiple` is in minor units, 0 for none. Grace counts repayment
    periods: of principal, they pay interest only; of interest, they pay none of it. `shifted` are the due dates that
    went elsewhere, agreed and moved, where interest counts the days agreed.
    """

    rate: Decimal
    method: InterestMethod = InterestMethod.DECLINING_BALANCE
    year: DaysInYear = DaysInYear.ACTUAL
    month: DaysInMonth = DaysInMonth.ACTUAL
    leap_year: LeapYear = LeapYear.FULL_LEAP_YEAR
    counts_disbursement_day: bool = False
    unit: Unit = Unit.MONTHS
    every: int = 1
    count: int = 1
    period: InterestPeriod = InterestPeriod.DAILY
    partial_periods: bool = True
    multiple: int = 0
    grace_principal: int = 0
    grace_interest: int = 0
    full_term_tranches: bool = False
    rest: Rest = Rest.DAILY
    pre_closure: PreClosure = PreClosure.TILL_PRE_CLOSURE_DATE
    vertical: bool = False
    amortization: Amortization = Amortization.EQUAL_INSTALMENTS
    balloon: int = 0
    steps: tuple[Step, ...] = ()
    custom_principal: tuple[int, ...] = ()
    holidays: Holidays | None = None
    shifted: tuple[tuple[date, date], ...] = ()

    def agreed(self, day: date) -> date:
        """The day interest counts for: from the day agreed to the one its due date went to, that agreed."""
        for agreed, moved in self.shifted:
            if min(agreed, moved) <= day <= max(agreed, moved):
                return agreed
        return day

    def one_tranche(self) -> "InterestRules":
        """The rules a tranche is spread by when it runs a full term of its own: nothing but rate and day count."""
        return replace(
            self,
            multiple=0,
            grace_principal=0,
            grace_interest=0,
            full_term_tranches=False,
            period=InterestPeriod.DAILY,
            amortization=Amortization.EQUAL_INSTALMENTS,
            balloon=0,
        )


def rules_of(terms: Terms) -> InterestRules:
    """The interest rules that these terms ask for."""
    interest, repayment, recalculation = terms.interest, terms.repayment, terms.recalculation
    grace = repayment.grace_principal
    if repayment.amortization is Amortization.BULLET:
        grace = max(grace, repayment.instalments - 1)
    elif repayment.amortization is Amortization.INTEREST_ONLY_THEN_EQUAL_INSTALMENTS:
        grace = max(grace, repayment.interest_only)
    return InterestRules(
        rate=interest.rate_per_year,
        method=interest.method,
        year=interest.days_in_year,
        month=interest.days_in_month,
        leap_year=interest.leap_year,
        counts_disbursement_day=interest.on_disbursement_day,
        unit=repayment.unit,
        every=repayment.every,
        count=repayment.instalments,
        period=interest.period,
        partial_periods=interest.partial_periods,
        multiple=repayment.multiples_of or 0,
        grace_principal=grace,
        grace_interest=repayment.grace_interest_payment,
        full_term_tranches=terms.tranches is not None and terms.tranches.full_term,
        rest=recalculation.rest if recalculation else Rest.DAILY,
        pre_closure=recalculation.pre_closure if recalculation else PreClosure.TILL_PRE_CLOSURE_DATE,
        vertical=terms.allocation.direction is Direction.VERTICAL,
        amortization=repayment.amortization,
        holidays=terms.holidays,
        balloon=repayment.balloon,
        steps=repayment.steps,
        custom_principal=repayment.custom_principal,
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """One run of days inside one repayment period: the run (start, due], the period (period_start, period_due]."""

    start: date
    due: date
    period_start: date
    period_due: date

    @property
    def counted(self) -> int:
        return (self.due - self.start).days

    @property
    def whole(self) -> int:
        return (self.period_due - self.period_start).days


class RateFactors:
    """The factors of one loan: remembers what it has computed, for a replay asks the same many times.

    `origin` is the day the loan's periods are counted from: it decides which dates are whole months of 30 days.
    """

    def __init__(self, rules: InterestRules) -> None:
        self.rules = rules
        self._known: dict[tuple[object, ...], Decimal] = {}

    def of_instalment(self, rate: Decimal, start: date, due: date, period: tuple[date, date]) -> Decimal:
        """The factor that equal instalments are solved with: a period of thirty-day months counts `every` months."""
        return self._factor(rate, start, due, period, None)

    def of_interest(self, rate: Decimal, start: date, due: date, period: tuple[date, date], origin: date) -> Decimal:
        """The factor interest is counted with: a period that is no whole number of months counts its part of one."""
        return self._factor(rate, start, due, period, origin)

    def _factor(self, rate: Decimal, start: date, due: date, period: tuple[date, date], origin: date | None) -> Decimal:
        key = (rate, start, due, period, origin)
        known = self._known.get(key)
        if known is None:
            days = _Days(*(self.rules.agreed(day) for day in (start, due, *period)))
            known = self._compute(rate, days, origin)
            self._known[key] = known
        return known

    def _compute(self, rate: Decimal, days: _Days, origin: date | None) -> Decimal:
        rules = self.rules
        if rules.period is InterestPeriod.SAME_AS_REPAYMENT_PERIOD and rules.unit in (Unit.MONTHS, Unit.WEEKS):
            per_year = 12 if rules.unit is Unit.MONTHS else 52
            return _of_period(rate, _ONE, Decimal(rules.every), per_year, days)
        if self._crosses_years(days):
            return _plain(rate, self._year_fraction(days))
        year_days = self._year_days(days)
        if rules.month is DaysInMonth.ACTUAL:
            return _plain(rate, CONTEXT.divide(Decimal(days.counted), Decimal(year_days)))
        every = Decimal(rules.every) if origin is None else _whole_units(rules.unit, origin, days, rules.every)
        multiplier = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 30, Unit.YEARS: 360}[rules.unit]
        return _of_period(rate, Decimal(multiplier), every, year_days, days)

    def _crosses_years(self, days: _Days) -> bool:
        """A run that crosses New Year is split there, each part over its own year, when years are actual."""
        if self.rules.year is not DaysInYear.ACTUAL or days.due.year <= days.start.year:
            return False
        return self.rules.leap_year is not LeapYear.FEB_29_PERIOD_ONLY or _holds_leap_day(
            days.period_start, days.period_due
        )

    def _year_days(self, days: _Days) -> int:
        if self.rules.year is not DaysInYear.ACTUAL:
            return int(self.rules.year[1:])
        if not isleap(days.start.year):
            return 365
        if self.rules.leap_year is LeapYear.FEB_29_PERIOD_ONLY:
            return 366 if _holds_leap_day(days.period_start, days.period_due) else 365
        return 366

    def _year_fraction(self, days: _Days) -> Decimal:
        total = _ZERO
        start = days.start
        for year in range(days.start.year, days.due.year + 1):
            last = date(year + 1, 1, 1) if self.rules.counts_disbursement_day else date(year, 12, 31)
            end = days.due if year == days.due.year else last
            part = CONTEXT.divide(Decimal((end - start).days), Decimal(366 if isleap(year) else 365))
            total = CONTEXT.add(total, part)
            start = end
        return total


def _holds_leap_day(start: date, due: date) -> bool:
    """Whether (start, due] holds a 29 February."""
    return any(isleap(year) and start < date(year, 2, 29) <= due for year in range(start.year, due.year + 1))


def _plain(rate: Decimal, fraction: Decimal) -> Decimal:
    return CONTEXT.multiply(rate, fraction).quantize(_QUANTUM, context=_WIDE)


def _of_period(rate: Decimal, multiplier: Decimal, every: Decimal, year_days: int, days: _Days) -> Decimal:
    """rate × (multiplier × every ÷ days of the year) × days counted ÷ days of the period."""
    if days.whole == 0:
        return _ZERO
    fraction = CONTEXT.divide(CONTEXT.multiply(multiplier, every), Decimal(year_days))
    counted = CONTEXT.multiply(CONTEXT.multiply(rate, fraction), Decimal(days.counted))
    return CONTEXT.divide(counted, Decimal(days.whole)).quantize(_QUANTUM, context=_WIDE)


def _whole_units(unit: Unit, origin: date, days: _Days, every: int) -> Decimal:
    """How many units the period holds: whole units counted from the seed, and the part of one that is left."""
    seed = _seed(unit, origin, days, every)
    passed = _units_passed(unit, seed, days.period_start)
    multiple = passed + 1
    reached = days.period_start
    while reached < days.period_due:
        reached = add_units(seed, unit, multiple)
        if reached > days.period_due:
            whole = multiple - passed - 1
            begin = add_units(seed, unit, whole)
            part = CONTEXT.divide(Decimal((days.period_due - begin).days), Decimal((reached - begin).days))
            return part + whole
        multiple += 1
    return Decimal(multiple - passed - 1)


def _seed(unit: Unit, origin: date, days: _Days, every: int) -> date:
    """Units are counted from the loan's own start where the period lies on that grid, else from the period's start."""
    multiple = 1
    while (reached := add_units(origin, unit, multiple)) < days.period_due:
        multiple += 1
    on_grid = reached == days.period_due and add_units(reached, unit, -every) == days.period_start
    return origin if on_grid else days.period_start


def _units_passed(unit: Unit, seed: date, start: date) -> int:
    """Whole units from the seed to the start; a month's last day completes a month the seed's day does not reach."""
    last_of_month = (start + timedelta(days=1)).day == 1
    if unit is Unit.MONTHS and last_of_month and seed.day > start.day:
        start += timedelta(days=1)
    return units_between(seed, start, unit)
