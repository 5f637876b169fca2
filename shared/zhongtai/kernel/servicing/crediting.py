"""What puts amounts back on the account: charge-backs and refunds of a credit balance."""

from zhongtai.kernel.servicing.allocation import share_out
from zhongtai.kernel.servicing.entries import Entry, chronological
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, Parts, parts
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Workings

T = TransactionType


def charge_back(work: Workings, entry: Entry) -> None:
    """A payment is taken back: its amount is owed again, by the product's order of components (principal if none)."""
    if work.terms.recalculation is not None:
        _charge_back_by_model(work, entry)
    elif not work.terms.allocation.chargeback:
        credit_principal_plainly(work, entry)
    else:
        _charge_back_by_order(work, entry)


def refund_credit_balance(work: Workings, entry: Entry) -> None:
    """Overpaid money is given back; what goes beyond it is owed as principal."""
    if work.terms.recalculation is None or work.model is None:
        credit_principal_plainly(work, entry)
        return
    repaid = _split_overpaid(work, entry)
    if entry.amounts[PRINCIPAL] == 0:
        return
    on, model = entry.dated, work.model
    instalments = sorted((each for each in work.instalments if not each.down_payment), key=lambda each: each.due)
    for instalment in instalments:
        if instalment.additional:
            instalment.due = max(instalment.due, on)
            instalment.credit(PRINCIPAL, entry.amount)
            _repay(entry, instalment, repaid)
            return
        if instalment.due > on or (instalment is instalments[-1] and instalment.due == on):
            model.credit_principal(on, entry.amount)
            work.follow_model(on)
            if repaid:
                model.pay_principal(instalment.start, instalment.due, on, repaid)
                work.follow_model(on)
                _repay(entry, instalment, repaid)
            return
    _repay(entry, _behind(work, entry, instalments[-1]), repaid)


def credit_principal_plainly(work: Workings, entry: Entry) -> None:
    """Without the model: the amount is principal of the running instalment, or of one behind the last."""
    repaid = _split_overpaid(work, entry)
    if entry.amounts[PRINCIPAL] == 0:
        return
    instalment = _bearing(work, entry)
    instalment.credit(PRINCIPAL, entry.amount)
    instalment.check(entry.dated)
    _repay(entry, instalment, repaid)


def _split_overpaid(work: Workings, entry: Entry) -> int:
    """The part covered by what was overpaid; the rest of the entry is principal."""
    entry.clear()
    principal = max(entry.amount - work.overpaid, 0)
    repaid = max(entry.amount - principal, 0)
    entry.overpaid = repaid
    work.overpaid -= repaid
    entry.amounts[PRINCIPAL] = principal
    return repaid


def _repay(entry: Entry, instalment: Instalment, repaid: int) -> None:
    if repaid > 0:
        entry.share(instalment)[PRINCIPAL] += instalment.pay(PRINCIPAL, entry.dated, repaid)


def _bearing(work: Workings, entry: Entry) -> Instalment:
    """The instalment that bears a credit: the running one, the additional one, or one made behind the last."""
    on = entry.dated
    instalments = sorted((each for each in work.instalments if not each.down_payment), key=lambda each: each.due)
    for instalment in instalments:
        if instalment.additional:
            instalment.due = max(instalment.due, on)
            return instalment
        if instalment.due > on:
            return instalment
    last = instalments[-1]
    if last.due == on:
        return last
    made = Instalment(len(work.instalments) + 1, last.due, on, additional=True)
    work.instalments.append(made)
    return made


def _behind(work: Workings, entry: Entry, last: Instalment) -> Instalment:
    """An additional instalment behind the last that bears the whole amount."""
    made = Instalment(len(work.instalments) + 1, last.due, entry.dated, additional=True)
    made.credit(PRINCIPAL, entry.amount)
    work.instalments.append(made)
    return made


def _charge_back_by_model(work: Workings, entry: Entry) -> None:
    entry.clear()
    entry.overpaid = work.overpaid
    if entry.amount <= 0:
        return
    model, on = work.interest_model, entry.dated
    split = _split_by_order(work, entry) if work.terms.allocation.chargeback else parts(entry.amount)
    entry.amounts = dict(split)
    if on <= model.maturity:
        if split[PRINCIPAL] > 0:
            model.credit_principal(on, split[PRINCIPAL])
        if split[INTEREST] > 0:
            model.credit_interest(on, split[INTEREST])
        work.follow_model(on)
        running = next(
            (
                each
                for each in work.instalments
                if (each.due == on if on == model.maturity else each.start <= on < each.due) and not each.down_payment
            ),
            None,
        )
        if running is not None:
            _credit(work, running, parts(fee=split[FEE], penalty=split[PENALTY]), entry)
    else:
        instalment = next((each for each in work.instalments if each.additional), None)
        if instalment is None:
            instalment = Instalment(len(work.instalments) + 1, model.maturity, on, additional=True)
            work.instalments.append(instalment)
        _credit(work, instalment, split, entry)
        instalment.due = max(instalment.due, on)
    settle(work, entry)


def _charge_back_by_order(work: Workings, entry: Entry) -> None:
    entry.clear()
    work.instalments.sort(key=lambda each: each.due)
    entry.overpaid = max(entry.amount - max(entry.amount - work.overpaid, 0), 0)
    if entry.amount <= 0:
        return
    split = _split_by_order(work, entry)
    entry.amounts = dict(split)
    _credit(work, _bearing(work, entry), split, entry)
    settle(work, entry)


def settle(work: Workings, entry: Entry) -> None:
    """What was overpaid before pays what is owed again, by the default waterfall."""
    if work.overpaid > 0:
        entry.overpaid = min(entry.amount, work.overpaid)
        amounts = dict(entry.amounts)
        entry.met = []
        work.overpaid = share_out(work, entry, work.overpaid, work.terms.allocation.waterfalls["DEFAULT"])
        entry.amounts = amounts


def _credit(work: Workings, instalment: Instalment, split: Parts, entry: Entry) -> None:
    for component, amount in split.items():
        if amount > 0:
            instalment.credit(component, amount)
            instalment.check(entry.dated if component in (PRINCIPAL, INTEREST) else instalment.met_on)


def _split_by_order(work: Workings, entry: Entry) -> Parts:
    """The components of the payment taken back, in the product's order, less what earlier charge-backs took."""
    payment = next(each for each in work.history if each.root == entry.of)
    left = dict(payment.amounts)
    earlier = [each for each in work.history if each.type is T.CHARGEBACK and not each.reverted and each.of == entry.of]
    for each in sorted(earlier, key=chronological):
        taken = _in_order(work, left, each.amount)
        left = {component: left[component] - taken[component] for component in left}
    return _in_order(work, left, entry.amount)


def _in_order(work: Workings, left: Parts, amount: int) -> Parts:
    taken = parts()
    for component in work.terms.allocation.chargeback:
        taken[component] = max(min(left[component], amount), 0)
        amount -= taken[component]
    return taken
