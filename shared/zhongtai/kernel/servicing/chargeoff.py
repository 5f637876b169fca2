"""Charge-off (转表外) and contract termination (终止合同): what becomes of interest and dates when a loan ends badly.

A charge-off leaves the schedule, takes interest of the days to come off it, or has everything fall due at once; a
termination always does the last. Either books the interest earned till then that was not yet accrued.
"""

from collections.abc import Callable
from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.factors import CONTEXT, rounded
from zhongtai.kernel.servicing.interest.reage import accelerate as accelerate_model
from zhongtai.kernel.servicing.interest.reage import forget_payments
from zhongtai.kernel.servicing.levies import Levy, refigure_fees
from zhongtai.kernel.servicing.numbering import number_again
from zhongtai.kernel.servicing.operations import ReAge, ReAgeInterest
from zhongtai.kernel.servicing.terms import Accounting, ChargeOffBehaviour
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Change, Workings

Again = Callable[[Workings, Entry], None]
T = TransactionType


def charge_off(work: Workings, entry: Entry, again: Again) -> None:
    """Charges the loan off as its terms say; the entry tells what is owed. `again` works an entry once more."""
    if any(not each.met for each in work.instalments):
        if work.terms.charge_off is ChargeOffBehaviour.ZERO_INTEREST:
            _end_interest(work, entry)
        elif work.terms.charge_off is ChargeOffBehaviour.ACCELERATE_MATURITY:
            _accelerate(work, entry, again)
        _accrue_missing(work, entry)
        if not work.recalculates:
            refigure_fees(work.levies, work.instalments, entry.dated)
    _tell_owed(work, entry)
    work.charged_off = entry.amount > 0
    entry.reverted = entry.amount == 0


def terminate(work: Workings, entry: Entry, again: Again) -> None:
    """Ends the contract: everything owed falls due on the day; the entry tells how much."""
    if any(not each.met for each in work.instalments):
        _accelerate(work, entry, again)
        _accrue_missing(work, entry)
        if not work.recalculates:
            refigure_fees(work.levies, work.instalments, entry.dated)
    _tell_owed(work, entry)
    work.terminated = entry.amount > 0
    entry.reverted = entry.amount == 0


def _tell_owed(work: Workings, entry: Entry) -> None:
    entry.clear()
    entry.set_components(work.outstanding())


# -- interest till the end --


def interest_till_end(work: Workings, on: date) -> int:
    """Interest earned till a day: of instalments past all that is charged, of the running one its days."""
    total = 0
    for each in work.instalments:
        if each.additional:
            continue
        if each.due <= on:
            total += each.charged[INTEREST] - each.credited[INTEREST]
        elif each.start <= on:
            total += _running_interest(work, each, on)
    return total


def _running_interest(work: Workings, instalment: Instalment, on: date) -> int:
    if work.recalculates and work.model is not None and work.model.find(instalment.start, instalment.due) is not None:
        return work.interest_model.interest_till(
            instalment.start, instalment.due, on, with_credited=True, fixed_by_day=False
        )
    if work.terms.charge_off is not ChargeOffBehaviour.REGULAR:
        return instalment.owed(INTEREST)
    return _by_days(instalment, on)


def _by_days(instalment: Instalment, on: date) -> int:
    """The unpaid interest's share of the days till a day."""
    whole = (instalment.due - instalment.start).days
    daily = CONTEXT.divide(instalment.owed(INTEREST), whole)
    return rounded(CONTEXT.multiply(daily, (on - instalment.start).days))


def _accrue_missing(work: Workings, entry: Entry) -> None:
    """Books, before the entry, the interest earned till its day that is not accrued yet (or was too much)."""
    if work.terms.accounting is not Accounting.ACCRUAL_PERIODIC:
        return
    on = entry.dated
    accrued = sum(
        each.amounts[INTEREST] * (1 if each.type is T.ACCRUAL else -1)
        for each in work.accruals
        if not each.reverted and each.dated <= on
    )
    missing = interest_till_end(work, on) - accrued
    if not missing:
        return
    type_ = T.ACCRUAL if missing > 0 else T.ACCRUAL_ADJUSTMENT
    accrual = Entry(
        id=f"{entry.id}/accrual",
        type=type_,
        dated=on,
        booked_on=entry.booked_on,
        sequence=entry.sequence,
        amount=abs(missing),
        cause=entry.cause,
        amounts=parts(interest=abs(missing)),
    )
    work.changes.append(Change(None, accrual))


# -- interest ends --


def _end_interest(work: Workings, entry: Entry) -> None:
    """From the day on the balance earns nothing: interest to come becomes principal, the sum stays what was lent."""
    on = entry.dated
    if not work.instalments:
        return
    for each in work.instalments:
        if each.regular and each.start <= on < each.due:
            _keep_interest_till(work, each, on)
    if work.recalculates:
        work.charged_off = True
    keeps_re_aged = any(_spread_interest(each) for each in work.stands(T.RE_AGE) if each.dated <= on)
    for each in work.instalments:
        if each.start > on and not each.met and not (each.re_aged and keeps_re_aged):
            owed = each.owed(INTEREST)
            if owed > 0:
                each.charged[PRINCIPAL] += owed
                each.charged[INTEREST] -= owed
    _fit_principal(work, on)


def _spread_interest(entry: Entry) -> bool:
    equal = (ReAgeInterest.EQUAL_AMORTIZATION_PAYABLE_INTEREST, ReAgeInterest.EQUAL_AMORTIZATION_FULL_INTEREST)
    return isinstance(entry.cause, ReAge) and entry.cause.interest in equal


def _keep_interest_till(work: Workings, instalment: Instalment, on: date) -> None:
    """The running instalment keeps the interest of the days past."""
    owed = instalment.owed(INTEREST)
    if work.recalculates and work.interest_model.find(instalment.start, instalment.due) is not None:
        kept = work.interest_model.interest_till(
            instalment.start, instalment.due, on, with_credited=True, fixed_by_day=False
        )
        if owed <= 0 and kept <= 0:
            return
        instalment.charged[PRINCIPAL] += instalment.charged[INTEREST] - kept
    else:
        if owed <= 0:
            return
        kept = _by_days(instalment, on)
        instalment.charged[PRINCIPAL] += owed - kept
    instalment.charged[INTEREST] = kept


def _fit_principal(work: Workings, on: date) -> None:
    """Brings the sum of principal back to what was lent, from the last open instalment backwards."""
    scheduled = [each for each in work.instalments if not each.additional]
    credited = sum(each.credited[PRINCIPAL] for each in scheduled)
    lent = sum(each.amount for kind in (T.DISBURSEMENT, T.CAPITALIZED_INCOME) for each in work.stands(kind))
    difference = lent + credited - sum(each.charged[PRINCIPAL] for each in scheduled)
    for each in reversed(work.instalments[1:]):
        if not difference:
            return
        if each.additional or each.met:
            continue
        principal = each.charged[PRINCIPAL]
        each.charged[PRINCIPAL] = max(0, principal + difference)
        each.settle(on)
        if abs(difference) <= principal:
            return
        difference += principal if difference < 0 else -principal


# -- everything falls due --


def _accelerate(work: Workings, entry: Entry, again: Again) -> None:
    """Has all that is owed fall due on the entry's day, in the instalment that holds it."""
    on = entry.dated
    current = work.instalment_at(on)
    regular = work.regular()
    if current is None or not regular or on >= regular[-1].due:
        return
    if not current.met or current.re_aged:
        _stop_interest(work, current, on)
    current.due = on
    later = [each for each in work.instalments if each.due > on]
    current.charged[PRINCIPAL] += sum(each.charged[PRINCIPAL] for each in later)
    if current.met:
        unpaid = sum(each.owed(PRINCIPAL) for each in later)
        current.paid[PRINCIPAL] = current.charged[PRINCIPAL] - unpaid
        current.in_advance += sum(each.in_advance for each in later)
    ahead = [each for each in work.history if each.dated < on and any(met.instalment.start > on for met in each.met)]
    kept = _kept(work, on, current, later)
    touched = {id(met.instalment) for each in ahead for met in each.met}
    for each in work.instalments:
        if each.start < on and not each.met and id(each) in touched:
            each.forget_payments()
    work.instalments[:] = kept
    current.settle(on)
    number_again(work)
    _pay_again(work, entry, ahead, again)
    if _paid(work.instalments) != _given(work.history):
        _pay_all_again(work, again)


def _stop_interest(work: Workings, current: Instalment, on: date) -> None:
    """The running instalment bears interest till the day, and interest spread over re-aged ones that are gone."""
    if not work.recalculates or work.interest_model.find(current.start, current.due) is None:
        if current.owed(INTEREST) > 0:
            current.charged[INTEREST] = _by_days(current, on)
        return
    model = work.interest_model
    interest = model.interest_till(current.start, current.due, on, with_credited=True, fixed_by_day=False)
    interest += sum(each.fixed_interest for each in model.periods if each.start >= on and each.re_aged)
    if current.owed(INTEREST) > 0 or interest > 0:
        current.charged[INTEREST] = interest


def _kept(work: Workings, on: date, current: Instalment, later: list[Instalment]) -> list[Instalment]:
    """The instalments begun by the day, and one more for charges that are not yet due."""
    first = min(each.number for each in work.instalments if not each.down_payment)
    kept = [
        each
        for each in work.instalments
        if on > each.start or (on == each.start and (each.number == first or each.down_payment))
    ]
    fee, penalty = (sum(each.charged[component] for each in later) for component in (FEE, PENALTY))
    due = max((levy.due_on for levy in work.levies if _still_due(levy) and levy.due_on is not None), default=None)
    if (fee or penalty) and due is not None:
        number = kept[-1].number + 1
        charged = parts(fee=fee, penalty=penalty)
        kept.append(Instalment(number, current.due, due, charged, additional=True))
    return kept


def _still_due(levy: Levy) -> bool:
    return levy.active and levy.outstanding > 0


def _anew(work: Workings, entry: Entry) -> Entry:
    """The entry to be worked once more: one that is booked already is replaced by a new one."""
    if entry.fresh or any(change.new is entry for change in work.changes):
        entry.met.clear()
        return entry
    new = entry.again()
    work.changes.append(Change(entry, new))
    work.history[work.history.index(entry)] = new
    return new


def _keep_if_same(work: Workings, booked: Entry, new: Entry) -> None:
    """The booked entry stays where working it once more changed nothing."""
    if new is not booked and booked.same_amounts(new):
        booked.met, booked.charges = new.met, new.charges
        work.changes[:] = [change for change in work.changes if change.new is not new]
        work.history[work.history.index(new)] = booked


def _pay_again(work: Workings, entry: Entry, ahead: list[Entry], again: Again) -> None:
    """Works payments that had gone to instalments now gone once more."""
    if work.model is None or not work.recalculates:
        for each in ahead:
            again(work, _anew(work, each))
        return
    starts = {met.instalment.start for each in ahead for met in each.met}
    for each in ahead:
        each.met.clear()
    accelerate_model(work.model, entry.dated)
    for each in ahead:
        for period in work.model.periods:
            if period.start < entry.dated and period.start in starts:
                forget_payments(period)
        instalment = work.instalment_at(each.dated)
        if instalment is None or not instalment.met:
            work.model.correct_balance(each.dated, each.amounts[PRINCIPAL])
            new = _anew(work, each)
            again(work, new)
            _keep_if_same(work, each, new)


def _paid(instalments: list[Instalment]) -> int:
    return sum(each.total_paid for each in instalments)


def _given(history: list[Entry]) -> int:
    """What payments gave to instalments, less what was given back."""
    standing = [each for each in history if not each.reverted]
    given = sum(sum(each.amounts.values()) for each in standing if each.pays)
    return given - sum(sum(each.amounts.values()) for each in standing if each.type is T.REFUND)


def _pay_all_again(work: Workings, again: Again) -> None:
    """Works all payments on what is left: one met both instalments that are gone and others that stay as they were.

    Fineract keeps such a part twice (it works the payment again on an instalment that still holds it).
    """
    for instalment in work.instalments:
        instalment.paid, instalment.in_advance, instalment.late = parts(), 0, 0
        instalment.check(None)
    for levy in work.levies:
        levy.forget_paid()
    if work.model is not None and work.recalculates:
        for period in work.model.periods:
            forget_payments(period)
    work.overpaid = 0
    for entry in [each for each in work.history if (each.pays or each.type is T.REFUND) and not each.reverted]:
        if work.model is not None and work.recalculates:
            paid = entry.amounts[PRINCIPAL]
            work.model.correct_balance(entry.dated, paid if entry.pays else -paid)
        new = _anew(work, entry)
        again(work, new)
        _keep_if_same(work, entry, new)
