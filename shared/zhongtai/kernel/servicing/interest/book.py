"""The periods of one progressive loan together: finding them, changing the balance in them, and their totals."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from zhongtai.kernel.servicing.interest.factors import CONTEXT, InterestRules, RateFactors
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod, Slice
from zhongtai.kernel.servicing.interest.resting import awake, resting
from zhongtai.kernel.servicing.interest.spans import Span, within

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OverdueCorrection:
    """Principal that stayed on the balance after its due date: put on `on`, inside the period due on `period_due`."""

    on: date
    amount: int
    period_due: date


class Book:
    """The periods of a loan, in order, with the rates that hold from given days on.

    `instalments_move` tells whether a payment in advance may shrink a period's instalment; `is_draft` marks a copy
    without payments, made to solve instalments on.
    """

    def __init__(self, periods: Sequence[RepaymentPeriod], rules: InterestRules, factors: RateFactors) -> None:
        self.periods: list[RepaymentPeriod] = list(periods)
        self.rules = rules
        self.factors = factors
        self.rates: dict[date, Decimal] = {}
        self.instalments_move = True
        self.is_draft = False
        self.overdue_till: date | None = None
        self.overdue_corrections: list[OverdueCorrection] = []

    @classmethod
    def open(cls, spans: Sequence[Span], rules: InterestRules) -> Self:
        """Empty periods, nothing lent yet."""
        periods: list[RepaymentPeriod] = []
        for span in spans:
            periods.append(RepaymentPeriod(periods[-1] if periods else None, span.start, span.due, rules.method))
        return cls(periods, rules, RateFactors(rules))

    def __getstate__(self) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
        """The periods one after the other instead of as a chain, and no factor that can be reckoned again."""
        fields = {name: value for name, value in vars(self).items() if name not in ("periods", "factors")}
        return resting(self.periods), fields

    def __setstate__(self, state: tuple[list[tuple[Any, ...]], dict[str, Any]]) -> None:
        rows, fields = state
        vars(self).update(fields)
        self.factors = RateFactors(self.rules)
        self.periods = awake(rows)

    def copy(self) -> Self:
        """A copy to ask "what if" of."""
        periods: list[RepaymentPeriod] = []
        for period in self.periods:
            periods.append(period.copy_after(periods[-1] if periods else None))
        copy = type(self)(periods, self.rules, self.factors)
        copy.rates = dict(self.rates)
        copy.overdue_till = self.overdue_till
        copy.overdue_corrections = list(self.overdue_corrections)
        return copy

    def remove_periods(self, removed: Sequence[RepaymentPeriod]) -> None:
        """Takes periods out; the ones that stay follow each other."""
        if not removed:
            return
        self.periods[:] = [period for period in self.periods if all(period is not each for each in removed)]
        before: RepaymentPeriod | None = None
        for period in self.periods:
            if period.previous is not before:
                period.follow(before)
                period.forget()
            before = period
        self.periods[-1].end_chain()

    def draft(self) -> Self:
        """A copy in which nothing was paid and no balance corrected."""
        copy = self.copy()
        copy.is_draft = True
        copy.overdue_corrections = []
        for period in copy.periods:
            if period.interest_moved_earlier:
                period.fixed_interest = period.paid_interest
            period.paid_principal = period.paid_interest = period.deferred_interest = 0
            for piece in period.slices:
                piece.correction = 0
        return copy

    # -- finding --

    @property
    def start(self) -> date:
        """The day the first period starts."""
        return self.periods[0].start

    @property
    def maturity(self) -> date:
        """The day the last period is due."""
        return self.periods[-1].due

    @property
    def nothing_lent(self) -> bool:
        """Whether no period has an instalment."""
        return all(not period.instalment for period in self.periods)

    def period_at(self, day: date) -> RepaymentPeriod | None:
        """The period a day belongs to: (start, due], the first with its start."""
        for period in self.periods:
            if within(day, period.start, period.due, first=period.previous is None):
                return period
        return None

    def find(self, start: date, due: date) -> RepaymentPeriod | None:
        """The period of exactly these dates, or the one that encloses them (periods may have been joined)."""
        enclosing: RepaymentPeriod | None = None
        for period in self.periods:
            if period.start == start and period.due == due:
                return period
            if enclosing is None and period.start <= start and period.due >= due:
                enclosing = period
        return enclosing

    def due_from(self, day: date) -> list[RepaymentPeriod]:
        """The periods due on the day or later."""
        return [period for period in self.periods if period.due >= day]

    def rate_on(self, day: date) -> Decimal:
        """The yearly rate that holds on a day, as a fraction."""
        percent = self.rules.rate
        if self.rates:
            days = sorted(self.rates)
            index = bisect_right(days, day)
            percent = self.rates[days[index - 1]] if index else percent
        return CONTEXT.divide(percent, 100)

    # -- totals --

    def total(self, figure: Callable[[RepaymentPeriod], int]) -> int:
        """The sum of one figure over all periods, never negative."""
        return max(0, sum(map(figure, self.periods)))

    @property
    def total_principal(self) -> int:
        """All principal there is to pay back."""
        return self.total(lambda period: period.added_principal)

    @property
    def total_paid_principal(self) -> int:
        """Principal paid."""
        return self.total(lambda period: period.paid_principal)

    @property
    def total_interest(self) -> int:
        """Interest due."""
        return self.total(lambda period: period.due_interest)

    @property
    def total_paid_interest(self) -> int:
        """Interest paid."""
        return self.total(lambda period: period.paid_interest)

    @property
    def total_credited_principal(self) -> int:
        """Principal charged back."""
        return self.total(lambda period: period.credited_principal)

    # -- changing the balance --

    def change_balance(
        self, on: date, *, disbursed: int = 0, correction: int = 0, capitalised: int = 0
    ) -> RepaymentPeriod | None:
        """Puts amounts on a day, cutting a slice there; the period the day belongs to, None outside."""
        period = self.period_at(on)
        if period is None or not period.slices:
            return None
        piece = self._slice_ending(period, on) or cut(period, on)
        piece.disbursed += disbursed
        piece.correction += correction
        piece.capitalised += capitalised
        return period

    def _slice_ending(self, period: RepaymentPeriod, on: date) -> Slice | None:
        """The slice that ends on the day; on the maturity date only an empty one, so that amounts come after it."""
        if period is self.periods[-1] and on == period.due:
            return period.slices[-1] if period.slices[-1].days == 0 else None
        return next((piece for piece in period.slices if piece.due == on), None)

    def pause(self, start: date, end: date) -> RepaymentPeriod | None:
        """Marks the days from `start` to `end`, both included, as bearing no interest; the first period touched."""
        touched = [period for period in self.periods if period.start < end and period.due >= start]
        for period in touched:
            begin = max(start - timedelta(days=1), period.start)
            finish = min(end, period.due)
            if all(piece.start != begin for piece in period.slices):
                cut(period, begin)
            if all(piece.due != finish for piece in period.slices):
                cut(period, finish)
            for piece in period.slices:
                if piece.start >= begin and piece.due <= finish:
                    piece.paused = True
        return touched[0] if touched else None

    # -- working out --

    def update_factors(self, periods: Sequence[RepaymentPeriod] | None = None) -> None:
        """Computes the rate factors of the slices of these periods (of all by default)."""
        origin = self.start
        for period in self.periods if periods is None else periods:
            dates = (period.start, period.due)
            for piece in period.slices:
                rate = self.rate_on(piece.start)
                piece.instalment_factor = self.factors.of_instalment(rate, piece.start, piece.due, dates)
                piece.interest_factor = self.factors.of_interest(rate, piece.start, period.due, dates, origin)

    def update_balances(self) -> None:
        """Carries the balance forward through all slices."""
        for period in self.periods:
            before: Slice | None = None
            for piece in period.slices:
                if before is not None:
                    piece.balance = max(0, before.balance_at_end)
                elif period.previous is not None:
                    previous = period.previous
                    at_end = previous.slices[-1].balance_at_end
                    piece.balance = max(0, at_end - previous.due_principal + previous.paid_principal)
                before = piece


def cut(period: RepaymentPeriod, on: date) -> Slice:
    """Cuts the slice that holds the day in two; the first part, which ends on the day and carries its amounts."""
    holding = [piece for piece in period.slices if piece.start < on <= piece.due]
    first = holding[-1] if holding else period.slices[0]
    middle = min(max(on, first.start), first.due)
    second = Slice(period, middle, first.due, paused=first.paused)
    first.due = middle
    index = next(index for index, piece in enumerate(period.slices) if piece is first)
    period.replace_slices([*period.slices[: index + 1], second, *period.slices[index + 1 :]])
    return first
