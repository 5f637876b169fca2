"""Changes of a running loan's terms (展期、调息、停息).

A new rate, an interest pause, more instalments, a moved due date.
"""

from collections.abc import Sequence
from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.spans import Span, add_units, next_due, off_holidays
from zhongtai.kernel.servicing.numbering import number_again, number_by_due_date
from zhongtai.kernel.servicing.operations import ReAge
from zhongtai.kernel.servicing.terms import Unit
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Variation, VariationKind, Workings


def vary(work: Workings, variation: Variation) -> None:
    """Works one change of the terms into the interest model and the instalments not yet met."""
    model = work.interest_model
    match variation.kind:
        case VariationKind.PAUSE:
            assert variation.until is not None, "a pause has an end"
            model.pause_interest(variation.from_on, variation.until)
            _follow_from(work, variation.from_on)
        case VariationKind.RATE:
            assert variation.rate is not None, "a change of rate has a rate"
            model.change_rate(variation.from_on, variation.rate)
            _follow_from(work, variation.from_on)
        case VariationKind.EXTENSION:
            _extend(work, variation)
        case VariationKind.DUE_DATE:
            _move_due_date(work, variation)


def _follow_from(work: Workings, on: date) -> None:
    """Takes principal and interest over for the instalments due from a day on that are not met."""
    for instalment in work.instalments:
        if instalment.met or instalment.down_payment or on > instalment.due:
            continue
        period = work.interest_model.find(instalment.start, instalment.due)
        if period is not None:
            instalment.charged[INTEREST] = period.due_interest
            instalment.charged[PRINCIPAL] = period.due_principal


def _re_age_of(entry: Entry) -> ReAge:
    assert isinstance(entry.cause, ReAge), "a re-age is booked by its operation"
    return entry.cause


def _extend(work: Workings, variation: Variation) -> None:
    """Appends instalments; after a re-age they follow its rhythm.

    What was paid ahead stays where it was paid: the new instalments bear only principal that is not there already.
    """
    model = work.interest_model
    before, known = _principal(work), len(work.instalments)
    re_aged = work.stands(TransactionType.RE_AGE)
    if re_aged:
        cause = _re_age_of(re_aged[0])
        seed, existing = cause.start_on, cause.instalments - 1
        model.add_periods(variation.from_on, variation.extra, seed=seed, existing=existing)
    else:
        model.add_periods(variation.from_on, variation.extra)
    for period in model.periods:
        if all((each.start, each.due) != (period.start, period.due) for each in work.instalments):
            charged = parts(period.due_principal, period.due_interest)
            number = max((each.number for each in work.instalments), default=0) + 1
            added = Instalment(number, period.start, period.due, charged)
            added.settle(variation.from_on)
            work.instalments.append(added)
    _follow_from(work, variation.from_on)
    surplus = _principal(work) - before
    for added in reversed(work.instalments[known:]):
        less = min(max(surplus, 0), added.charged[PRINCIPAL])
        added.charged[PRINCIPAL] -= less
        surplus -= less
        if less and not added.charged[PRINCIPAL]:
            added.charged[INTEREST] = 0
            added.check(variation.from_on)
    number_again(work)


def _principal(work: Workings) -> int:
    return sum(each.charged[PRINCIPAL] for each in work.instalments)


def _move_due_date(work: Workings, variation: Variation) -> None:
    """Moves the instalment due on a day to another one, and those after it along with it.

    One moved before a re-age is not moved again behind it; without the model only the dates move.
    """
    old, new = variation.from_on, variation.until
    assert new is not None, "a moved due date has its new day"
    target = next((each for each in work.instalments if each.due == old and each.regular), None)
    re_ages = work.stands(TransactionType.RE_AGE)
    latest = max(re_ages, key=lambda entry: entry.dated, default=None)
    if target is None or (latest is not None and latest.sequence > variation.sequence):
        return
    every, unit = work.terms.repayment.every, work.terms.repayment.unit
    if latest is not None:
        every, unit = _re_age_of(latest).every, _re_age_of(latest).unit
    model = work.interest_model
    by_model = latest is None or (work.recalculates and target.re_aged)
    by_model = by_model and any(period.due == old for period in model.periods)
    if by_model:
        model.change_due_date(old, new, _spans_after(work, old, new, every, unit))
        _follow_dates(work, target)
        _merge_additional(work)
    else:
        _shift_dates(work, target, new, every, unit)
    number_by_due_date(work)


def _spans_after(work: Workings, old: date, new: date, every: int, unit: Unit) -> Sequence[Span]:
    """The periods after the moved one: from the new day on at the loan's rhythm, the last by its fixed length."""
    model, spans = work.interest_model, list[Span]()
    fixed = work.terms.repayment.fixed_length_days
    last = new
    for period in model.periods:
        if period.due <= old:
            continue
        due = next_due(last, unit, every, new)
        if period is model.periods[-1] and fixed is not None:
            due = add_units(model.start, unit, fixed + (new - old).days)
        spans.append(Span(last, due))
        last = due
    return off_holidays(spans, work.terms.holidays)


def _follow_dates(work: Workings, target: Instalment) -> None:
    """Takes dates, principal and interest over from the model, from the moved instalment on."""
    regular = work.regular()
    place = next(index for index, each in enumerate(regular) if each is target)
    for instalment, period in zip(regular[place:], work.interest_model.periods[place:], strict=False):
        if not instalment.met:
            instalment.start, instalment.due = period.start, period.due
            instalment.charged[PRINCIPAL] = period.due_principal
            instalment.charged[INTEREST] = period.due_interest


def _shift_dates(work: Workings, target: Instalment, new: date, every: int, unit: Unit) -> None:
    """Moves only the dates, from the moved instalment on."""
    place = next(index for index, each in enumerate(work.instalments) if each is target)
    for offset, instalment in enumerate(work.instalments[place:]):
        if instalment.regular and not instalment.met:
            if offset:
                instalment.start = add_units(new, unit, (offset - 1) * every)
            instalment.due = add_units(new, unit, offset * every)


def _merge_additional(work: Workings) -> None:
    """Charges of an additional instalment that no longer lies behind the last one go to the last one."""
    maturity = work.interest_model.maturity
    last = [each for each in work.regular() if not each.re_aged][-1:]
    passed = [each for each in work.instalments if each.additional and each.due < maturity]
    if not last:
        return
    for each in passed:
        for component in (FEE, PENALTY):
            last[0].charged[component] += each.charged[component]
        for levy in work.levies:
            part = levy.slices.pop(each.number, None)
            if part is not None:
                levy.slices[last[0].number] = part
        work.instalments.remove(each)
