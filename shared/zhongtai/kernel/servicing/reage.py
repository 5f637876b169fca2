"""Re-age (重新计龄): what is owed is spread over new instalments from a day chosen, and past ones keep what was paid.

Three ways: through the interest model, where interest follows what is owed; in equal parts, interest too, through
the model; in equal parts without it, for loans that bear no interest or keep their first schedule's interest.
"""

from dataclasses import dataclass, field
from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, Parts, parts
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.interest.reage import (
    EqualShares,
    NewPeriods,
    equal_shares,
    remaining_shares,
)
from zhongtai.kernel.servicing.interest.reage import re_age as re_age_model
from zhongtai.kernel.servicing.interest.reage import re_age_equal as re_age_model_equal
from zhongtai.kernel.servicing.interest.spans import add_units
from zhongtai.kernel.servicing.levies import Levy, Slice, of_instalment, put_on
from zhongtai.kernel.servicing.numbering import make_room, number_again
from zhongtai.kernel.servicing.operations import ReAge, ReAgeInterest
from zhongtai.kernel.servicing.terms import Component
from zhongtai.kernel.servicing.variations import vary
from zhongtai.kernel.servicing.workings import VariationKind, Workings


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a re-age in equal parts spreads besides principal; `payable`: only interest earned by its day."""

    payable: bool = False
    leaves_down_payments: bool = False
    interest: bool = False
    charges: bool = False


@dataclass(slots=True)
class _Lifted:
    """What was taken off the instalments to be spread anew."""

    owed: Parts = field(default_factory=parts)
    levies: list[Levy] = field(default_factory=list)


@dataclass(slots=True)
class _Ahead:
    """What had been paid of instalments that a re-age takes away."""

    paid: Parts = field(default_factory=parts)
    in_advance: int = 0
    late: int = 0
    instalments: list[Instalment] = field(default_factory=list)


def re_age(work: Workings, entry: Entry) -> None:
    """Spreads what is owed over new instalments; the entry tells how much of what."""
    cause = entry.cause
    assert isinstance(cause, ReAge), "a re-age is booked by its operation"
    entry.clear()
    payable = cause.interest is ReAgeInterest.EQUAL_AMORTIZATION_PAYABLE_INTEREST
    equal = payable or cause.interest is ReAgeInterest.EQUAL_AMORTIZATION_FULL_INTEREST
    if cause.interest is ReAgeInterest.WAIVE_INTEREST:
        raise NotImplementedError("re-age that waives interest")
    if not work.bears_interest:
        scope = _Scope(payable=payable, charges=True) if equal else _Scope()
        _in_equal_parts(work, entry, cause, scope)
    elif not equal:
        if not work.recalculates:
            raise NotImplementedError("re-age of a loan that bears interest without recalculation")
        _by_model(work, entry, cause)
    else:
        scope = _Scope(payable=payable, leaves_down_payments=True, interest=True, charges=True)
        (_equally_by_model if work.recalculates else _in_equal_parts)(work, entry, cause, scope)
    if entry.amount == 0:
        entry.reverted = True


def _new_periods(cause: ReAge) -> NewPeriods:
    return NewPeriods(cause.start_on, cause.every, cause.unit, cause.instalments)


# -- through the interest model --


def _by_model(work: Workings, entry: Entry, cause: ReAge) -> None:
    model, on = work.interest_model, entry.dated
    interest = model.outstanding_interest_till(on)
    principal = max(0, model.total_principal - model.total_paid_principal)
    start = cause.start_on
    if start != work.disbursed_on:
        start = add_units(start, cause.unit, -cause.every)
    re_age_model(model, on, start, _new_periods(cause), principal)
    _take_periods(work, on, start)
    entry.set_components(parts(principal, interest))
    number_again(work)


def _take_periods(work: Workings, on: date, start: date) -> None:
    """Brings the instalments in line with the model's periods; charges ahead are put on the new ones."""
    holder = next((each for each in work.interest_model.periods if each.holds_early_repayment), None)
    held = _early_repaid(work, holder, on) if holder is not None else None
    gone = [each for each in work.instalments if not each.down_payment and each.due >= on]
    lifted = list(dict.fromkeys(levy for each in gone for levy in _active_of(work, each)))
    work.instalments[:] = [each for each in work.instalments if each not in gone]
    kept = iter([each for each in work.instalments if each.regular])
    for period in work.interest_model.periods:
        instalment = next(kept, None)
        if instalment is not None:
            if not instalment.met or instalment.start >= start:
                _follow(instalment, period, on, re_aged=period.start >= start)
        elif period.holds_early_repayment:
            if held is not None:
                work.instalments.append(held)
        else:
            work.instalments.append(_re_aged(0, period.start, period.due, period, on))
    number_again(work)
    for levy in lifted:
        put_on(levy, work.instalments)
    _pause_again(work, start)


def _follow(instalment: Instalment, period: RepaymentPeriod, on: date, *, re_aged: bool) -> None:
    instalment.start, instalment.due = period.start, period.due
    instalment.charged[PRINCIPAL] = period.due_principal if period.instalment else 0
    instalment.charged[INTEREST] = period.due_interest if period.instalment else 0
    instalment.re_aged = instalment.re_aged or re_aged
    instalment.additional = False
    instalment.credited[PRINCIPAL] = period.credited_principal
    instalment.settle(on)


def _re_aged(number: int, start: date, due: date, period: RepaymentPeriod, on: date) -> Instalment:
    made = Instalment(number, start, due, parts(period.due_principal, period.due_interest), re_aged=True)
    made.credited[PRINCIPAL] = period.credited_principal
    made.settle(on)
    return made


def _early_repaid(work: Workings, period: RepaymentPeriod, on: date) -> Instalment:
    """The instalment that keeps what had been paid of those the re-age takes away."""
    ahead = [each for each in work.instalments if not each.down_payment and each.due >= on]
    number = ahead[0].number if ahead else work.instalments[-1].number + 1
    held = Instalment(number, period.start, period.due, parts(period.due_principal, period.due_interest), re_aged=True)
    held.pay(PRINCIPAL, on, period.paid_principal)
    held.pay(INTEREST, on, period.paid_interest)
    paid = _lift_paid_ahead(work, on)
    held.in_advance, held.late = paid.in_advance, paid.late
    _move_shares(work, paid.instalments, held)
    held.credited[PRINCIPAL] = period.credited_principal
    held.settle(on)
    return held


def _pause_again(work: Workings, start: date) -> None:
    """Pauses that reach into the new instalments are worked on them as well."""
    re_aged = [each for each in work.instalments if each.re_aged]
    if not re_aged:
        return
    end = re_aged[-1].due
    for variation in list(work.variations):
        if variation.kind is VariationKind.PAUSE and variation.until is not None:
            begins_before = variation.from_on <= start <= variation.until
            begins_within = start < variation.from_on < end
            if begins_before or begins_within:
                vary(work, variation)


# -- in equal parts, through the interest model --


def _equally_by_model(work: Workings, entry: Entry, cause: ReAge, scope: _Scope) -> None:
    model, on = work.interest_model, entry.dated
    owed = model.outstanding_till(on if scope.payable else model.maturity)
    lifted = _lift(work, on, scope)
    fee, penalty = lifted.owed[FEE], lifted.owed[PENALTY]
    entry.set_components(parts(owed.principal, owed.interest, fee, penalty))
    if entry.amount == 0:
        return
    shares = {each: equal_shares(lifted.owed[each], cause.instalments) for each in (FEE, PENALTY)}
    by_levy = [(levy, equal_shares(levy.outstanding, cause.instalments)) for levy in lifted.levies]
    ahead = _lift_paid_ahead(work, on)
    share = sum(each.value for each in shares.values())
    re_age_model_equal(model, on, _new_periods(cause), owed, charges=fee + penalty, charge_share=share)
    _drop_replaced(work, on)
    normal = [each for each in work.instalments if each.regular]
    index = 0
    for number, period in enumerate(model.periods, start=1):
        if period.due < on:
            existing = next(each for each in normal if (each.start, each.due) == (period.start, period.due))
            _keep_paid(existing, number, period, on)
            normal.remove(existing)
            continue
        made = _re_aged(number, period.start, period.due, period, on)
        if period.holds_early_repayment:
            _fill_paid(made, period, ahead)
            _move_shares(work, ahead.instalments, made)
        else:
            for component, spread in shares.items():
                made.charged[component] = spread.share(index)
            _spread_levies(by_levy, made, index)
            index += 1
        made.settle(on)
        work.instalments.append(made)
    work.instalments[:] = [each for each in work.instalments if each not in normal]
    number_again(work)


def _drop_replaced(work: Workings, on: date) -> None:
    """Takes away the instalments the new periods replace, and additional ones that no longer lie behind them."""
    maturity = work.interest_model.maturity
    work.instalments[:] = [
        each
        for each in work.instalments
        if not (
            (not each.down_payment and not each.additional and each.due >= on)
            or (each.additional and each.due <= maturity)
        )
    ]
    for each in work.instalments:
        if each.additional:
            each.start, each.number = maturity, len(work.interest_model.periods)


def _keep_paid(instalment: Instalment, number: int, period: RepaymentPeriod, on: date) -> None:
    instalment.charged[INTEREST] = instalment.paid[INTEREST]
    instalment.charged[PRINCIPAL] = instalment.paid[PRINCIPAL] + instalment.written_off[PRINCIPAL]
    instalment.number = number
    instalment.credited[PRINCIPAL] = period.credited_principal
    instalment.settle(on)


def _fill_paid(made: Instalment, period: RepaymentPeriod, ahead: _Ahead) -> None:
    made.paid[PRINCIPAL], made.paid[INTEREST] = period.paid_principal, period.paid_interest
    for component in (FEE, PENALTY):
        made.charged[component] = made.paid[component] = ahead.paid[component]
    made.in_advance = ahead.in_advance


# -- in equal parts, without the interest model --


def _in_equal_parts(work: Workings, entry: Entry, cause: ReAge, scope: _Scope) -> None:
    on, count = entry.dated, cause.instalments
    maturity = max(each.due for each in work.instalments if each.regular)
    lifted = _lift(work, on, scope)
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
        if index == 0:
            charged = {component: spread.value for component, spread in shares.items()}
        made = Instalment(number + index, start, due, charged, re_aged=True)
        made = _place(work, made, on)
        _spread_levies(by_levy, made, index)
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


def _strip_paid_ahead(work: Workings, on: date) -> _Ahead:
    """Takes what was paid off the instalments from a day on; they keep what is unpaid."""
    ahead = _Ahead()
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
    work: Workings, on: date, place: tuple[int, date], ahead: _Ahead, scope: _Scope
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
    _move_shares(work, ahead.instalments, held)
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


# -- shared --


def _active_of(work: Workings, instalment: Instalment) -> list[Levy]:
    return of_instalment([each for each in work.levies if each.active], instalment, 1)


def _lift(work: Workings, on: date, scope: _Scope) -> _Lifted:
    """Takes what is owed off the instalments."""
    lifted = _Lifted()
    for each in work.instalments:
        if scope.leaves_down_payments and each.down_payment:
            continue
        components = [PRINCIPAL] + [INTEREST] * scope.interest
        if scope.charges:
            lifted.levies += [levy for levy in _active_of(work, each) if levy.outstanding > 0]
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


def _lift_paid_ahead(work: Workings, on: date) -> _Ahead:
    """Takes the payments off the instalments from a day on, as if none had been made."""
    ahead = _Ahead()
    for each in work.instalments:
        if each.regular and each.due >= on:
            ahead.instalments.append(each)
            ahead.in_advance += each.in_advance
            ahead.late += each.late
            for component in Component:
                ahead.paid[component] += each.paid[component]
            each.forget_payments()
    return ahead


def _move_shares(work: Workings, gone: list[Instalment], target: Instalment) -> None:
    """What earlier entries gave to instalments that are gone, they gave to the one that keeps it."""
    for entry in work.history:
        for met in entry.met:
            if any(met.instalment is each for each in gone):
                met.instalment = target


def _spread_levies(by_levy: list[tuple[Levy, EqualShares]], instalment: Instalment, index: int) -> None:
    for levy, spread in by_levy:
        levy.slices[instalment.number] = Slice(spread.share(index))
