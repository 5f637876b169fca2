"""The cumulative convention: a plan written period by period, from the amounts planned so far.

Rules read from Apache Fineract's cumulative schedule generator (Apache-2.0), in our own words:

* The equal instalment is the annuity of everything lent, at the rate of a standard period (thirty days of a year of
  365 where days count), rounded to the terms' multiples. Interest comes first, the rest of it is principal, and the
  last instalment takes what is left.
* A balance that changes within a period bears interest piece by piece, and every piece is rounded to the minor unit.
* Flat interest is the rate on everything lent over the whole term, in equal parts; the last one takes the rest.
* A tranche paid out within a period joins the balance of that period; instalments already planned stand.

Rates have 19 digits, rounded half to even. Amounts are minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zhongtai.kernel.servicing.cumulative.rates import (
    CONTEXT,
    DAYS_IN_YEAR,
    last_due,
    minor,
    multiple,
    periods_between,
    periods_in_year,
)
from zhongtai.kernel.servicing.instalments import INTEREST, Instalment, parts
from zhongtai.kernel.servicing.interest.spans import add_units, next_due
from zhongtai.kernel.servicing.terms import (
    Amortization,
    DaysInMonth,
    InterestMethod,
    InterestPeriod,
    RepaymentStart,
    Terms,
    Unit,
)

STANDARD_MONTH_DAYS = 30
SMALL_REST_PERCENT = 50
"""A rest below this part of an agreed instalment's principal falls due with it."""
INSTALMENTS_MAX = 1_000
"""A plan longer than this is a mistake of its terms, not a loan."""


@dataclass(frozen=True, slots=True)
class Change:
    """A term that changes from the instalment due on (or after) `from_on`: only what is not None changes."""

    from_on: date
    due_on: date | None = None
    rate: Decimal | None = None
    extra: int = 0
    grace_principal: int = 0
    grace_interest: int = 0
    instalment: int | None = None


@dataclass(slots=True)
class Plan:
    """A plan being written. `principal` is what was lent net of down payments, as far as the plan has come; `bearing`
    the balance that bears interest since `bears_since`."""

    terms: Terms
    start: date
    lent: int
    changes: list[Change]
    rate: Decimal
    count: int
    principal: int = 0
    balance: int = 0
    bearing: int = 0
    bears_since: date = date.min
    planned_principal: int = 0
    planned_interest: int = 0
    instalment: int | None = None
    equal_part: int | None = None
    flat_total: int = 0
    flat_settled: int = 0
    flat_settled_interest: int = 0
    owed_by_grace: int = 0
    grace_first: int = 0
    grace_principal: set[int] = field(default_factory=set)
    grace_interest: set[int] = field(default_factory=set)
    rows: list[Instalment] = field(default_factory=list)

    @property
    def flat(self) -> bool:
        """Whether interest is on the principal first lent."""
        return self.terms.interest.method is InterestMethod.FLAT


def plan(terms: Terms, disbursements: Sequence[tuple[date, int]], changes: Sequence[Change] = ()) -> list[Instalment]:
    """The instalments of a loan paid out so, in order; down payments stand among them, on the day of their tranche.

    `disbursements` are days and amounts in order, not empty; where nothing is paid out yet, the proposed one.
    """
    writing, later = begin(terms, disbursements, changes)
    write_periods(writing, later)
    take_owed_by_grace(writing)
    return writing.rows


def begin(
    terms: Terms, disbursements: Sequence[tuple[date, int]], changes: Sequence[Change]
) -> tuple[Plan, list[tuple[date, int, int]]]:
    """A plan with nothing written but what was paid out on the first day, and the tranches behind it."""
    first = disbursements[0][0]
    start = first if terms.repayment.start is RepaymentStart.DISBURSEMENT_DATE else terms.submitted_on
    net = [(on, amount, down_payment(terms, amount)) for on, amount in disbursements]
    lent = sum(amount - down for _, amount, down in net)
    writing = Plan(terms, start, lent, list(changes), terms.interest.rate_per_year, terms.repayment.instalments)
    writing.grace_first = terms.repayment.grace_principal
    writing.grace_principal |= set(range(1, terms.repayment.grace_principal + 1))
    writing.grace_interest |= set(range(1, terms.repayment.grace_interest_payment + 1))
    for on, amount, down in net:
        if on == first:
            pay_out(writing, on, amount, down)
    settle_instalment(writing, lent, 1)
    end = last_due(terms, start, writing.count)
    writing.flat_total = flat_interest(writing, first, end)
    writing.bears_since, writing.bearing = max(first, start), writing.balance
    return writing, [each for each in net if each[0] != first]


def take_owed_by_grace(writing: Plan) -> None:
    """Lets the last instalment take the interest that grace left."""
    if writing.owed_by_grace and writing.rows:
        writing.rows[-1].charged[INTEREST] += writing.owed_by_grace


def down_payment(terms: Terms, amount: int) -> int:
    """The part of a disbursement that falls due on its day."""
    if terms.down_payment is None:
        return 0
    share = CONTEXT.multiply(Decimal(amount), CONTEXT.divide(terms.down_payment.percent, Decimal(100)))
    return multiple(minor(share), terms.repayment.multiples_of)


def pay_out(writing: Plan, on: date, amount: int, down: int) -> None:
    """Adds a disbursement to the balance, and its down payment to the plan."""
    if down:
        row = Instalment(len(writing.rows) + 1, on, on, parts(principal=down), down_payment=True)
        writing.rows.append(row)
    writing.balance += amount - down
    writing.principal += amount - down


def write_periods(writing: Plan, later: list[tuple[date, int, int]]) -> None:
    """Writes the periods until nothing is left to plan."""
    repayment = writing.terms.repayment
    period_start = last = writing.start
    number = 1
    while writing.balance or later:
        assert number <= INSTALMENTS_MAX, "a plan without end"
        last = next_due(last, repayment.unit, repayment.every, writing.start)
        if number == 1 and repayment.first_due_on is not None:
            last = repayment.first_due_on
        due = last = changed_due(writing, last)
        take_changes(writing, due, number)
        inside = [each for each in later if period_start < each[0] <= due]
        later = [each for each in later if each not in inside]
        for on, amount, down in inside:
            pay_out(writing, on, amount, down)
        interest, owed = period_interest(writing, number, due, inside)
        earned = (interest or owed) - writing.owed_by_grace
        principal = period_principal(writing, number, earned)
        principal, interest = settle_last(writing, number, principal, interest)
        writing.owed_by_grace = owed
        principal = min(principal, writing.balance)
        writing.balance -= principal
        writing.planned_principal += principal
        writing.planned_interest += interest
        writing.rows.append(Instalment(len(writing.rows) + 1, period_start, due, parts(principal, interest)))
        writing.bears_since, writing.bearing = due, writing.balance
        period_start = due
        number += 1


def changed_due(writing: Plan, due: date) -> date:
    """The due date, or the one it was moved to; those behind it follow the new one."""
    for change in writing.changes:
        if change.due_on is not None and change.from_on == due:
            return change.due_on
    return due


def take_changes(writing: Plan, due: date, number: int) -> None:
    """Lets the changes take hold whose day this instalment reaches."""
    for change in [each for each in writing.changes if each.from_on <= due]:
        if change.due_on is not None and change.due_on != due:
            continue
        writing.changes.remove(change)
        if change.rate is not None:
            writing.rate, writing.instalment = change.rate, None
            if writing.flat:
                writing.flat_settled, writing.flat_settled_interest = number - 1, writing.planned_interest
                rest = writing.lent - writing.planned_principal
                writing.flat_total = flat_share(writing, rest) + writing.planned_interest
        if change.instalment is not None and not writing.flat:
            writing.instalment = change.instalment
        if change.grace_principal:
            writing.grace_first = change.grace_principal
            writing.grace_principal |= set(range(number, number + change.grace_principal))
        if change.extra + change.grace_principal:
            # An instalment put off is an instalment more.
            writing.count += change.extra + change.grace_principal
            writing.flat_settled, writing.flat_settled_interest = number - 1, writing.planned_interest
            settle_instalment(writing, spread_anew(writing), number)
        if change.grace_interest:
            writing.grace_first = 0
            writing.flat_settled_interest = writing.planned_interest
            writing.grace_interest |= set(range(number, number + change.grace_interest))


def spread_anew(writing: Plan) -> int:
    """The balance an extension spreads; the convention takes the down payment of a single disbursement off twice."""
    down = 0 if writing.terms.tranches is not None else down_payment(writing.terms, writing.terms.principal)
    return writing.lent - writing.planned_principal - down


def period_interest(writing: Plan, number: int, due: date, inside: list[tuple[date, int, int]]) -> tuple[int, int]:
    """The interest that falls due with the period, and what grace leaves to the first period after it."""
    if writing.flat:
        return flat_part(writing, number), 0
    if number <= writing.terms.repayment.interest_free:
        return 0, writing.owed_by_grace
    earned, balance, since = 0, writing.bearing, writing.bears_since
    for on, amount, down in inside:
        if on > since:
            earned += earned_on(writing, balance, since, on)
            since = on
        balance += amount - down
    earned += earned_on(writing, balance, since, due)
    if number in writing.grace_interest:
        return 0, writing.owed_by_grace + earned
    return writing.owed_by_grace + earned, 0


def earned_on(writing: Plan, balance: int, since: date, until: date) -> int:
    """The interest on a balance that stands for some days."""
    return minor(CONTEXT.multiply(Decimal(balance), periodic_rate(writing, since, until)))


def period_principal(writing: Plan, number: int, interest: int) -> int:
    """The principal that falls due with the period, before the last one takes the rest."""
    repayment = writing.terms.repayment
    if number in writing.grace_principal:
        return 0
    if writing.flat or repayment.amortization is Amortization.EQUAL_PRINCIPAL:
        done = writing.flat_settled if writing.flat else 0
        rest = writing.principal - (writing.planned_principal if done else 0)
        if repayment.fixed_instalment is not None and writing.flat:
            return repayment.fixed_instalment - interest
        principal = writing.equal_part
        if principal is None:
            principal = minor(CONTEXT.divide(Decimal(rest), Decimal(remaining(writing, done))))
        if repayment.multiples_of and writing.flat:
            whole = multiple(principal, repayment.multiples_of) + multiple(interest, repayment.multiples_of)
            return whole - interest
        return principal
    if writing.instalment is None:
        settle_instalment(writing, writing.bearing, number)
    assert writing.instalment is not None
    return writing.instalment - interest


def settle_last(writing: Plan, number: int, principal: int, interest: int) -> tuple[int, int]:
    """Lets the last instalment take the rest of the principal, and of flat interest."""
    principal = last_principal(writing, number, principal, writing.principal - writing.planned_principal)
    if writing.flat:
        left = writing.flat_total - writing.planned_interest
        if interest > left or number >= writing.count:
            interest = max(left, 0)
    return principal, interest


def last_principal(writing: Plan, number: int, principal: int, rest: int) -> int:
    """The principal of the period, or the rest where it is the last: an agreed instalment takes a small rest along."""
    if principal > rest:
        return rest
    if writing.terms.repayment.fixed_instalment is not None:
        return rest if (rest - principal) * 100 < principal * SMALL_REST_PERCENT else principal
    return rest if number >= writing.count else principal


def remaining(writing: Plan, elapsed: int) -> int:
    """How many instalments of principal are left after the first `elapsed`."""
    return writing.count - elapsed - sum(number > elapsed for number in writing.grace_principal)


def settle_instalment(writing: Plan, balance: int, number: int) -> None:
    """Reckons the equal instalment of a balance from the period on; grace of principal puts it off."""
    repayment = writing.terms.repayment
    if repayment.fixed_instalment is not None:
        writing.instalment = repayment.fixed_instalment
        return
    elapsed = max(number, writing.grace_first + 1) - 1
    periods = remaining(writing, elapsed)
    rate = standard_rate(writing)
    if periods <= 0:
        writing.instalment = balance
    elif rate == 0:
        writing.instalment = multiple(minor(Decimal(balance) / periods), repayment.multiples_of)
    else:
        growth = (1 + rate) ** periods
        annuity = Decimal(balance) * growth * rate / (growth - 1)
        writing.instalment = multiple(minor(annuity), repayment.multiples_of)


def flat_interest(writing: Plan, first: date, end: date) -> int:
    """All interest of a flat loan; interest-free periods bear none."""
    if not writing.flat:
        return 0
    total = minor(CONTEXT.multiply(Decimal(writing.lent), flat_rate(writing, first, end)))
    free = writing.terms.repayment.interest_free
    return total - minor(CONTEXT.divide(Decimal(total), Decimal(writing.count))) * free


def flat_share(writing: Plan, rest: int) -> int:
    """The flat interest of the rest of a loan at the rate that now holds, over the whole term."""
    end = last_due(writing.terms, writing.start, writing.count)
    return minor(CONTEXT.multiply(Decimal(rest), flat_rate(writing, writing.start, end)))


def flat_part(writing: Plan, number: int) -> int:
    """The part of flat interest that falls due with the period."""
    free = writing.terms.repayment.interest_free
    if number in writing.grace_interest or number <= free:
        return 0
    done = max([writing.flat_settled, *(each for each in writing.grace_interest if each < number)])
    periods = writing.count - done - sum(each > done for each in writing.grace_interest) - free
    left = writing.flat_total - writing.flat_settled_interest
    return minor(CONTEXT.divide(Decimal(left), Decimal(max(periods, 1))))


def flat_rate(writing: Plan, first: date, end: date) -> Decimal:
    """The rate of the whole term, as a fraction."""
    terms = writing.terms
    one = CONTEXT.divide(CONTEXT.divide(writing.rate, Decimal(periods_in_year(terms))), Decimal(100))
    if terms.interest.period is InterestPeriod.DAILY:
        length = Decimal((end - first).days)
    elif terms.interest.partial_periods:
        length = periods_between(terms, first, end)
    else:
        length = Decimal(terms.repayment.term or terms.repayment.instalments * terms.repayment.every)
    return CONTEXT.multiply(one, length)


def standard_rate(writing: Plan) -> Decimal:
    """The rate of one standard period, from which the equal instalment is reckoned."""
    terms = writing.terms
    start = writing.start.replace(day=1)
    end = add_units(start, terms.repayment.unit, terms.repayment.every)
    every = Decimal(terms.repayment.every)
    one = CONTEXT.divide(CONTEXT.divide(writing.rate, Decimal(periods_in_year(terms))), Decimal(100))
    if terms.interest.period is not InterestPeriod.DAILY:
        return CONTEXT.multiply(one, every)
    if terms.repayment.unit is Unit.MONTHS:
        return CONTEXT.multiply(one, every * STANDARD_MONTH_DAYS)
    if terms.repayment.unit is Unit.YEARS:
        return CONTEXT.multiply(one, every * 365)
    return CONTEXT.multiply(one, Decimal((end - start).days))


def periodic_rate(writing: Plan, start: date, end: date) -> Decimal:
    """The rate from one day to another, as a fraction."""
    terms = writing.terms
    interest, repayment = terms.interest, terms.repayment
    one = CONTEXT.divide(CONTEXT.divide(writing.rate, Decimal(periods_in_year(terms))), Decimal(100))
    if interest.period is InterestPeriod.DAILY:
        length = Decimal((end - start).days)
        if repayment.unit is Unit.MONTHS and interest.days_in_month is DaysInMonth.THIRTY:
            length = CONTEXT.multiply(periods_between(terms, start, end), Decimal(STANDARD_MONTH_DAYS))
        elif repayment.unit is Unit.YEARS and interest.days_in_year in DAYS_IN_YEAR:
            length = CONTEXT.multiply(periods_between(terms, start, end), Decimal(DAYS_IN_YEAR[interest.days_in_year]))
    elif interest.partial_periods:
        length = periods_between(terms, start, end)
    else:
        length = Decimal(repayment.every)
    return CONTEXT.multiply(one, length)
