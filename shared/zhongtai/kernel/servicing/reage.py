"""Re-age (重新计龄): what is owed is spread over new instalments from a day chosen, and past ones keep what was paid.

Three ways: through the interest model, where interest follows what is owed; in equal parts, interest too, through
the model; in equal parts without it, for loans that bear no interest or keep their first schedule's interest.
"""

from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.interest.reage import (
    NewPeriods,
    equal_shares,
)
from zhongtai.kernel.servicing.interest.reage import re_age as re_age_model
from zhongtai.kernel.servicing.interest.reage import re_age_equal as re_age_model_equal
from zhongtai.kernel.servicing.interest.spans import add_units
from zhongtai.kernel.servicing.levies import put_on
from zhongtai.kernel.servicing.numbering import number_again
from zhongtai.kernel.servicing.operations import ReAge, ReAgeInterest
from zhongtai.kernel.servicing.reage_parts import (
    Ahead,
    Scope,
    active_of,
    in_equal_parts,
    lift,
    lift_paid_ahead,
    move_shares,
    spread_levies,
)
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.variations import vary
from zhongtai.kernel.servicing.workings import VariationKind, Workings


def re_age(work: Workings, entry: Entry) -> None:
    """Spreads what is owed over new instalments; the entry tells how much of what."""
    cause = entry.cause
    assert isinstance(cause, ReAge), "a re-age is booked by its operation"
    entry.clear()
    payable = cause.interest is ReAgeInterest.EQUAL_AMORTIZATION_PAYABLE_INTEREST
    equal = payable or cause.interest is ReAgeInterest.EQUAL_AMORTIZATION_FULL_INTEREST
    if cause.interest is ReAgeInterest.WAIVE_INTEREST:
        raise OperationUnsupported(operation="re-age", because="interest is not waived by it")
    if not work.bears_interest:
        scope = Scope(payable=payable, charges=True) if equal else Scope()
        in_equal_parts(work, entry, cause, scope)
    elif not equal:
        if not work.recalculates:
            raise OperationUnsupported(operation="re-age", because="its interest is not recalculated")
        _by_model(work, entry, cause)
    else:
        scope = Scope(payable=payable, leaves_down_payments=True, interest=True, charges=True)
        (_equally_by_model if work.recalculates else in_equal_parts)(work, entry, cause, scope)
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
    holders = [each for each in work.interest_model.periods if each.holds_early_repayment]
    held = _early_repaid(work, holders[-1], on) if holders else None
    gone = [each for each in work.instalments if not each.down_payment and each.due >= on]
    lifted = list(dict.fromkeys(levy for each in gone for levy in active_of(work, each)))
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
    paid = lift_paid_ahead(work, on)
    held.in_advance, held.late = paid.in_advance, paid.late
    move_shares(work, paid.instalments, held)
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


def _equally_by_model(work: Workings, entry: Entry, cause: ReAge, scope: Scope) -> None:
    model, on = work.interest_model, entry.dated
    owed = model.outstanding_till(on if scope.payable else model.maturity)
    lifted = lift(work, on, scope)
    fee, penalty = lifted.owed[FEE], lifted.owed[PENALTY]
    entry.set_components(parts(owed.principal, owed.interest, fee, penalty))
    if entry.amount == 0:
        return
    shares = {each: equal_shares(lifted.owed[each], cause.instalments) for each in (FEE, PENALTY)}
    by_levy = [(levy, equal_shares(levy.outstanding, cause.instalments)) for levy in lifted.levies]
    ahead = lift_paid_ahead(work, on)
    share = sum(each.value for each in shares.values())
    re_age_model_equal(model, on, _new_periods(cause), owed, charges=fee + penalty, charge_share=share)
    _drop_replaced(work, on)
    normal = [each for each in work.instalments if each.regular]
    index = 0
    for number, period in enumerate(model.periods, start=1):
        if period.due < on:
            # A charge due behind an earlier end may have moved the start of the instalment, never its due date.
            existing = next((each for each in normal if each.due == period.due), None)
            if existing is not None:
                _keep_paid(existing, number, period, on)
                normal.remove(existing)
            continue
        made = _re_aged(number, period.start, period.due, period, on)
        if period.holds_early_repayment:
            _fill_paid(made, period, ahead)
            move_shares(work, ahead.instalments, made)
        else:
            for component, spread in shares.items():
                made.charged[component] = spread.share(index)
            spread_levies(by_levy, made, index)
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


def _fill_paid(made: Instalment, period: RepaymentPeriod, ahead: Ahead) -> None:
    made.paid[PRINCIPAL], made.paid[INTEREST] = period.paid_principal, period.paid_interest
    for component in (FEE, PENALTY):
        made.charged[component] = made.paid[component] = ahead.paid[component]
    made.in_advance = ahead.in_advance
