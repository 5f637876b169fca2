"""The progressive interest model (逐日计息模型): what each period of a loan owes, whatever has happened to it.

Every day's balance counts. Lending, a change of rate and more periods solve equal instalments anew; payments,
charge-backs and overdue principal change the balance and leave the instalments, and the last open period takes
what is left over. The model answers for any day by a copy on which later days earn nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zhongtai.kernel.servicing.interest.book import Book, OverdueCorrection
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.interest.solving import (
    defer_interest,
    settle_last,
    solve_from,
    update_factors_till,
)
from zhongtai.kernel.servicing.interest.spans import Span, off_holidays, repayment_spans, repayment_spans_on_grid
from zhongtai.kernel.servicing.terms import InterestPeriod, PreClosure, Rest

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueAmounts:
    """What a period asks for on a day: its instalment, and the most principal and interest to pay."""

    instalment: int
    principal: int
    interest: int


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Principal and interest not yet paid."""

    principal: int
    interest: int


class InterestModel(Book):
    """The interest model of one loan. Amounts are minor units, `on` is the day something takes effect."""

    # -- what solves the instalments anew --

    def disburse(self, on: date, amount: int) -> None:
        """Lends an amount; interest by whole periods runs from the start of the period it is lent in."""
        by_period = self.rules.period is InterestPeriod.SAME_AS_REPAYMENT_PERIOD and not self.rules.partial_periods
        if by_period:
            on = next((period.start for period in self.periods if period.due > on), on)
        self._lend(on, amount)
        if self.rules.full_term_tranches and self.rules.count > 0:
            self._lend_full_term(on, amount)
            return
        period = self.change_balance(on, disbursed=amount)
        if period is not None:
            solve_from(self, period, on)

    def capitalise(self, on: date, amount: int) -> None:
        """Adds income to the balance, to be paid back with the principal."""
        self._lend(on, amount)
        period = self.change_balance(on, capitalised=amount)
        if period is not None:
            solve_from(self, period, on)

    def change_rate(self, on: date, percent: Decimal) -> None:
        """From `on` the rate is `percent` a year; a second change on the same day does not replace the first."""
        eve = on - _ONE_DAY
        self.rates.setdefault(eve, percent)
        self._solve_as_paid(eve)

    def add_periods(self, on: date, count: int, *, seed: date | None = None, existing: int | None = None) -> None:
        """Appends periods, on the grid of the loan's start, or of `seed` with `existing` periods counted from it."""
        rules, last = self.rules, self.periods[-1]
        number = len(self.periods) if existing is None else existing
        grid = repayment_spans_on_grid(seed or self.start, rules.unit, rules.every, number, count)
        for span in off_holidays(grid, rules.holidays):
            period = self.append(Span(self.periods[-1].due, span.due) if rules.holidays else span)
            period.lent_before_start = last.lent_before_start
        self._solve_as_paid(on - _ONE_DAY)

    def append(self, span: Span) -> RepaymentPeriod:
        """A period more at the end."""
        period = RepaymentPeriod(self.periods[-1], span.start, span.due, self.rules.method)
        self.periods.append(period)
        return period

    def _lend(self, on: date, amount: int) -> None:
        for period in self.periods:
            if on <= period.start:
                period.lent_before_start += amount

    def _solve_as_paid(self, on: date) -> None:
        period = self.change_balance(on)
        if period is not None:
            solve_from(self, period, on, keep_paid=True)

    def _lend_full_term(self, on: date, amount: int) -> None:
        """A tranche with instalments of its own over the full term, added to those that are there."""
        begin = next((period.start for period in self.periods if period.start <= on < period.due), self.maturity)
        rules = self.rules
        tranche = InterestModel.open(repayment_spans(begin, rules.unit, rules.every, rules.count), rules.one_tranche())
        tranche._lend(on, amount)
        first = tranche.change_balance(on, disbursed=amount)
        if first is not None:
            solve_from(tranche, first, on)
        self.change_balance(on, disbursed=amount)
        lent = self.periods[-1].lent_before_start
        for part in tranche.periods:
            own = next((each for each in self.periods if (each.start, each.due) == (part.start, part.due)), None)
            if own is None:
                start = self.maturity if part is tranche.periods[0] else part.start
                own = self.append(Span(start, part.due))
                own.lent_before_start = lent
            own.instalment += part.due_principal + part.due_interest
            own.original_instalment = own.instalment
            self.update_factors([own])
        self.update_balances()
        settle_last(self, on)

    # -- what moves the balance and leaves the instalments --

    def correct_balance(self, on: date, amount: int) -> None:
        """Raises (or, below zero, lowers) the balance that bears interest from a day on."""
        period = self.change_balance(on, correction=amount)
        if period is not None:
            self._settle([period], on)

    def _settle(self, periods: Sequence[RepaymentPeriod], on: date) -> None:
        self.update_factors(periods)
        self.update_balances()
        settle_last(self, on)

    def pay_interest(self, start: date, due: date, on: date, amount: int) -> None:
        """Pays interest of one period, no more than the loan owes of it."""
        period = self.find(start, due)
        last = self._last_open_before(on)
        if period is not None and period is last:
            defer_interest(self, period, on)
        paid = self.total_paid_interest
        owed = self.total_interest
        if period is not None:
            period.paid_interest += owed - paid if paid + amount > owed else amount
        self.update_balances()
        settle_last(self, on)

    def _last_open_before(self, on: date) -> RepaymentPeriod | None:
        """The last open period where it is past due and closed ones follow it."""
        still_open = [period for period in self.periods if not period.is_paid]
        if not still_open or still_open[-1] is self.periods[-1] or on < still_open[-1].due:
            return None
        return still_open[-1]

    def pay_principal(self, start: date, due: date, on: date, amount: int) -> None:
        """Pays principal of one period; paid late, the balance falls from the period's due date."""
        if not amount:
            return
        period = self.find(start, due)
        paid = self.total_paid_principal
        owed = self.total_principal
        accepted = owed - paid if paid + amount > owed + self.total_credited_principal else amount
        if period is not None:
            period.paid_principal += accepted
        day = min(due, on)
        self.correct_balance(day, -amount)
        if period is None or not self.instalments_move:
            return
        if sum(not each.is_paid for each in self.periods) > 1 and on < period.start:
            filled = period.paid == period.original_instalment + period.credited
            if period.paid > period.room or filled:
                period.instalment = period.paid - period.credited
        settle_last(self, day)

    def unpay(self, start: date, due: date, on: date, *, principal: int = 0, interest: int = 0) -> None:
        """Gives back what was paid of one period: principal bears interest again from the day."""
        period = self.find(start, due)
        if period is not None:
            period.paid_principal -= min(principal, period.paid_principal)
            period.paid_interest -= min(interest, period.paid_interest)
        self.correct_balance(min(on, self.maturity), principal)

    def credit_principal(self, on: date, amount: int) -> None:
        """Charges principal back: it is owed again, and due with the period the day belongs to."""
        self._credit(on, principal=amount, interest=0)

    def credit_interest(self, on: date, amount: int) -> None:
        """Charges interest back: it is due again with the period the day belongs to, and bears none itself."""
        self._credit(on, principal=0, interest=amount)

    def _credit(self, on: date, *, principal: int, interest: int) -> None:
        period = self.change_balance(on, correction=principal)
        if period is None:
            return
        bearer = next((each for each in self.periods if each.start <= on and self._credits(each, on)), None)
        pieces = [piece for piece in bearer.slices if piece.start == on] if bearer is not None else []
        if pieces:
            pieces[-1].credited_principal += principal
            pieces[-1].credited_interest += interest
        self._settle([period], on)

    def _credits(self, period: RepaymentPeriod, on: date) -> bool:
        return on <= period.due if period is self.periods[-1] else on < period.due

    def pause_interest(self, start: date, end: date) -> None:
        """No interest from `start` to `end`, both included; what was charged back stays due."""
        first = self.pause(start, end)
        if first is not None:
            self._settle(self.due_from(first.start), first.start)

    def change_due_date(self, due: date, new_due: date, spans: Sequence[Span]) -> None:
        """Moves the period that holds `due` to end on `new_due`, and those after it to `spans`."""
        target = self.period_at(due)
        if target is None:
            return
        index = self.periods.index(target)
        _move_end(target, new_due)
        for period, span in zip(self.periods[index + 1 :], spans, strict=True):
            period.start = span.start
            if period.slices:
                period.slices[0].start = span.start
            _move_end(period, span.due)
        self._settle(self.due_from(due), due)

    # -- overdue principal goes on bearing interest --

    def recalculate_overdue(self, on: date, *, paying_off: bool = False) -> bool:
        """Puts principal that is past due on the balance of the periods since, up to a day; True if it changed."""
        on = min(on, self.maturity)
        overdue = [each for each in self.periods if not each.holds_early_repayment and on > each.due]
        if not overdue:
            return False
        current = self.period_at(on) or self.periods[-1]
        changed = False
        last_amount = total = 0
        for period in overdue:
            if last_amount:
                changed = self._put_overdue(on, period, last_amount, total, paying_off) or changed
            last_amount = period.outstanding_principal
            total += last_amount
        changed = self._put_overdue(on, current, last_amount, total, paying_off) or changed
        if total > 0 and (self.overdue_till is None or self.overdue_till < on):
            self.overdue_till = on
        return changed

    def _put_overdue(self, on: date, period: RepaymentPeriod, amount: int, total: int, paying_off: bool) -> bool:
        if on == self.overdue_till:
            return False
        since = self.overdue_till
        self._correct_overdue(period.start if since is None or period.start > since else since, amount)
        if period.start < on <= period.due:
            till = period.due if self._rests_at_due_date(paying_off) else on
            self._correct_overdue(till, -total)
            self.overdue_till = till
        return True

    def _correct_overdue(self, on: date, amount: int) -> None:
        period = self.change_balance(on, correction=amount)
        if period is not None:
            self.overdue_corrections.append(OverdueCorrection(on, amount, period.due))
            self._settle([period], on)

    def _rests_at_due_date(self, paying_off: bool) -> bool:
        """Whether overdue principal bears interest to the end of its period: by daily rest only when paying off."""
        till_rest = self.rules.pre_closure is PreClosure.TILL_REST_DATE
        return till_rest and (paying_off or self.rules.rest is Rest.SAME_AS_REPAYMENT)

    # -- what is owed on a day --

    def as_of(self, on: date) -> "InterestModel":
        """A copy in which nothing happens after a day."""
        copy = self.copy()
        if on < copy.start:
            for period in copy.periods:
                period.replace_slices([])
            return copy
        current = copy.period_at(on)
        if on >= copy.maturity or current is None:
            return copy
        for period in copy.periods:
            if period.due > on:
                _stop(period, current, on)
        copy.update_factors()
        copy.update_balances()
        settle_last(copy, on)
        return copy

    def due_amounts(self, start: date, due: date, on: date) -> DueAmounts:
        """The most principal and interest of one period that can be paid on a day."""
        model = self.as_of(on)
        period = model.find(start, due)
        if period is None:
            raise LookupError(f"no period from {start} to {due}")
        still_open = sum(not each.is_paid for each in model.periods)
        if on <= period.start:
            _fit_instalment(model, period, still_open)
        principal = period.room if model.rules.vertical and still_open > 1 else period.due_principal
        interest = period.due_interest
        if model.rules.vertical:
            principal = min(principal, max(model.total_principal - model.total_paid_principal, period.paid_principal))
            interest = min(interest, max(model.total_interest - model.total_paid_interest, period.paid_interest))
        return DueAmounts(period.instalment, principal, interest)

    def interest_till(
        self, start: date, due: date, on: date, *, with_credited: bool = False, fixed_by_day: bool = True
    ) -> int:
        """Interest one period has earned by a day; fixed interest is earned evenly, or at once."""
        period = self.as_of(on).find(start, due)
        if period is None:
            raise LookupError(f"no period from {start} to {due}")
        interest = period.calculated_interest
        if fixed_by_day:
            interest = max(0, interest - period.fixed_interest + period.fixed_interest_to_date())
        return interest if with_credited else interest - period.credited_interest

    def outstanding_till(self, on: date) -> Outstanding:
        """Principal and interest to pay so that nothing is owed after a day."""
        copy = self.copy()
        update_factors_till(copy, on)
        copy.update_balances()
        settle_last(copy, on)
        return Outstanding(
            max(0, copy.total_principal - copy.total_paid_principal),
            max(0, copy.total_interest - copy.total_paid_interest),
        )

    def outstanding_interest_till(self, on: date) -> int:
        """Interest earned by a day and not paid, of the periods begun."""
        return sum(period.outstanding_interest for period in self.as_of(on).periods if period.start < on)

    def total_interest_on(self, on: date) -> int:
        """Interest due in all periods, as it stands on a day."""
        return sum(self.due_amounts(period.start, period.due, on).interest for period in self.periods)


def _move_end(period: RepaymentPeriod, due: date) -> None:
    period.due = due
    if period.slices:
        period.slices[-1].due = due


def _stop(period: RepaymentPeriod, current: RepaymentPeriod, on: date) -> None:
    """Ends a period's slices on a day; a later period keeps only what was charged back on its first day."""
    if period is current:
        piece = period.slice_at(on)
        if piece is None:
            return
        index = next(index for index, each in enumerate(period.slices) if each is piece)
        piece.due = on
        for following in period.slices[index + 1 : index + 2]:
            piece.credited_principal += following.credited_principal
            piece.credited_interest += following.credited_interest
        period.replace_slices(period.slices[: index + 1])
        return
    first = period.slices[0]
    if period.previous is current and (first.credited_interest > 0 or first.credited_principal > 0):
        first.due = first.start
        period.replace_slices([first])
    else:
        period.replace_slices([])


def _fit_instalment(model: Book, period: RepaymentPeriod, still_open: int) -> None:
    """A period that has not begun asks for its original instalment, as far as the loan still owes that much."""
    owed = max(0, model.total_principal - model.total_paid_principal)
    if still_open > 1:
        period.instalment = period.original_instalment
        period.instalment -= max(0, period.outstanding_principal - owed)
    elif still_open == 1 and period.is_paid:
        own = model.total_principal - model.total_paid_principal + period.paid_principal + period.due_interest
        period.instalment = min(period.original_instalment, own)
