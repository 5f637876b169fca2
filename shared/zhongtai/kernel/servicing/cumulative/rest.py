"""What a cumulative plan keeps track of while it follows what was paid: the balance that bears interest, by rest dates.

See `recalculation` for the rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zhongtai.kernel.servicing.cumulative.payments import Strategy, meet, strategy_of
from zhongtai.kernel.servicing.cumulative.plan import Change, Plan, begin, earned_on, remaining, settle_instalment
from zhongtai.kernel.servicing.cumulative.rates import CONTEXT, minor
from zhongtai.kernel.servicing.instalments import PRINCIPAL, Instalment
from zhongtai.kernel.servicing.interest.spans import add_units, next_due
from zhongtai.kernel.servicing.levies import Levy
from zhongtai.kernel.servicing.terms import Amortization, Recalculation, Rest, Terms, Unit

_REST_UNITS = {Rest.DAILY: Unit.DAYS, Rest.WEEKLY: Unit.WEEKS, Rest.MONTHLY: Unit.MONTHS}
Tranches = list[tuple[date, int, int]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a plan is written from: everything known of the account on its business date.

    `payments` are days and amounts in order; `before` the plan as it stood, `since` the day from which it is written
    anew (None: all of it), `till` the day the loan is paid off on.
    """

    disbursements: Sequence[tuple[date, int]]
    changes: Sequence[Change]
    payments: Sequence[tuple[date, int]]
    levies: Sequence[Levy]
    today: date
    before: Sequence[Instalment] = ()
    since: date | None = None
    till: date | None = None


@dataclass(slots=True)
class Payment:
    """A payment, or what is left of one."""

    on: date
    amount: int


@dataclass(slots=True)
class Period:
    """The period being written. `early`: paid within it already; `reduced`: how much of that the balance has seen."""

    start: date
    due: date
    principal: int = 0
    interest: int = 0
    early: int = 0
    reduced: int = 0


@dataclass(slots=True)
class Going:
    """A plan on its way, with what was paid so far.

    `rows` of the plan are copied to `worked`, where payments are met. `falls` and `late` change the balance that bears
    interest: the one by what is paid or falls due, the other by what is overdue. `spare` is what the next instalments
    owe less.
    """

    plan: Plan
    told: Told
    strategy: Strategy
    payments: list[Payment]
    later: Tranches
    rest_today: date = date.min
    worked: list[Instalment] = field(default_factory=list)
    falls: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    late: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    spare: int = 0
    number: int = 1
    last: date = date.min

    def rest(self, on: date) -> date:
        """The first rest date not before the day."""
        terms = self.plan.terms
        rules = terms.recalculation
        assert rules is not None, "only recalculated interest has rest dates"
        if rules.rest is Rest.DAILY and rules.rest_interval == 1:
            return on
        day, count = self.plan.start, 0
        while day < on:
            count += 1
            if rules.rest is Rest.SAME_AS_REPAYMENT:
                first = terms.repayment.first_due_on if count == 1 else None
                day = first or next_due(day, terms.repayment.unit, terms.repayment.every, self.plan.start)
            else:
                day = add_units(self.plan.start, _REST_UNITS[rules.rest], count * rules.rest_interval)
        return day


def open_plan(terms: Terms, told: Told) -> Going:
    """A plan with nothing written but the first disbursements."""
    writing, later = begin(terms, told.disbursements, told.changes)
    payments = [Payment(on, amount) for on, amount in told.payments]
    going = Going(writing, told, strategy_of(terms.allocation.strategy), payments, later)
    going.last = writing.start
    going.worked = [worked_copy(each, told.levies) for each in writing.rows]
    going.rest_today = going.rest(told.today)
    return going


def worked_copy(row: Instalment, levies: Iterable[Levy]) -> Instalment:
    """A copy to meet payments on, with the charges that fall due in it."""
    charged = dict(row.charged)
    copy = Instalment(row.number, row.start, row.due, charged, down_payment=row.down_payment)
    copy.recalculated = row.recalculated
    for levy in levies:
        if levy.due_on is not None and row.start < levy.due_on <= row.due and not row.down_payment:
            charged[levy.component] += levy.amount
    return copy


def share(rows: list[Instalment], strategy: Strategy, levies: Iterable[Levy], payment: Payment) -> tuple[int, int]:
    """Meets a payment on the rows; the principal it met, and what is left of it."""
    principal, left = 0, payment.amount
    for row in rows:
        if left <= 0:
            break
        if row.outstanding > 0:
            taken = meet(levies, strategy, row, payment.on, left)
            principal += taken[PRINCIPAL]
            left -= sum(taken.values())
    return principal, left


def take(going: Going, due: date) -> list[Payment]:
    """The payments until the due date, which are now being worked."""
    taken = [each for each in going.payments if each.on <= due]
    going.payments = [each for each in going.payments if each.on > due]
    return taken


def inside(going: Going, start: date, due: date) -> Tranches:
    """The tranches paid out within a period."""
    return [each for each in going.later if start < each[0] <= due]


def earned(going: Going, start: date, end: date) -> int:
    """The interest of some days on the balance as it changes; every piece is rounded."""
    changes = dict(going.late)
    for on, amount, down in going.later:
        changes[on] = changes.get(on, 0) + amount - down
    for on, fall in going.falls.items():
        changes[on] = changes.get(on, 0) - fall
    earned, balance, since = 0, going.plan.bearing, start
    for on in sorted(each for each in changes if each <= end):
        if on > since:
            earned += earned_on(going.plan, balance, since, on)
            since = on
        balance += changes[on]
    return earned + earned_on(going.plan, balance, since, end)


def bear(going: Going, due: date) -> None:
    """Takes what changed until the due date into the balance that bears interest."""
    for on in [each for each in going.falls if each <= due]:
        going.plan.bearing -= going.falls.pop(on)
    for each in [each for each in going.later if each[0] <= due]:
        going.plan.bearing += each[1] - each[2]
        going.later.remove(each)


def count_overdue(going: Going, due: date) -> None:
    """Counts the principal that is overdue by the business date: it bears interest until today's rest date."""
    going.late.clear()
    for row in going.worked:
        if row.outstanding == 0 or row.due > due or row.recalculated:
            continue
        effective = going.rest(row.due)
        if effective < going.told.today:
            going.late[effective] += row.owed(PRINCIPAL)
    total = sum(going.late.values())
    if total > 0:
        going.late[going.rest_today] -= total


def pay_overdue(going: Going, effective: date, principal: int) -> None:
    """Lets principal that was paid late bear interest until the rest date of its payment, not until today's."""
    left: dict[date, int] = defaultdict(int)
    counted = 0
    for day in sorted(each for each in going.late if each < going.rest_today):
        amount = going.late[day]
        counted += amount
        moved = amount
        if counted >= principal:
            moved = 0 if left else amount - (counted - principal)
            left[day] += amount - moved
            left[going.rest_today] -= amount - moved
        if moved and day < effective:
            going.falls[day] -= moved
            going.falls[effective] += moved
    going.late = left


def treat_early(going: Going, planned: int, number: int) -> None:
    """Does with principal paid early what the terms say."""
    if going.spare <= 0:
        return
    plan = going.plan
    rules = plan.terms.recalculation
    how = rules.on_prepayment if rules is not None else Recalculation.REDUCE_EMI_AMOUNT
    if how is Recalculation.RESCHEDULE_NEXT_REPAYMENTS:
        return
    going.spare = 0
    rest = plan.lent - planned
    if how is Recalculation.REDUCE_NUMBER_OF_INSTALLMENTS or rest <= 0:
        return
    if plan.terms.repayment.amortization is Amortization.EQUAL_PRINCIPAL:
        plan.equal_part = minor(CONTEXT.divide(Decimal(rest), Decimal(max(remaining(plan, number - 1), 1))))
    else:
        settle_instalment(plan, rest, number)
