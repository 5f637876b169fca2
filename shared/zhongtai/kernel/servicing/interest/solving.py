"""Equal instalments of a progressive loan: solving them, evening out the last one, and moving what is left over.

An instalment is the balance × Π(1 + f) over F, where f are the periods' rate factors, F₁ = 1 and
Fₖ = 1 + Fₖ₋₁ × (1 + fₖ). It is rounded once; the loan's last open period takes what rounding leaves.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise

from zhongtai.kernel.servicing.interest.book import Book
from zhongtai.kernel.servicing.interest.factors import CONTEXT, divided, rounded
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.terms import Amortization, InterestMethod

_EVENING_ROUNDS = 3


def solve_from(book: Book, period: RepaymentPeriod, on: date, *, keep_paid: bool = False) -> None:
    """Solves the instalments from this period on after something happened in it on a day, and what follows.

    On a period's own due date it is the next one that changes. `keep_paid` solves on what has been paid; without
    it the instalments are those of the loan as if nothing had been paid, so paying in advance does not move them.
    """
    if period.due == on and period.next is not None:
        period = period.next
    related = book.due_from(period.due)
    if book.rules.grace_interest:
        for number, each in enumerate(book.periods):
            each.interest_grace = number < book.rules.grace_interest
    book.update_factors(related)
    if book.rules.method is InterestMethod.FLAT:
        solve(book, related)
        _apply_principal_grace(book, related)
        return
    book.update_balances()
    keep_paid = keep_paid or book.is_draft or book.nothing_lent
    if keep_paid:
        solve(book, related)
    else:
        _solve_as_unpaid(book, related, on)
    _apply_principal_grace(book, related)
    book.update_balances()
    settle_last(book, period.due)
    if keep_paid:
        even_out(book, related)


def _solve_as_unpaid(book: Book, related: list[RepaymentPeriod], on: date) -> None:
    """Takes the instalments that a draft without payments gets."""
    draft = book.draft()
    for _ in range(2):
        period = draft.change_balance(on)
        if period is not None:
            solve_from(draft, period, on)
    solved = {period.due: period for period in draft.periods}
    for period in related:
        source = solved.get(period.due)
        if source is not None:
            period.instalment, period.original_instalment = source.instalment, source.original_instalment


def solve(book: Book, periods: list[RepaymentPeriod]) -> None:
    """Gives these periods one equal instalment."""
    if not periods:
        return
    if book.rules.method is InterestMethod.FLAT:
        _solve_flat(book, periods)
    elif book.rules.amortization in (Amortization.EQUAL_PRINCIPAL, Amortization.CUSTOM):
        _solve_by_principal(book, periods)
    else:
        _solve_declining(book, periods)


def _solve_declining(book: Book, periods: list[RepaymentPeriod]) -> None:
    """The instalment whose payments, each times its step's factor, and the balloon at the end repay the balance."""
    growth = Decimal(1)
    series = Decimal(0)
    weights = [_weight(book, period) for period in periods]
    for period, weight in zip(periods, weights, strict=True):
        factor = Decimal(1) if period.interest_grace else period.instalment_factor
        growth = CONTEXT.multiply(growth, factor)
        series = CONTEXT.add(weight, CONTEXT.multiply(series, factor))
    balloon = _balloon(book, periods)
    owed = CONTEXT.subtract(CONTEXT.multiply(growth, periods[0].balance_to_amortise), balloon)
    level = rounded(CONTEXT.divide(owed, series)) + _fixed_interest_share(periods)
    for period, weight in zip(periods, weights, strict=True):
        instalment = in_multiples(book, rounded(CONTEXT.multiply(level, weight)))
        if period is book.periods[-1]:
            instalment += balloon
        if instalment >= period.paid:
            period.instalment = period.original_instalment = instalment


def _weight(book: Book, period: RepaymentPeriod) -> Decimal:
    """The factor of the last step that has begun: step-up and step-down instalments."""
    if not book.rules.steps:
        return Decimal(1)
    number = next(index for index, each in enumerate(book.periods, start=1) if each is period)
    begun = [step for step in book.rules.steps if step.first <= number]
    return max(begun, key=lambda step: step.first).factor if begun else Decimal(1)


def _balloon(book: Book, periods: list[RepaymentPeriod]) -> int:
    """What is left to the last instalment on purpose, no more than the balance."""
    ends = periods[-1] is book.periods[-1]
    return min(book.rules.balloon, periods[0].balance_to_amortise) if ends else 0


def _solve_by_principal(book: Book, periods: list[RepaymentPeriod]) -> None:
    """Equal parts of the principal (等额本金), or the parts agreed, and on each the interest of its period."""
    custom = book.rules.custom_principal
    balance = periods[0].balance_to_amortise
    share = in_multiples(book, divided(balance, len(periods)))
    for period in periods:
        book.update_balances()
        number = next(index for index, each in enumerate(book.periods) if each is period)
        principal = custom[number] if number < len(custom) else share
        instalment = min(principal, balance) + period.calculated_interest
        balance -= min(principal, balance)
        if instalment >= period.paid:
            period.instalment = period.original_instalment = instalment


def _fixed_interest_share(periods: list[RepaymentPeriod]) -> Decimal:
    return CONTEXT.divide(sum(period.fixed_interest for period in periods), len(periods))


def _solve_flat(book: Book, periods: list[RepaymentPeriod]) -> None:
    """Flat interest: the interest of all periods and the amount lent, shared equally; the rest falls on the last."""
    interest = rounded(_fixed_interest_share(periods))
    handed_on = 0
    for period in periods:
        interest += period.calculated_interest - handed_on
        period.instalment = period.calculated_interest
        handed_on = period.unrecognised_interest
    first, count = periods[0], len(periods)
    repaid = first.previous.lent_before(None) - first.previous.balance_after if first.previous else 0
    total = first.lent_before(first.slices[-1]) + interest - repaid
    level = in_multiples(book, divided(total, count))
    excess = 0
    for period in periods:
        instalment = level + (total - level * count if period is periods[-1] else 0)
        missing = period.paid - instalment - period.credited - period.deferred_interest
        excess += max(0, missing)
        period.instalment = period.original_instalment = period.paid if missing > 0 else instalment
    for period in reversed(periods):
        if excess > 0 and not period.is_paid:
            already = period.paid - period.credited - period.deferred_interest
            instalment = max(period.calculated_interest, period.instalment - excess, already, 0)
            excess -= period.instalment - instalment
            period.instalment = instalment
    book.update_balances()


def in_multiples(book: Book, amount: int) -> int:
    """The amount in the loan's multiples, half to even; unrounded where that would leave nothing."""
    multiple = book.rules.multiple
    return divided(amount, multiple) * multiple or amount if multiple else amount


def _apply_principal_grace(book: Book, periods: list[RepaymentPeriod]) -> None:
    """The first periods pay interest only; the others share the principal."""
    grace = min(book.rules.grace_principal, len(periods))
    for period in periods[:grace]:
        period.instalment = period.original_instalment = period.due_interest
    if grace > 0 and periods[grace:]:
        book.update_balances()
        solve(book, periods[grace:])


# -- the last open period takes what is left over --


def settle_last(book: Book, till: date) -> None:
    """Makes the instalments add up to what is owed, by the last period that is still open.

    One that would have to owe less than was paid of it owes nothing more, and the open one before it takes the rest.
    """
    settled: list[RepaymentPeriod] = []
    while True:
        _shrink_beyond_owed(book)
        last = _last_open(book)
        if last is None:
            break
        last.deferred_interest = 0
        for period in book.periods:
            period.interest_moved_later = False
        missing = _missing(book)
        emptied = _empty_from_end(book, missing)
        if emptied:
            settled += emptied
            continue
        instalment = last.instalment + missing
        if last.fixed_interest > 0:
            instalment = max(instalment, last.paid_principal + last.fixed_interest)
        last.instalment = instalment
        settled.append(last)
        if instalment >= last.paid - last.credited:
            break
        last.instalment = last.paid - last.credited
        if _last_open(book) is last:
            break
    _defer_each(book, settled[::-1], till)


def _missing(book: Book) -> int:
    """What the instalments fall short of what is owed; below zero, what they ask for too much."""
    owed = sum(period.disbursed + period.capitalised + period.due_interest for period in book.periods)
    return owed + book.total_credited_principal - sum(period.room for period in book.periods)


def _empty_from_end(book: Book, missing: int) -> list[RepaymentPeriod]:
    """Empties the last open periods that earn nothing while too much is asked for: all at once what one by one gives.

    A period that earns nothing asks for principal alone, so that no figure of another period follows from its
    instalment. A question about a day makes all later periods such, and there may be hundreds of them.
    """
    emptied: list[RepaymentPeriod] = []
    owed = book.total_principal - book.total_paid_principal
    if missing >= 0 or any(period.outstanding_principal > owed for period in book.periods):
        return emptied
    for period in reversed(book.periods):
        if period.is_paid:
            continue
        least = period.paid - period.credited
        earns = period.fixed_interest or period.deferred_interest or period.calculated_interest
        if earns or period.instalment + missing >= least:
            break
        missing += period.instalment - least
        period.instalment = least
        emptied.append(period)
    return emptied


def _shrink_beyond_owed(book: Book) -> None:
    """No period asks for more principal than the loan still owes (the last instalments may be paid first)."""
    owed = book.total_principal - book.total_paid_principal
    for period in book.periods:
        beyond = period.outstanding_principal - owed
        if beyond > 0:
            period.instalment = max(period.instalment - beyond, period.paid - period.credited)


def _last_open(book: Book) -> RepaymentPeriod | None:
    for period in reversed(book.periods):
        if not period.is_paid:
            return period
    last = book.periods[-1]
    if book.total_paid_principal == 0 and last.slices and last.balance_after > 0:
        return last
    return None


def defer_interest(book: Book, period: RepaymentPeriod, till: date) -> None:
    """Interest earned till the day after the loan's last open period is recognised in that period instead."""
    _defer_each(book, [period], till)


def _defer_each(book: Book, periods: list[RepaymentPeriod], till: date) -> None:
    """The same for several periods, one after the other."""
    handed_on: list[RepaymentPeriod] | None = None
    for period in periods:
        if period is book.periods[-1]:
            continue
        overdue = {correction.period_due for correction in book.overdue_corrections}
        if period.due in overdue and max(overdue) <= period.due:
            found = _handed_on(book, till, without_overdue=True)
        else:
            found = handed_on = _handed_on(book, till) if handed_on is None else handed_on
        other = next((each for each in found if each.due > period.due), None)
        if other is None:
            continue
        period.deferred_interest = other.unrecognised_interest
        for moved in book.periods:
            if moved.due > period.due:
                moved.interest_moved_later = True
        handed_on = None


def _handed_on(book: Book, till: date, *, without_overdue: bool = False) -> list[RepaymentPeriod]:
    """The periods, the last first, that hand interest on which was earned till a day; of a copy."""
    copy = book.copy()
    if without_overdue:
        for correction in copy.overdue_corrections:
            copy.change_balance(correction.on, correction=-correction.amount)
    update_factors_till(copy, till)
    if without_overdue:
        copy.update_balances()
    return [each for each in reversed(copy.periods) if each.unrecognised_interest > 0]


def update_factors_till(book: Book, till: date) -> None:
    """Rate factors of the days up to and including `till`; later days earn nothing."""
    period = book.period_at(till)
    piece = period.slice_at(till) if period else None
    if piece is not None:
        piece.due = till
    book.update_factors()
    for period in book.periods:
        for piece in period.slices:
            if piece.due > till:
                piece.instalment_factor = piece.interest_factor = Decimal(0)


# -- evening out --


def even_out(book: Book, related: list[RepaymentPeriod]) -> None:
    """Shares a last instalment that differs too much among all related ones, while that brings them nearer."""
    if not related or book.rules.amortization is not Amortization.EQUAL_INSTALMENTS:
        return
    trial: Book | None = None
    for _ in range(_EVENING_ROUNDS):
        instalment, difference = last_difference(related)
        if not (len(related) // 2 and abs(difference) > len(related) // 2):
            return
        paid_beyond = sum(instalment < period.paid for period in related)
        evened = in_multiples(book, instalment + divided(difference, max(1, len(related) - paid_beyond)))
        if evened == instalment:
            return
        trial = trial or book.copy()
        first = related[0]
        ahead = [period for period in trial.periods if period.start >= first.start and period.due >= first.due]
        for period in ahead:
            if evened >= period.paid and not period.holds_early_repayment:
                period.instalment = period.original_instalment = evened
        trial.update_balances()
        settle_last(trial, first.due)
        if abs(last_difference(trial.periods)[1]) >= abs(difference):
            return
        better = [period for period in ahead if not period.holds_early_repayment]
        for period, source in zip(related, better, strict=False):
            period.instalment = period.original_instalment = source.instalment
        book.update_balances()


def last_difference(periods: list[RepaymentPeriod]) -> tuple[int, int]:
    """The instalment before the last open one, and by how much the last differs from it."""
    for before, last in reversed(list(pairwise(periods))):
        if not last.is_paid and not before.is_paid:
            return before.instalment, last.instalment - before.instalment
    return periods[0].instalment, 0
