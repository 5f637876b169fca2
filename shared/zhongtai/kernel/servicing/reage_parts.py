"""Re-age in equal parts without the interest model, and what every re-age in equal parts shares."""

from dataclasses import dataclass, field
from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, Parts, parts
from zhongtai.kernel.servicing.interest.reage import EqualShares, equal_shares, remaining_shares
from zhongtai.kernel.servicing.interest.spans import add_units
from zhongtai.kernel.servicing.levies import Levy, Slice, of_instalment
from zhongtai.kernel.servicing.numbering import make_room, number_again
from zhongtai.kernel.servicing.operations import ReAge
from zhongtai.kernel.servicing.terms import Component
from zhongtai.kernel.servicing.workings import Workings


@dataclass(frozen=True, slots=True)
class Scope:
    """What a re-age in equal parts spreads besides principal; `payable`: only interest earned by its day."""

    payable: bool = False
    leaves_down_payments: bool = False
    interest: bool = False
    charges: bool = False


@dataclass(slots=True)
class Lifted:
    """What was taken off the instalments to be spread anew."""

    owed: Parts = field(default_factory=parts)
    levies: list[Levy] = field(default_factory=list)


@dataclass(slots=True)
class Ahead:
    """What had been paid of instalments that a re-age takes away."""

    paid: Parts = field(default_factory=parts)
    in_advance: int = 0
    late: int = 0
    instalments: list[Instalment] = field(default_factory=list)


def active_of(work: Workings, instalment: Instalment) -> list[Levy]:
    return of_instalment([each for each in work.levies if each.active], instalment, 1)


def lift(work: Workings, on: date, scope: Scope) -> Lifted:
    """Takes what is owed off the instalments."""
    lifted = Lifted()
    for each in work.instalments:
        if scope.leaves_down_payments and each.down_payment:
            continue
        components = [PRINCIPAL] + [INTEREST] * scope.interest
        if scope.charges:
            lifted.levies += [levy for levy in active_of(work, each) if levy.outstanding > 0]
            components += [FEE, PENALTY]
        for component in components:
            owed = each.owed(component)
            if owed > 0:
                lifted.owed[component] += owed
                each.charged[component] -= owed
        each.settle(on)
    lifted.levies = list(dict.fromkeys(lifted.levies))
    if scope.interest and scope.payable:
        lifted.owed[INTEREST] = work.interest_model.outstanding_till(on).interest
    return lifted


def lift_paid_ahead(work: Workings, on: date) -> Ahead:
    """Takes the payments off the instalments from a day on, as if none had been made."""
    ahead = Ahead()
    for each in work.instalments:
        if each.regular and each.due >= on:
            ahead.instalments.append(each)
            ahead.in_advance += each.in_advance
            ahead.late += each.late
            for component in Component:
                ahead.paid[component] += each.paid[component]
            each.forget_payments()
    return ahead


def move_shares(work: Workings, gone: list[Instalment], target: Instalment) -> None:
    """What earlier entries gave to instalments that are gone, they gave to the one that keeps it."""
    for entry in work.history:
        for met in entry.met:
            if any(met.instalment is each for each in gone):
                met.instalment = target


def spread_levies(by_levy: list[tuple[Levy, EqualShares]], instalment: Instalment, index: int) -> None:
    for levy, spread in by_levy:
        levy.slices[instalment.number] = Slice(spread.share(index))


def in_equal_parts(work: Workings, entry: Entry, cause: ReAge, scope: Scope) -> None:
    on, count = entry.dated, cause.instalments
    maturity = max(each.due for each in work.instalments if each.regular)
    lifted = lift(work, on, scope)
    entry.set_components(lifted.owed)
    if entry.amount == 0:
        return
    shares = {each: equal_shares(lifted.owed[each], count) for each in (INTEREST, FEE, PENALTY)}
    others = sum(each.value for each in shares.values())
    multiple = work.terms.repayment.multiples_of or 0
    shares[PRINCIPAL] = remaining_shares(lifted.owed[PRINCIPAL], entry.amount, others, count, multiple)
    by_levy = [(levy, equal_shares(levy.outstanding, count)) for levy in lifted.levies]
    number, start = _first_place(work, min(cause.start_on, on))
    ahead = _strip_paid_ahead(work, on)
    if on <= maturity:
        number, start = _insert_early_repaid(work, on, (number, start), ahead, scope)
    due = cause.start_on
    last = number
    for index in range(count):
        charged = {component: spread.share(index) for component, spread in shares.items()}
        if index == 0 and count > 1:
            charged = {component: spread.value for component, spread in shares.items()}
        made = Instalment(number + index, start, due, charged, re_aged=True)
        made = _place(work, made, on)
        spread_levies(by_levy, made, index)
        last = made.number
        start, due = made.due, add_units(made.due, cause.unit, cause.every)
    work.instalments[:] = [
        each for each in work.instalments if each.additional or each.number <= last or each.total_paid
    ]
    number_again(work)


def _first_place(work: Workings, start: date) -> tuple[int, date]:
    """The number and start of the first new instalment: behind the last one due before `start`."""
    normal = sorted((each for each in work.instalments if not each.down_payment), key=lambda each: each.due)
    before = [each for each in normal if each.due < start]
    if not before:
        return normal[0].number, normal[0].start
    return before[-1].number + 1, before[-1].due


def _strip_paid_ahead(work: Workings, on: date) -> Ahead:
    """Takes what was paid off the instalments from a day on; they keep what is unpaid."""
    ahead = Ahead()
    for each in work.instalments:
        if not each.regular or each.due < on:
            continue
        ahead.instalments.append(each)
        ahead.in_advance += each.in_advance
        for component in Component:
            ahead.paid[component] += each.paid[component]
            each.charged[component] -= each.paid[component]
            each.paid[component] = 0
        each.in_advance = 0
    return ahead


def _insert_early_repaid(
    work: Workings, on: date, place: tuple[int, date], ahead: Ahead, scope: Scope
) -> tuple[int, date]:
    """Puts an instalment due on the day before the new ones, for what had been paid ahead."""
    number, start = place
    stub = next((each for each in work.instalments if each.number == number - 1), None)
    if stub is not None and stub.re_aged and stub.outstanding == 0 and stub.total_paid == 0:
        number, start = stub.number, stub.start
        work.instalments.remove(stub)
    held = Instalment(number, start, on, dict(ahead.paid), dict(ahead.paid), re_aged=True)
    held.in_advance = ahead.in_advance
    if not scope.charges:
        _move_charges(work, held)
    move_shares(work, ahead.instalments, held)
    held.settle(on)
    make_room(work, number)
    work.instalments.append(held)
    return number + 1, on


def _move_charges(work: Workings, held: Instalment) -> None:
    """Charges that fall due with the inserted instalment move to it from the one it goes before."""
    source = next((each for each in work.instalments if each.number == held.number), None)
    first = min(each.number for each in work.instalments if not each.down_payment)
    if source is None:
        return
    for levy in of_instalment([each for each in work.levies if each.active], held, first):
        if levy.outstanding > 0:
            source.charged[levy.component] -= levy.amount
            source.paid[levy.component] -= levy.paid
            held.charged[levy.component] += levy.amount
            held.paid[levy.component] += levy.paid


def _place(work: Workings, made: Instalment, on: date) -> Instalment:
    """Puts a new instalment in; one of the same number takes it over, unless it lies behind it as an additional."""
    target = next((each for each in work.instalments if each.number == made.number), None)
    if target is None or (target.additional and target.due > made.due):
        if target is not None:
            make_room(work, made.number)
        work.instalments.append(made)
        made.settle(on)
        return made
    target.additional, target.re_aged = False, True
    target.start, target.due = made.start, made.due
    target.charged[PRINCIPAL] = made.charged[PRINCIPAL] + target.paid[PRINCIPAL]
    target.charged[INTEREST] = made.charged[INTEREST] + target.paid[INTEREST]
    target.charged[FEE] += made.charged[FEE]
    target.charged[PENALTY] += made.charged[PENALTY]
    target.settle(on)
    return target
