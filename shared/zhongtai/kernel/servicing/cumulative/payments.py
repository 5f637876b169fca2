"""How the cumulative convention shares payments out: instalment by instalment, in an order its strategy fixes.

Rules read from Apache Fineract's classic transaction processors (Apache-2.0), in our own words: the instalments are
met in order of their due dates, down payments among them. Of an instalment that is due or late the components are met
in the strategy's order; of one that is not yet due, where the strategy says so, first what is due of it (charges whose
day has come) and then the rest. What no instalment takes is overpaid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhongtai.kernel.servicing.chargeoff import charge_off
from zhongtai.kernel.servicing.entries import Entry, Met
from zhongtai.kernel.servicing.instalments import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Instalment,
    Parts,
    parts,
)
from zhongtai.kernel.servicing.levies import Levy
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import Component
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Workings

T = TransactionType
Order = tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A fixed order. `first_in_advance`: what is met first of an instalment not yet due; of charges only what is due.

    `refund` is the order in which a refund takes back what was paid.
    """

    order: Order
    first_in_advance: Order = ()
    refund: Order = (PRINCIPAL, INTEREST, FEE, PENALTY)


STRATEGIES = {
    "mifos-standard-strategy": Strategy((PENALTY, FEE, INTEREST, PRINCIPAL)),
    "principal-interest-penalties-fees-order-strategy": Strategy(
        (PRINCIPAL, INTEREST, PENALTY, FEE), refund=(FEE, PENALTY, INTEREST, PRINCIPAL)
    ),
    "interest-principal-penalties-fees-order-strategy": Strategy(
        (INTEREST, PRINCIPAL, PENALTY, FEE), refund=(FEE, PENALTY, PRINCIPAL, INTEREST)
    ),
    "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy": Strategy(
        (PENALTY, FEE, INTEREST, PRINCIPAL), first_in_advance=(PENALTY, FEE, PRINCIPAL)
    ),
    "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy": Strategy(
        (PENALTY, INTEREST, PRINCIPAL, FEE), first_in_advance=(PENALTY, FEE)
    ),
}


def strategy_of(name: str) -> Strategy:
    """The strategy of a name; a refusal where we do not have it."""
    if name not in STRATEGIES:
        raise OperationUnsupported(operation=name, because="payments are not shared out so")
    return STRATEGIES[name]


def work(workings: Workings, entry: Entry) -> None:
    """Works one transaction on the instalments and tells it how it was shared out."""
    if entry.pays or entry.type is T.WAIVE_CHARGES:
        pay(workings, entry)
    elif entry.type is T.REFUND:
        refund(workings, entry)
    elif entry.type in (T.CHARGEBACK, T.CREDIT_BALANCE_REFUND):
        give_back(workings, entry)
    elif entry.type is T.WRITE_OFF:
        write_off(workings, entry)
    elif entry.type is T.CHARGE_OFF:
        charge_off(workings, entry, work)


def pay(workings: Workings, entry: Entry) -> None:
    """Shares a payment out over the instalments; what is left is overpaid."""
    if entry.type is T.WAIVE_CHARGES:
        return
    strategy = strategy_of(workings.terms.allocation.strategy)
    entry.amounts, entry.met, entry.overpaid = parts(), [], 0
    entry.charges.clear()
    remaining = entry.amount
    for instalment in in_order(workings.instalments):
        if remaining <= 0:
            break
        if instalment.outstanding <= 0:
            continue
        taken = meet(workings.levies, strategy, instalment, entry.dated, remaining)
        paid = sum(taken.values())
        if paid:
            entry.met.append(Met(instalment, taken))
            for component, amount in taken.items():
                entry.amounts[component] += amount
            remaining -= paid
    for component in (FEE, PENALTY):
        if entry.amounts[component]:
            levies = [levy for levy in workings.levies if levy.component is component and levy.active]
            workings.pay_charges(entry, entry.amounts[component], levies, None)
    entry.overpaid = remaining
    workings.overpaid = workings.overpaid + remaining if remaining > 0 else 0


def in_order(instalments: list[Instalment]) -> list[Instalment]:
    """By due date; those of one day stay as they stand."""
    return sorted(instalments, key=lambda each: each.due)


def meet(levies: Iterable[Levy], strategy: Strategy, instalment: Instalment, on: date, amount: int) -> Parts:
    """Pays what is owed of an instalment, in the strategy's order."""
    taken, remaining = parts(), amount
    if strategy.first_in_advance and on < instalment.due:
        due = charges_due(levies, on)
        for component in strategy.first_in_advance:
            limit = min(remaining, due.get(component, remaining))
            paid = instalment.pay(component, on, limit)
            taken[component] += paid
            remaining -= paid
    for component in strategy.order:
        paid = instalment.pay(component, on, remaining)
        taken[component] += paid
        remaining -= paid
    return taken


def charges_due(levies: Iterable[Levy], on: date) -> Parts:
    """The charges not yet paid whose day has come, in full."""
    due = {FEE: 0, PENALTY: 0}
    for levy in levies:
        day = levy.due_on
        if levy.active and levy.outstanding > 0 and (day is None or day <= on):
            due[levy.component] += levy.amount
    return due


def refund(workings: Workings, entry: Entry) -> None:
    """Takes back what was paid, from the last instalment on."""
    strategy = strategy_of(workings.terms.allocation.strategy)
    entry.amounts, entry.met = parts(), []
    remaining = entry.amount
    for instalment in reversed(in_order(workings.instalments)):
        taken = parts()
        for component in strategy.refund:
            given = instalment.unpay(component, entry.dated, remaining)
            taken[component] += given
            remaining -= given
        if any(taken.values()):
            entry.met.append(Met(instalment, taken))
            for component, amount in taken.items():
                entry.amounts[component] += amount
        if remaining == 0:
            break


def give_back(workings: Workings, entry: Entry) -> None:
    """A charge-back or a refund of the credit balance: what was overpaid is used up first, the rest is owed again.

    It is owed with the next instalment; behind the last one an additional instalment is made for it.
    """
    entry.met = []
    repaid = min(entry.amount, workings.overpaid)
    workings.overpaid -= repaid
    entry.overpaid = repaid
    owed = entry.amount - repaid
    entry.amounts = parts(principal=owed)
    if owed == 0:
        return
    instalment = instalment_for(workings, entry.dated)
    instalment.credit(PRINCIPAL, entry.amount)
    instalment.check(entry.dated)
    if repaid:
        paid = instalment.pay(PRINCIPAL, entry.dated, repaid)
        entry.met.append(Met(instalment, parts(principal=paid)))


def instalment_for(workings: Workings, on: date) -> Instalment:
    """The instalment that takes what is owed anew from a day on."""
    regular = [each for each in in_order(workings.instalments) if not each.down_payment]
    for instalment in regular:
        if instalment.additional:
            instalment.due = max(instalment.due, on)
            return instalment
        if instalment.due > on:
            return instalment
    if regular[-1].due == on:
        return regular[-1]
    added = Instalment(len(workings.instalments) + 1, regular[-1].due, on, additional=True)
    workings.instalments.append(added)
    return added


def write_off(workings: Workings, entry: Entry) -> None:
    """Gives up everything that is owed."""
    entry.amounts = parts()
    for instalment in workings.instalments:
        if instalment.outstanding > 0:
            for component, amount in instalment.write_off(entry.dated).items():
                entry.amounts[component] += amount
    entry.amount = sum(entry.amounts.values())
