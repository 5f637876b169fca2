"""History told again: the schedule and the transactions that follow from everything that was booked.

Nothing is patched: each time, the account starts from its empty schedule and works the changes of terms, the charges
and the transactions in the order they count for. What comes out otherwise than booked is listed as a change: the
booked transaction is reverted, a new one stands in its place. A transaction that follows a changed one on the
same day is booked again too, so that the order of that day stays.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import cmp_to_key, partial

from zhongtai.kernel.servicing.allocation import share_out
from zhongtai.kernel.servicing.cumulative.payments import work as work_classically
from zhongtai.kernel.servicing.cumulative.plan import Change as PlanChange
from zhongtai.kernel.servicing.cumulative.plan import plan
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.fitting import fit_principal
from zhongtai.kernel.servicing.instalments import Instalment
from zhongtai.kernel.servicing.interest.factors import InterestRules, rules_of
from zhongtai.kernel.servicing.interest.model import InterestModel
from zhongtai.kernel.servicing.interest.spans import Span, off_holidays, repayment_spans, shifted_days
from zhongtai.kernel.servicing.levies import Levy, put_on
from zhongtai.kernel.servicing.milestone import Milestone, milestone
from zhongtai.kernel.servicing.operations import Disburse
from zhongtai.kernel.servicing.terms import Convention, RepaymentStart, Terms
from zhongtai.kernel.servicing.transacting import work_on
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.variations import vary
from zhongtai.kernel.servicing.workings import Change, Variation, VariationKind, Workings

T = TransactionType
_KINDS = list(VariationKind)
EXTRA_INSTALMENTS = 360
"""As many more as a loan may be extended by."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that history tells on a day: a change of terms, a charge or a transaction."""

    on: date
    told_on: date
    sequence: int
    variation: Variation | None = None
    levy: Levy | None = None
    entry: Entry | None = None

    @property
    def comes_last(self) -> bool:
        """Accrual activity sums up the day, after all else of it."""
        return self.entry is not None and self.entry.type is T.ACCRUAL_ACTIVITY

    @property
    def disburses(self) -> bool:
        """A disbursement."""
        return self.entry is not None and self.entry.type is T.DISBURSEMENT

    @property
    def instalment_fee(self) -> bool:
        """A charge on every instalment: it needs the instalments that the disbursement of the day makes."""
        return self.levy is not None and self.levy.by_instalment


def told_before(one: Happening, other: Happening) -> int:
    """The order of history: by day, then as told and booked, with the two exceptions named above."""
    if one.on != other.on:
        return -1 if one.on < other.on else 1
    if one.disburses and other.instalment_fee:
        return -1
    if one.instalment_fee and other.disburses:
        return 1
    if one.comes_last != other.comes_last:
        return 1 if one.comes_last else -1
    left, right = (one.told_on, one.sequence), (other.told_on, other.sequence)
    return (left > right) - (left < right)


def happenings(variations: list[Variation], levies: list[Levy], entries: list[Entry]) -> list[Happening]:
    """Everything that is told, in order."""
    told = [
        Happening(each.from_on, each.from_on, -1, variation=each)
        for each in sorted(variations, key=lambda each: (_KINDS.index(each.kind), each.sequence))
    ]
    told += [
        Happening(levy.effective_on or date.max, levy.submitted_on, levy.sequence, levy=levy)
        for levy in levies
        if levy.active
    ]
    told += [Happening(each.dated, each.booked_on, each.sequence, entry=each) for each in entries]
    return sorted(told, key=cmp_to_key(told_before))


def spans_of(terms: Terms, disbursed_on: date) -> tuple[Span, ...]:
    """The repayment periods of the contract, from its start."""
    repayment = terms.repayment
    start = disbursed_on if repayment.start is RepaymentStart.DISBURSEMENT_DATE else terms.submitted_on
    spans = repayment_spans(
        start,
        repayment.unit,
        repayment.every,
        repayment.instalments,
        first_due=repayment.first_due_on,
        fixed_length=repayment.fixed_length_days,
    )
    return off_holidays(spans, terms.holidays)


def interest_rules(terms: Terms, disbursed_on: date) -> InterestRules:
    """The rules of the interest model; where interest counts the days agreed they know the due dates that moved."""
    rules, repayment = rules_of(terms), terms.repayment
    if terms.holidays is None or not terms.holidays.by_agreed_days:
        return rules
    start = disbursed_on if repayment.start is RepaymentStart.DISBURSEMENT_DATE else terms.submitted_on
    count = repayment.instalments + EXTRA_INSTALMENTS
    spans = repayment_spans(start, repayment.unit, repayment.every, count, first_due=repayment.first_due_on)
    return replace(rules, shifted=shifted_days(spans, terms.holidays))


def empty_schedule(terms: Terms, disbursed_on: date, disbursements: list[date]) -> list[Instalment]:
    """The instalments without amounts; each disbursement with a down payment has one of its own."""
    made: list[Instalment] = []
    down = sorted(disbursements) if terms.down_payment is not None else []
    for span in spans_of(terms, disbursed_on):
        for on in down:
            if span.start <= on < span.due:
                made.append(Instalment(len(made) + 1, on, on, down_payment=True))
        made.append(Instalment(len(made) + 1, span.start, span.due))
    last = made[-1].due
    made += [Instalment(0, on, on, down_payment=True) for on in down if on >= last]
    for number, instalment in enumerate(made, start=1):
        instalment.number = number
    return made


def open_workings(
    terms: Terms,
    entries: list[Entry],
    levies: list[Levy],
    variations: list[Variation],
    business_date: date,
    *,
    planned: list[Instalment] | None = None,
) -> Workings:
    """The account before anything happened to it; `planned` is its plan where that follows what was paid."""
    disbursements = [each for each in entries if each.type is T.DISBURSEMENT and not each.reverted]
    disbursed_on = min(each.dated for each in disbursements)
    model: InterestModel | None = None
    if terms.convention is Convention.PROGRESSIVE:
        instalments = empty_schedule(terms, disbursed_on, [each.dated for each in disbursements])
        model = InterestModel.open(spans_of(terms, disbursed_on), interest_rules(terms, disbursed_on))
    else:
        instalments = (
            deepcopy(planned) if planned else plan(terms, paid_out(entries), plan_changes(variations, entries))
        )
        for each in instalments:
            each.settle(disbursed_on)
    for levy in levies:
        levy.forget_payments()

    anew = opening(terms, entries, variations, business_date, planned)
    return Workings(terms, model, variations, business_date, instalments, levies, disbursed_on, opening=anew)


def opening(
    terms: Terms,
    entries: list[Entry],
    variations: list[Variation],
    business_date: date,
    planned: list[Instalment] | None,
) -> Callable[[], Workings]:
    """How the same account is opened once more, without its charges."""
    return partial(open_workings, terms, entries, [], variations, business_date, planned=planned)


def paid_out(entries: list[Entry]) -> list[tuple[date, int]]:
    """The days and amounts of the disbursements that stand, by day."""
    standing = [each for each in entries if each.type is T.DISBURSEMENT and not each.reverted]
    return [(each.dated, each.amount) for each in sorted(standing, key=lambda each: each.dated)]


def plan_changes(variations: list[Variation], entries: list[Entry]) -> list[PlanChange]:
    """The changes of terms as the cumulative plan takes them; a disbursement may agree on another instalment."""
    agreed = [
        PlanChange(each.dated, instalment=each.cause.instalment_amount)
        for each in entries
        if isinstance(each.cause, Disburse) and each.type is T.DISBURSEMENT and not each.reverted
        if each.cause.instalment_amount is not None
    ]
    return agreed + [
        PlanChange(
            from_on=each.from_on,
            due_on=each.until if each.kind is VariationKind.DUE_DATE else None,
            rate=each.rate,
            extra=each.extra,
            grace_principal=each.grace_principal,
            grace_interest=each.grace_interest,
        )
        for each in variations
        if each.kind is not VariationKind.PAUSE
    ]


def retell(
    work: Workings, entries: list[Entry], business_date: date, told: list[Happening] | None = None, since: int = 0
) -> Milestone | None:
    """Works history until the business date: all of it on freshly opened workings, or what was `told` since a place.

    What it gives is where history stood before what is booked just now, for the next time.
    """
    if work.model is None:
        for levy in work.levies:
            put_on(levy, work.instalments)
    work.accruals = [each for each in entries if not each.reverted and each.type in (T.ACCRUAL, T.ACCRUAL_ADJUSTMENT)]
    told = happenings(work.variations, work.levies, told_of(entries)) if told is None else told
    booked_before = next((place for place, each in enumerate(told) if each.entry and each.entry.fresh), len(told))
    kept: Milestone | None = None
    for place, happening in enumerate(told[since:], start=since):
        if place == booked_before:
            kept = milestone(work, told[:place])
        if happening.variation is not None:
            if work.model is not None:
                vary(work, happening.variation)
        elif happening.levy is not None:
            if work.model is not None:
                _charge(work, happening.levy)
        elif happening.entry is not None:
            _transact(work, happening.entry)
        if work.model is not None:
            fit_principal(work, happening.on)
    if booked_before == len(told):
        kept = milestone(work, told)
    work.prepaying = False
    if work.model is not None:
        work.recalculate(business_date)
        fit_principal(work, business_date)
        _use_overpaid(work)
    tidy(work, told_of(entries))
    return kept


def told_of(entries: list[Entry]) -> list[Entry]:
    """The entries that history tells."""
    return [each for each in entries if each.told_in_replay]


def go_on(work: Workings, entries: list[Entry], business_date: date) -> None:
    """Works the latest transactions on from where history stands, changes of terms still to come included."""
    work.changes.clear()
    work.business_date = business_date
    work.recalculate(business_date)
    for each in entries:
        _transact(work, each)
    work.prepaying = False
    work.recalculate(business_date)
    fit_principal(work, business_date)
    tidy(work, work.history)


def _charge(work: Workings, levy: Levy) -> None:
    put_on(levy, work.instalments)
    _use_overpaid(work)


def _use_overpaid(work: Workings) -> None:
    """Nobody owes and is owed: what was overpaid pays what became due behind it."""
    if work.overpaid > 0 and any(each.outstanding > 0 for each in work.instalments):
        told = {id(each) for each in work.history}
        standing = [each for each in work.overpaying if id(each) in told]
        work.overpaying = standing or [each for each in work.history if each.pays and each.overpaid > 0]
        work.overpaying = _pay_from_overpaid(work)


def _transact(work: Workings, booked: Entry) -> None:
    """Works one booked transaction; what comes out otherwise than booked is a change."""
    verb = work_on if work.model is not None else work_classically
    if booked.fresh:
        verb(work, booked)
        standing = booked
    else:
        again = booked.again()
        change = Change(booked, again)
        work.changes.append(change)
        verb(work, again)
        standing = _kept(work, change)
    work.history.append(standing)
    if standing.overpaid > 0 and standing.pays:
        work.overpaying.append(standing)


def _kept(work: Workings, change: Change) -> Entry:
    """The booked transaction if nothing about it changed, else the new one."""
    booked, again = change.old, change.new
    assert booked is not None, "only what was booked can be kept"
    follows = any(each.new is not again and each.new.dated == booked.dated for each in work.changes)
    if booked.type is not T.ACCRUAL_ACTIVITY and (follows or not booked.same_amounts(again)):
        return again
    if booked.type is not T.WAIVE_CHARGES:
        booked.met, booked.charges = again.met, again.charges
    work.changes.remove(change)
    return booked


def _pay_from_overpaid(work: Workings) -> list[Entry]:
    """What earlier payments left over pays what a later charge made due; those payments are told anew."""
    remaining = list(work.overpaying)
    for standing in work.overpaying:
        available = min(work.overpaid, standing.overpaid)
        if available <= 0:
            continue
        work.paid_afterwards = True
        change = next((each for each in work.changes if each.new is standing), None)
        again = standing
        if change is None and not standing.fresh:
            again = standing.again()
            again.met, again.charges = list(standing.met), dict(standing.charges)
            change = Change(standing, again)
            work.changes.append(change)
        again.overpaid -= available
        work.overpaid -= available
        left = share_out(work, again, available)
        again.overpaid += left
        work.overpaid += left
        if again is not standing:
            work.history[work.history.index(standing)] = again
        remaining.remove(standing)
        if again.overpaid > 0:
            remaining.append(again)
    return remaining


def tidy(work: Workings, told: list[Entry]) -> None:
    """What remains to be said of the instalments when history is told."""
    last = work.instalments[-1]
    if last.additional and last.total == 0:
        work.instalments.remove(last)
    if (not last.met and last.met_on is None) or (last.met and last.met_on == work.disbursed_on):
        waivers = [each.dated for each in told if each.type is T.WAIVE_CHARGES and each.dated > last.start]
        if waivers and (not last.met or (last.met_on is not None and last.met_on < max(waivers))):
            last.met, last.met_on = True, max(waivers)
    for each in work.instalments:
        if each.outstanding > 0:
            each.met, each.met_on = False, None
