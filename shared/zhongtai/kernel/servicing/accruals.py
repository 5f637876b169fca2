"""Earning: interest and charges are accrued as the days pass, and summed up on each due date where the terms say so.

Progressive loans: one accrual a day holds the difference between what was earned until then and what was accrued;
where less was earned than accrued, an accrual adjustment gives it back. Cumulative loans: one accrual for each
instalment touched. A repaid loan has earned everything it charges.
"""

from dataclasses import dataclass, field
from datetime import date

from zhongtai.kernel.money import rounded
from zhongtai.kernel.servicing.books import REPAID, Books, Status
from zhongtai.kernel.servicing.entries import ACCRUALS, Entry, chronological
from zhongtai.kernel.servicing.instalments import (
    FEE,
    INTEREST,
    PENALTY,
    Instalment,
    Parts,
    first_regular_number,
    parts,
    within,
)
from zhongtai.kernel.servicing.interest.model import InterestModel
from zhongtai.kernel.servicing.levies import Levy
from zhongtai.kernel.servicing.terms import Accounting, ChargeAccrual, Convention
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType


@dataclass(slots=True)
class Earned:
    """What is to be accrued of one instalment: parts (negative: accrued too much) and the charges they are of."""

    instalment: Instalment
    amounts: Parts = field(default_factory=parts)
    charges: dict[tuple[str, int | None], int] = field(default_factory=dict)


def accrue(books: Books, till: date, *, final: bool = False) -> None:
    """Accrues until the day; `final`: the loan is repaid and has earned everything."""
    if not _accrues(books, final):
        return
    last = books.maturity
    progressive = books.terms.convention is Convention.PROGRESSIVE
    if progressive:
        give_back_after(books, last)
    else:
        for entry in books.standing(*ACCRUALS):
            if entry.dated > last:
                entry.replace()
    till = min(till, last)
    on = till
    if final:
        on = min(last, books.business_date) if progressive else (books.repaid_on or books.business_date)
    if progressive and books.accrued_till is not None and till <= books.accrued_till:
        if final:
            give_back_after(books, on)
        elif _accrued_from(books, on):
            return
    earned = _earned(books, till, final)
    made = _book_together(books, on, earned) if progressive or final else _book_each(books, on, till, earned)
    if made and (progressive or not final):
        books.accrued_till = on if final else till


def _accrues(books: Books, final: bool) -> bool:
    if books.work is None or books.charged_off or books.terminated:
        return False
    if books.terms.accounting is not Accounting.ACCRUAL_PERIODIC:
        return False
    return final or books.status is Status.ACTIVE


def _accrued_from(books: Books, on: date) -> bool:
    """Whether something was accrued on the day or later, and no charge falls due on it."""
    if any(levy.due_on == on for levy in books.active_levies()):
        return False
    return any(each.dated >= on for each in books.standing(*ACCRUALS))


def give_back_after(books: Books, on: date) -> None:
    """What was accrued for days behind the loan's end is given back, on the same days."""
    for entry in books.standing(T.ACCRUAL):
        if entry.dated <= on or entry.amount <= 0:
            continue
        done = any(
            each.dated == entry.dated and each.amount == entry.amount for each in books.standing(T.ACCRUAL_ADJUSTMENT)
        )
        if not done:
            _book(books, T.ACCRUAL_ADJUSTMENT, entry.dated, dict(entry.amounts), dict(entry.charges))


def _book(
    books: Books, type_: TransactionType, on: date, amounts: Parts, charges: dict[tuple[str, int | None], int]
) -> Entry:
    made = books.entry(type_, on, 0)
    made.set_components(amounts)
    made.charges, made.fresh = charges, False
    books.entries.append(made)
    return made


def _book_together(books: Books, on: date, earned: list[Earned]) -> bool:
    """One adjustment for what was accrued too much, one accrual for what was not accrued yet."""
    interest = sum(each.amounts[INTEREST] for each in earned)
    more, less = parts(interest=max(interest, 0)), parts(interest=max(-interest, 0))
    charges: dict[tuple[str, int | None], int] = {}
    back: dict[tuple[str, int | None], int] = {}
    for each in earned:
        for component in (FEE, PENALTY):
            more[component] += max(each.amounts[component], 0)
            less[component] += max(-each.amounts[component], 0)
        charges |= {key: amount for key, amount in each.charges.items() if amount > 0}
        back |= {key: -amount for key, amount in each.charges.items() if amount < 0}
    if sum(less.values()):
        _book(books, T.ACCRUAL_ADJUSTMENT, on, less, back)
    if sum(more.values()):
        _book(books, T.ACCRUAL, on, more, charges)
    return bool(sum(less.values()) or sum(more.values()))


def _book_each(books: Books, on: date, till: date, earned: list[Earned]) -> bool:
    """One accrual for each instalment, on its due date or the day."""
    made = False
    for each in earned:
        due = each.instalment.due
        if due > till and books.accrued_till is not None and till < books.accrued_till:
            continue
        amounts = {component: max(amount, 0) for component, amount in each.amounts.items()}
        if sum(amounts.values()):
            charges = {key: amount for key, amount in each.charges.items() if amount > 0}
            _book(books, T.ACCRUAL, min(due, on), amounts, charges)
            made = True
    return made


def _earned(books: Books, till: date, final: bool) -> list[Earned]:
    work = books.workings
    first = first_regular_number(work.instalments)
    by_due_date = books.terms.charge_accrual is ChargeAccrual.DUE_DATE
    repaid = books.status in REPAID
    counted_till = till
    if books.terms.convention is Convention.PROGRESSIVE and books.terms.interest.on_disbursement_day:
        counted_till = date.fromordinal(till.toordinal() + 1)
    instalments = [
        each
        for each in work.instalments
        if final
        or (
            not each.down_payment
            and (not by_due_date or (counted_till >= each.start if each.number == first else counted_till > each.start))
        )
    ]
    accrued = {levy.id: _accrued_of(books, levy) for levy in books.active_levies()}
    told = [Earned(each) for each in instalments]
    left = _interest_accrued(books)
    for each in told:
        if work.bears_interest and not each.instalment.additional:
            interest = _interest_of(books, each.instalment, counted_till, repaid)
            if books.terms.convention is Convention.CUMULATIVE:
                left = _accrued_within(books, each.instalment, first)
                each.amounts[INTEREST] = interest - left
            else:
                taken = left if each is told[-1] else min(left, interest)
                each.amounts[INTEREST] = interest - taken
                left -= taken
        for levy in books.active_levies():
            _earn_charge(books, each, levy, till, accrued[levy.id])
    if left and told and books.terms.convention is Convention.PROGRESSIVE and work.bears_interest:
        told[-1].amounts[INTEREST] -= left
    return told


def _interest_accrued(books: Books) -> int:
    return sum(each.amounts[INTEREST] for each in books.standing(T.ACCRUAL)) - sum(
        each.amounts[INTEREST] for each in books.standing(T.ACCRUAL_ADJUSTMENT)
    )


def _accrued_within(books: Books, instalment: Instalment, first: int) -> int:
    return sum(
        each.amounts[INTEREST] if each.type is T.ACCRUAL else -each.amounts[INTEREST]
        for each in books.standing(*ACCRUALS)
        if within(each.dated, instalment.start, instalment.due, instalment.number == first)
    )


def _interest_of(books: Books, instalment: Instalment, till: date, repaid: bool) -> int:
    """The interest of the instalment earned until the day: by the model where it knows the period, else evenly."""
    if repaid or till > instalment.due:
        return max(0, instalment.charged[INTEREST] - instalment.credited[INTEREST])
    if not instalment.start < till <= instalment.due or instalment.down_payment:
        return 0
    model = _model_at(books, till)
    if model is None or model.find(instalment.start, instalment.due) is None:
        return interest_until(instalment, till)
    return model.interest_till(instalment.start, instalment.due, till)


def interest_until(instalment: Instalment, on: date) -> int:
    """The part of a cumulative instalment's interest that its days until `on` earned, rounded half to even."""
    days = (instalment.due - instalment.start).days
    return rounded(instalment.charged[INTEREST] * (on - instalment.start).days, days) if days else 0


def _model_at(books: Books, on: date) -> InterestModel | None:
    work = books.workings
    if work.model is None or books.reckoned_till >= on or not work.follows_model:
        return work.model
    model = work.model.copy()
    if books.terms.interest.on_past_due:
        model.recalculate_overdue(on)
    return model


def _accrued_of(books: Books, levy: Levy) -> dict[int | None, int]:
    """What was accrued of the charge, by instalment number."""
    accrued: dict[int | None, int] = {}
    for entry in books.standing(*ACCRUALS):
        for (charge, number), amount in entry.charges.items():
            if charge == levy.id:
                sign = 1 if entry.type is T.ACCRUAL else -1
                accrued[number] = accrued.get(number, 0) + sign * amount
    return accrued


def _earn_charge(books: Books, told: Earned, levy: Levy, till: date, accrued: dict[int | None, int]) -> None:
    """Adds what the charge earned on the instalment until the day and was not accrued yet."""
    instalment = told.instalment
    if levy.at_disbursement or instalment.down_payment:
        return
    if levy.by_instalment:
        part = levy.slices.get(instalment.number)
        if part is None or till < instalment.due:
            return
        amount, before = part.amount - part.waived, accrued.get(instalment.number, 0)
    elif _is_due(books, levy, instalment, till):
        amount, before = levy.amount - levy.waived, sum(accrued.values())
    else:
        return
    if amount != before:
        told.amounts[levy.component] += amount - before
        told.charges[levy.id, instalment.number] = amount - before


def _is_due(books: Books, levy: Levy, instalment: Instalment, till: date) -> bool:
    first = first_regular_number(books.workings.instalments)
    until = min(instalment.due, till)
    backdated = levy.due_on is not None and levy.due_on < levy.submitted_on
    by_due_date = books.terms.charge_accrual is ChargeAccrual.DUE_DATE or backdated
    on = levy.due_on if by_due_date else levy.submitted_on
    return within(on, instalment.start, until, instalment.number == first)


def reconsider(books: Books) -> None:
    """A cumulative plan changed: accruals beyond what an instalment charges now, and the latest one, are replaced.

    The latest accrual of a running instalment was reckoned on the plan before; the next close accrues it anew.
    """
    if books.work is None or books.charged_off or books.terms.convention is Convention.PROGRESSIVE:
        return
    work = books.workings
    first = first_regular_number(work.instalments)
    for instalment in work.instalments:
        sums = parts()
        for entry in sorted(books.standing(*ACCRUALS), key=chronological):
            if not within(entry.dated, instalment.start, instalment.due, instalment.number == first):
                continue
            beyond = any(sums[each] + entry.amounts[each] > instalment.charged[each] for each in entry.amounts)
            latest = work.bears_interest and entry.dated == books.accrued_till != instalment.due
            if beyond or latest:
                entry.replace()
                continue
            for component, amount in entry.amounts.items():
                sums[component] += amount


# -- accrual activity: what each instalment charged, told on its due date --


def sum_up(books: Books, on: date) -> None:
    """Tells, for each instalment due until the day, what it charged."""
    if not books.terms.accrual_activity or books.status is not Status.ACTIVE or books.work is None:
        return
    for instalment in books.workings.instalments:
        if not instalment.down_payment and instalment.due <= on:
            told = [each for each in books.standing(T.ACCRUAL_ACTIVITY) if each.dated == instalment.due]
            for each in told[1:]:
                each.replace()
            _tell(books, instalment, told[0] if told else None, instalment.due)


def _tell(books: Books, instalment: Instalment, told: Entry | None, on: date) -> None:
    """Tells what the instalment charges; what was told before stands where it is the same."""
    amounts = parts(0, instalment.charged[INTEREST], instalment.charged[FEE], instalment.charged[PENALTY])
    if told is not None:
        if told.dated == instalment.due and told.amounts == amounts:
            return
        told.replace()
    if sum(amounts.values()) > 0:
        _book(books, T.ACCRUAL_ACTIVITY, on, amounts, {}).replayed = told is not None


def sum_up_anew(books: Books) -> None:
    """After history came out otherwise: what was told of an instalment is told again where it charges otherwise."""
    if not books.terms.accrual_activity or books.work is None:
        return
    once_told = {each.dated for each in books.entries if each.type is T.ACCRUAL_ACTIVITY}
    for instalment in books.work.instalments:
        if not instalment.down_payment and instalment.due in once_told and instalment.due < books.business_date:
            told = [each for each in books.standing(T.ACCRUAL_ACTIVITY) if each.dated == instalment.due]
            _tell(books, instalment, told[0] if told else None, instalment.due)


def sum_up_at_end(books: Books) -> None:
    """A repaid loan: every past instalment is told, and the rest of what was charged on the day it was repaid."""
    if not books.terms.accrual_activity or books.repaid_on is None:
        return
    end = books.repaid_on
    later = [each for each in books.standing(T.ACCRUAL_ACTIVITY) if each.dated > end]
    for each in later:
        each.replace()
    charged = parts()
    due: set[date] = set()
    for instalment in books.workings.instalments:
        if instalment.down_payment:
            continue
        due.add(instalment.due)
        for component in (INTEREST, FEE, PENALTY):
            charged[component] += instalment.charged[component]
        if not instalment.additional and instalment.due < end:
            told = [each for each in books.standing(T.ACCRUAL_ACTIVITY) if each.dated == instalment.due]
            for each in told[1:]:
                each.replace()
            _tell(books, instalment, told[0] if told else None, instalment.due)
    closing = [each for each in books.standing(T.ACCRUAL_ACTIVITY) if each.dated not in due]
    for each in books.standing(T.ACCRUAL_ACTIVITY):
        for component in (INTEREST, FEE, PENALTY):
            charged[component] -= each.amounts[component] if each not in closing else 0
    if closing and closing[0].amounts == charged:
        return
    for each in closing:
        each.replace()
    if any(amount > 0 for amount in charged.values()):
        on = min([end, *(each.dated for each in closing)])
        _book(books, T.ACCRUAL_ACTIVITY, on, charged, {}).replayed = bool(later or closing)


def sum_up_again(books: Books) -> None:
    """A repaid loan opened again: what was told at its end is told for its instalment alone, or taken back."""
    if not books.terms.accrual_activity or books.work is None:
        return
    standing = books.standing(T.ACCRUAL_ACTIVITY)
    last = max(standing, key=lambda each: (each.dated, each.sequence), default=None)
    due = [
        each
        for each in books.work.instalments
        if each.due < books.business_date and (last is None or each.due >= last.dated)
    ]
    for instalment in sorted(due, key=lambda each: each.due):
        _tell(books, instalment, last, instalment.due)
        last = None
    if not due and last is not None:
        last.replace()
