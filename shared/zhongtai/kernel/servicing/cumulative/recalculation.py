"""The cumulative convention where interest is recalculated: the plan follows what was really paid, and when.

Rules read from Apache Fineract's cumulative schedule generator (Apache-2.0), in our own words:

* The plan is written anew from a day on: instalments due before that day stand as they are. So a plan depends on the
  order in which things came to be known, and whoever keeps it hands the last one in.
* What is paid changes the balance that bears interest from its rest date on: the day itself, or the next due date.
* Principal that is overdue bears interest until the rest date of the business date; behind the last instalment there
  is an instalment of interest alone for it.
* What is paid beyond what is due is principal of the instalment it was paid in. Then, as the terms say, the equal
  instalment is reckoned anew, or it stays and the loan ends earlier, or the next instalments owe that much less.
* Who pays no less than the loan costs on that day ends it then: the last instalment is due that day.

Interest on interest (compounding) is refused. Instalments split at a payment (strategies that meet the interest of
everything that is due first) are not known here.
"""

from datetime import date

from zhongtai.kernel.servicing.cumulative.payments import strategy_of
from zhongtai.kernel.servicing.cumulative.plan import (
    INSTALMENTS_MAX,
    changed_due,
    flat_part,
    last_principal,
    pay_out,
    period_principal,
    take_changes,
    take_owed_by_grace,
)
from zhongtai.kernel.servicing.cumulative.rest import (
    Going,
    Payment,
    Period,
    Told,
    bear,
    count_overdue,
    earned,
    inside,
    open_plan,
    pay_overdue,
    share,
    take,
    treat_early,
    worked_copy,
)
from zhongtai.kernel.servicing.instalments import INTEREST, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.spans import next_due
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import Compounding, PreClosure, Terms


def recalculated(terms: Terms, told: Told) -> list[Instalment]:
    """The instalments as they are now; nothing is paid on them."""
    if terms.recalculation is not None and terms.recalculation.compounding is not Compounding.NONE:
        raise OperationUnsupported(operation="compounding", because="interest on interest is not reckoned")
    going = open_plan(terms, told)
    kept = [each for each in told.before if told.since is not None and each.due < told.since]
    while kept and not kept[-1].down_payment and kept[-1].charged[INTEREST] == 0:
        kept.pop()
    if sum(each.charged[INTEREST] for each in kept):
        for row in kept:
            _keep(going, row)
    else:
        going = open_plan(terms, told)
    _write(going)
    take_owed_by_grace(going.plan)
    if going.late and (told.till or told.today) > going.last:
        _interest_alone(going, told.till or told.today)
    return going.plan.rows


def paid_off(terms: Terms, told: Told) -> int:
    """What is still owed of the plan, everything paid on it."""
    rows = [worked_copy(each, told.levies) for each in recalculated(terms, told)]
    strategy = strategy_of(terms.allocation.strategy)
    for on, amount in told.payments:
        share(rows, strategy, told.levies, Payment(on, amount))
    return sum(each.outstanding for each in rows)


def _keep(going: Going, row: Instalment) -> None:
    """Takes an instalment over as it stands, and what was paid until it fell due."""
    plan = going.plan
    copy = Instalment(row.number, row.start, row.due, parts(row.charged[PRINCIPAL], row.charged[INTEREST]))
    copy.down_payment, copy.recalculated = row.down_payment, row.recalculated
    if row.down_payment:
        if not any(each.down_payment and each.due == row.due for each in plan.rows):
            plan.rows.append(copy)
            going.worked.append(worked_copy(copy, going.told.levies))
        return
    take_changes(plan, row.due, going.number)
    for _, amount, down in inside(going, row.start, row.due):
        plan.balance += amount - down
        plan.principal += amount - down
    copy.number = len(plan.rows) + 1
    plan.rows.append(copy)
    going.worked.append(worked_copy(copy, going.told.levies))
    principal, interest = row.charged[PRINCIPAL], row.charged[INTEREST]
    plan.balance -= principal
    plan.planned_principal += principal
    plan.planned_interest += interest
    going.number += not row.recalculated
    expected = 0 if row.recalculated else period_principal(plan, going.number - 1, interest)
    early = _met_early(going, row.due, max(expected - going.spare, 0))
    _spare_kept(going, principal, expected)
    going.falls[going.rest(row.due)] += principal - early
    going.last = row.due
    bear(going, row.due)
    count_overdue(going, row.due)


def _met_early(going: Going, due: date, expected: int) -> int:
    """How much of an instalment's principal was paid beyond what was expected of it."""
    row, early, total = going.worked[-1], 0, 0
    for payment in take(going, due):
        before = row.paid[PRINCIPAL]
        share(going.worked, going.strategy, going.told.levies, payment)
        beyond = row.paid[PRINCIPAL] - expected
        if beyond > 0:
            early = min(row.paid[PRINCIPAL] - before, beyond)
        going.falls[going.rest(payment.on)] += early
        total += early
    return total


def _spare_kept(going: Going, principal: int, expected: int) -> None:
    """What an instalment took beyond what was expected, as the terms treat it."""
    existing = going.spare - expected
    early = principal + existing
    going.spare = max(early, 0)
    if early > max(existing, 0):
        treat_early(going, going.plan.planned_principal, going.number)


def _write(going: Going) -> None:
    """Writes periods until nothing is left to plan."""
    plan, repayment, till = going.plan, going.plan.terms.repayment, going.told.till
    ends = False
    while (plan.balance or going.later) and not ends:
        assert going.number <= INSTALMENTS_MAX, "a plan without end"
        due = next_due(going.last, repayment.unit, repayment.every, plan.start)
        if going.number == 1 and repayment.first_due_on is not None:
            due = repayment.first_due_on
        due = changed_due(plan, due)
        take_changes(plan, due, going.number)
        ends = till is not None and due >= till
        period = Period(going.last, till if ends and till is not None else due)
        _write_period(going, period, ends=ends, whole=period.due == due)
        going.last = period.due


def _write_period(going: Going, period: Period, *, ends: bool, whole: bool) -> None:
    """Writes one period: what was paid before it falls due first, then the instalment, then what is paid on it."""
    plan = going.plan
    down_before = len(plan.rows)
    for on, amount, down in inside(going, period.start, period.due):
        pay_out(plan, on, amount, down)
    going.worked += [worked_copy(each, going.told.levies) for each in plan.rows[down_before:]]
    paid_before, pending = _pay_within(going, period)
    if paid_before and plan.balance == 0 and not going.later:
        return
    _instalment(going, period)
    _take_early(going, period)
    if plan.balance < 0 or ends:
        period.principal += plan.balance
        plan.balance = 0
    if ends:
        going.later.clear()
    row = Instalment(len(plan.rows) + 1, period.start, period.due, parts(period.principal, period.interest))
    row.recalculated = not whole
    plan.rows.append(row)
    going.worked.append(worked_copy(row, going.told.levies))
    _pay_on(going, period, row, pending)
    going.falls[going.rest(period.due)] += period.principal - period.reduced
    bear(going, period.due)
    plan.planned_principal += period.principal
    plan.planned_interest += period.interest
    going.number += 1


def _pay_within(going: Going, period: Period) -> tuple[bool, list[Payment]]:
    """Payments whose rest date lies within the period lower the balance from there on.

    Whether there is nothing left to check of them, and the payments still to be met when the instalment is written.
    """
    pending: list[Payment] = []
    nothing_left = True
    for payment in take(going, period.due):
        effective = going.rest(payment.on)
        if payment.on >= period.due or effective >= period.due:
            pending.append(payment)
            continue
        principal, left = share(going.worked, going.strategy, going.told.levies, payment)
        if left > 0:
            going.falls[effective] += left
            period.early += left
            if _ends_loan(going, period, payment, left):
                period.early -= left
                going.falls[effective] -= left
                pending.append(Payment(payment.on, left))
                break
            pending.append(Payment(period.due, left))
            nothing_left = False
            going.plan.balance -= left
            if going.plan.balance < 0:
                going.falls[effective] += going.plan.balance
                period.early += going.plan.balance
                going.plan.balance = 0
        if principal > 0 and effective < going.rest_today:
            pay_overdue(going, effective, principal)
    return nothing_left, pending


def _ends_loan(going: Going, period: Period, payment: Payment, left: int) -> bool:
    """Whether what is left of a payment is all that the loan costs on its day."""
    rules = going.plan.terms.recalculation
    if rules is None or going.plan.flat or rules.pre_closure is PreClosure.TILL_REST_DATE or going.plan.balance > left:
        return False
    return earned(going, period.start, payment.on) + going.plan.owed_by_grace + going.plan.balance <= left


def _instalment(going: Going, period: Period) -> None:
    """The interest and the principal that fall due with the period; earlier payments may make it owe less."""
    plan, number = going.plan, going.number
    if plan.flat:
        interest, owed = flat_part(plan, number), 0
    else:
        free = number <= plan.terms.repayment.interest_free
        bears = 0 if free else earned(going, period.start, period.due)
        graced = number in plan.grace_interest
        interest, owed = (0, plan.owed_by_grace + bears) if graced else (plan.owed_by_grace + bears, 0)
    principal = period_principal(plan, number, (interest or owed) - plan.owed_by_grace)
    principal = last_principal(plan, number, principal, plan.principal - plan.planned_principal + going.spare)
    if plan.flat and (number >= plan.count or interest > plan.flat_total - plan.planned_interest):
        interest = max(plan.flat_total - plan.planned_interest, 0)
    plan.owed_by_grace = owed
    taken = min(going.spare, principal)
    going.spare -= taken
    period.principal, period.interest = principal - taken, interest


def _take_early(going: Going, period: Period) -> None:
    """What was paid within the period beyond its principal is principal of it, too."""
    period.reduced = period.early
    beyond = period.early - period.principal
    if beyond > 0:
        going.spare += beyond
        treat_early(going, going.plan.planned_principal + period.principal + beyond, going.number + 1)
        period.principal += beyond
    going.plan.balance -= period.principal - period.reduced


def _pay_on(going: Going, period: Period, row: Instalment, pending: list[Payment]) -> None:
    """Meets the payments of the period on its instalment; what it does not take is principal paid early."""
    plan, worked = going.plan, going.worked[-1]
    for payment in pending:
        _, left = share(going.worked, going.strategy, going.told.levies, payment)
        if left <= 0:
            continue
        plan.balance -= left
        _end_on(going, period, row, payment)
        added = left + min(plan.balance, 0)
        plan.balance = max(plan.balance, 0)
        going.falls[going.rest(payment.on)] += added
        row.charged[PRINCIPAL] += added
        worked.charged[PRINCIPAL] += added
        worked.pay(PRINCIPAL, payment.on, max(added, 0))
        plan.planned_principal += added
        going.spare += left
        treat_early(going, plan.planned_principal + period.principal, going.number + 1)
    count_overdue(going, period.due)


def _end_on(going: Going, period: Period, row: Instalment, payment: Payment) -> None:
    """Ends the loan with a payment before the due date: interest counts until then."""
    plan = going.plan
    if plan.flat or plan.balance > period.interest or payment.on == period.due:
        return
    rules = plan.terms.recalculation
    rest = rules is not None and rules.pre_closure is PreClosure.TILL_REST_DATE
    saved = period.interest - earned(going, period.start, going.rest(payment.on) if rest else payment.on)
    if plan.balance - saved > 0:
        return
    plan.balance -= saved
    period.interest -= saved
    period.principal += saved
    row.due, row.charged[PRINCIPAL], row.charged[INTEREST] = payment.on, period.principal, period.interest


def _interest_alone(going: Going, today: date) -> None:
    """Behind the last instalment: interest on what is overdue, until a payment and until today."""
    plan, start = going.plan, going.last
    for payment in [*take(going, today), Payment(today, 0)]:
        if payment.on > start:
            interest = earned(going, start, payment.on)
            bear(going, payment.on)
            if interest > 0:
                row = Instalment(len(plan.rows) + 1, start, payment.on, parts(interest=interest), recalculated=True)
                plan.rows.append(row)
                going.worked.append(worked_copy(row, going.told.levies))
            start = payment.on
        principal, _ = share(going.worked, going.strategy, going.told.levies, payment)
        if principal:
            pay_overdue(going, going.rest(payment.on), principal)
            count_overdue(going, today)
