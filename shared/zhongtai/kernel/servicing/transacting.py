"""What one transaction does to the account, worked in the order of history.

`work_on` first reckons what is overdue until the day into interest, then lets the transaction act. Every transaction
type has one verb; the table at the end names it.
"""

from collections.abc import Callable
from datetime import date

from zhongtai.kernel.servicing.allocation import even_parts, share_out, take_back
from zhongtai.kernel.servicing.chargeoff import charge_off, interest_till_end, terminate
from zhongtai.kernel.servicing.crediting import charge_back, refund_credit_balance, settle
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import INTEREST, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.interest_refund import interest_without_refunds
from zhongtai.kernel.servicing.levies import percentage, refigure_fees
from zhongtai.kernel.servicing.numbering import number_again
from zhongtai.kernel.servicing.operations import RefundInterest
from zhongtai.kernel.servicing.reage import re_age
from zhongtai.kernel.servicing.reamortise import re_amortise
from zhongtai.kernel.servicing.terms import ChargeOffBehaviour, PreClosure, Terms
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Workings

T = TransactionType


def work_on(work: Workings, entry: Entry) -> None:
    """Lets the entry act; its amounts say afterwards how it was shared out."""
    if work.model is not None:
        if entry.pays and not entry.reverted:
            work.prepaying = _pays_off(work, entry)
        work.recalculate(entry.dated)
    verb = VERBS.get(entry.type)
    if verb is not None:
        verb(work, entry)


def down_payment_of(terms: Terms, amount: int) -> int:
    """The part of a disbursement that falls due on its day."""
    if terms.down_payment is None:
        return 0
    part = percentage(amount, terms.down_payment.percent)
    multiples = terms.repayment.multiples_of
    return nearest(part, multiples) if multiples else part


def nearest(amount: int, multiples: int) -> int:
    """The amount in multiples, half to even."""
    quotient, remainder = divmod(amount, multiples)
    up = 2 * remainder > multiples or (2 * remainder == multiples and quotient % 2 == 1)
    return (quotient + up) * multiples


def _pays_off(work: Workings, entry: Entry) -> bool:
    """Whether the payment is as much as all that would be owed on the due date of its instalment."""
    instalment = work.instalment_at(entry.dated)
    if instalment is None or work.terms.recalculation is None:
        return False
    owed = work.interest_model.outstanding_till(instalment.due)
    return entry.amount >= owed.principal + owed.interest


def _by_model(work: Workings, on: date) -> bool:
    """Whether an amount lent on the day goes through the model: not behind its end."""
    if not work.bears_interest and (work.stands(T.RE_AGE) or work.stands(T.RE_AMORTIZE)):
        return False
    return on <= work.interest_model.maturity


def disburse(work: Workings, entry: Entry) -> None:
    """An amount is lent; part of it may fall due at once."""
    entry.clear()
    down = down_payment_of(work.terms, entry.amount)
    if work.terms.down_payment is not None:
        empty = _down_payment_on(work, entry.dated)
        empty.charged[PRINCIPAL] += down
        empty.check(entry.dated)
    _lend(work, entry, entry.amount - down, capitalised=False)
    entry.amounts[PRINCIPAL] = 0
    if not work.recalculates:
        refigure_fees(work.levies, work.instalments, entry.dated)


def _down_payment_on(work: Workings, on: date) -> Instalment:
    """The next down payment without an amount; behind a re-age, that left none, a new one."""
    for each in work.instalments:
        if each.down_payment and each.charged[PRINCIPAL] == 0:
            return each
    added = Instalment(0, on, on, down_payment=True)
    work.instalments.append(added)
    number_again(work)
    return added


def capitalise(work: Workings, entry: Entry) -> None:
    """Income is added to the balance."""
    entry.clear()
    _lend(work, entry, entry.amount, capitalised=True)
    entry.amounts[PRINCIPAL] = entry.amount


def _lend(work: Workings, entry: Entry, amount: int, *, capitalised: bool) -> None:
    on = entry.dated
    if _by_model(work, on):
        if capitalised:
            work.interest_model.capitalise(on, amount)
        else:
            work.interest_model.disburse(on, amount)
            if not any(each.due >= on for each in work.regular()):
                _additional(work, on).charged[PRINCIPAL] = amount
        _take_periods(work, on, amount)
    else:
        _spread(work, entry, amount)
    settle(work, entry)


def _additional(work: Workings, on: date) -> Instalment:
    """The additional instalment, moved to the day, or a new one."""
    for each in work.instalments:
        if each.additional:
            each.due = max(each.due, on)
            return each
    added = Instalment(len(work.instalments) + 1, on, on, additional=True)
    work.instalments.append(added)
    return added


def _take_periods(work: Workings, on: date, amount: int) -> None:
    """Takes the periods over from the model; a tranche with a full term of its own adds instalments."""
    if amount <= 0:
        return
    kept = iter(work.regular())
    added: list[Instalment] = []
    for period in work.interest_model.periods:
        instalment = next(kept, None)
        if instalment is not None and instalment.due == period.due and instalment.due >= on:
            instalment.charged[PRINCIPAL] = period.due_principal
            instalment.charged[INTEREST] = period.due_interest
            instalment.settle(on)
        elif instalment is None and period.due >= on:
            added.append(_from_period(period, on))
    if added:
        _insert_before_additional(work, added)


def _from_period(period: RepaymentPeriod, on: date) -> Instalment:
    made = Instalment(0, period.start, period.due, parts(period.due_principal, period.due_interest))
    made.settle(on)
    return made


def _insert_before_additional(work: Workings, added: list[Instalment]) -> None:
    """New instalments go before the additional one; charges within them move over to them."""
    additional = next((each for each in work.instalments if each.additional), None)
    if additional is not None:
        for instalment in added:
            for levy in work.levies:
                if levy.active and not levy.by_instalment and levy.falls_in(instalment, 0):
                    moved = min(levy.amount, additional.charged[levy.component])
                    additional.charged[levy.component] -= moved
                    instalment.charged[levy.component] += moved
        work.instalments.remove(additional)
        additional.start = added[-1].due
    work.instalments.extend(added)
    if additional is not None and additional.due > work.interest_model.maturity:
        work.instalments.append(additional)
    for number, instalment in enumerate(work.instalments, start=1):
        instalment.number = number


def _spread(work: Workings, entry: Entry, amount: int) -> None:
    """Without the model, the amount is spread evenly over the instalments to come, or on one behind the last."""
    candidates = [each for each in work.regular() if each.due > entry.dated]
    if not candidates:
        candidates = [_additional(work, entry.dated)]
    if amount <= 0 or not candidates:
        return
    share = even_parts(amount, len(candidates))[0] if len(candidates) > 1 else amount
    multiples = work.terms.repayment.multiples_of
    left = amount
    for each in candidates:
        before = each.charged[PRINCIPAL]
        after = before + share
        if multiples:
            after = nearest(after, multiples)
        each.charged[PRINCIPAL] = after
        left -= after - before
        each.settle(entry.dated)
    candidates[-1].charged[PRINCIPAL] += left
    candidates[-1].check(entry.dated)


def pay(work: Workings, entry: Entry) -> None:
    """A payment is shared out by its waterfall; what finds nothing to pay is overpaid."""
    entry.clear()
    _recognise_interest_till_due(work, entry)
    pay_rest(work, entry, entry.amount)


def pay_rest(work: Workings, entry: Entry, amount: int) -> None:
    """Shares an amount out and keeps the rest as overpaid."""
    left = share_out(work, entry, amount)
    if entry.amount == 0:
        return
    if left > 0:
        work.overpaid += left
        entry.overpaid = left
    else:
        work.overpaid = 0


def _recognise_interest_till_due(work: Workings, entry: Entry) -> None:
    """Paying off in a period that is paid already, where interest counts until the due date: the rest of it is due."""
    rules = work.terms.recalculation
    if not (work.model is not None and work.prepaying and rules and rules.pre_closure is PreClosure.TILL_REST_DATE):
        return
    for period in work.model.periods:
        if period.start <= entry.dated < period.due and period.is_paid:
            owed = work.model.outstanding_till(period.due).interest
            if owed > 0:
                period.deferred_interest = owed
            return


def pay_charge(work: Workings, entry: Entry) -> None:
    """A payment for one charge; what is left over is shared out."""
    entry.amounts, left = parts(), entry.amount
    levy = next(each for each in work.levies if each.id == next(iter(entry.charges))[0])
    entry.charges = {}
    before = work.disbursed_on
    for instalment in work.instalments:
        if before < (levy.due_on or instalment.due) <= instalment.due:
            taken = instalment.pay(levy.component, entry.dated, levy.take(min(left, levy.outstanding), None))
            entry.amounts[levy.component] += taken
            entry.charges[levy.id, instalment.number] = taken
            left -= taken
        before = instalment.due
    if left > 0:
        pay_rest(work, entry, left)


def refund(work: Workings, entry: Entry) -> None:
    """Payments are given back, the last ones first."""
    entry.clear()
    take_back(work, entry, entry.amount)


def refund_interest(work: Workings, entry: Entry) -> None:
    """The interest the refunded amount bore is given back, as a payment.

    It is what is due now, less what was refunded already, less what would be due had the refunded money never been
    lent. On a loan charged off, all interest till then. An amount given by hand stands until a replay.
    """
    if not (entry.fresh and isinstance(entry.cause, RefundInterest)):
        entry.amount = _interest_to_refund(work, entry)
        if entry.amount == 0:
            entry.reverted = True
            return
    work.interest_refunded += entry.amount
    pay(work, entry)


def _interest_to_refund(work: Workings, entry: Entry) -> int:
    charge_offs = work.stands(T.CHARGE_OFF)
    if work.charged_off and charge_offs:
        if work.terms.charge_off is not ChargeOffBehaviour.REGULAR:
            return interest_till_end(work, charge_offs[-1].dated)
        return sum(each.charged[INTEREST] for each in work.instalments)
    before = work.interest_model.total_interest_on(entry.dated)
    return before - work.interest_refunded - interest_without_refunds(work, entry.dated, replay_plain)


def replay_plain(work: Workings, entries: list[Entry]) -> None:
    """Works the entries one after the other, nothing compared with the books."""
    for entry in entries:
        work_on(work, entry)
        work.history.append(entry)


def write_off(work: Workings, entry: Entry) -> None:
    """What is owed is given up."""
    if work.model is not None:
        for period in work.model.periods:
            instalment = work.of(period.start, period.due)
            if instalment is not None:
                instalment.charged[PRINCIPAL] = period.due_principal
                instalment.charged[INTEREST] = period.due_interest
        work.charged_off = True
    given_up = parts()
    for instalment in work.instalments:
        if not instalment.met:
            for component, amount in instalment.write_off(entry.dated).items():
                given_up[component] += amount
    entry.clear()
    entry.set_components(given_up)


def at_disbursement(work: Workings, entry: Entry) -> None:
    """Charges due at disbursement were taken from the money paid out; the schedule does not hold them."""


VERBS: dict[TransactionType, Callable[[Workings, Entry], None]] = {
    T.DISBURSEMENT: disburse,
    T.CAPITALIZED_INCOME: capitalise,
    T.REPAYMENT: pay,
    T.DOWN_PAYMENT: pay,
    T.MERCHANT_ISSUED_REFUND: pay,
    T.PAYOUT_REFUND: pay,
    T.GOODWILL_CREDIT: pay,
    T.INTEREST_PAYMENT_WAIVER: pay,
    T.CHARGE_ADJUSTMENT: pay,
    T.RECOVERY: pay,
    T.CAPITALIZED_INCOME_ADJUSTMENT: pay,
    T.INTEREST_REFUND: refund_interest,
    T.CHARGE_PAYMENT: pay_charge,
    T.REFUND: refund,
    T.CHARGEBACK: charge_back,
    T.CREDIT_BALANCE_REFUND: refund_credit_balance,
    T.WRITE_OFF: write_off,
    T.RE_AGE: re_age,
    T.RE_AMORTIZE: re_amortise,
    T.CHARGE_OFF: lambda work, entry: charge_off(work, entry, work_on),
    T.CONTRACT_TERMINATION: lambda work, entry: terminate(work, entry, work_on),
}
