"""LAX in columns: principal, interest and rates by arrays of cycles; each part is a schedule of all contracts."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import ContractType, EventType, FixedVariable, IncreaseDecrease
from zhongtai.kernel.actus.columnar.amortizers import ColumnLam, rounded_up, within_calendar
from zhongtai.kernel.actus.columnar.days import NEVER, Days, at, cycles_until, schedule
from zhongtai.kernel.actus.columnar.logic import Payoff, Rows, Step
from zhongtai.kernel.actus.columnar.portfolio import Numbers
from zhongtai.kernel.actus.schedules import Cycle

# What is left of a notional after many parts of it were taken off may be as little as this share of it, for nothing.
_NOTHING_LEFT = 1e-12


class ColumnLax(ColumnLam):
    """LAM with arrays: each part of the principal array raises or repays by its own amount on its own cycle."""

    @cached_property
    def maturity(self) -> Days:
        """Md at t0: as told, or when the parts have repaid the notional; what they leave is due at t^max."""
        if self.group.told("maturity_date"):
            return self.group.days("maturity_date")
        if not len(self.anchors):
            return self.terms.need(self.until, "maturityDate")
        cycles, notional = self.terms.array_cycle_of_principal_redemption, self.group.numbers("notional_principal")
        found, left = np.full(len(self.group), NEVER), notional.copy()
        for row, change in zip(self.rows(self.anchors, cycles, self.anchors[-1]), self.changes, strict=True):
            for times in row:
                left += np.where((times > self.status) & (times < NEVER), change, 0)
                found = np.where((left <= _NOTHING_LEFT * notional) & (times < found), times, found)
        if cycles:
            last = self.repaid_by_last_part(left, found)
        else:
            last = self.anchors[-1] if self.until is None else self.until
        return np.where(found < NEVER, found, last)

    def repaid_by_last_part(self, left: Numbers, found: Days) -> Days:
        """When the last part, which has no end, has repaid what is left, where that is not found yet, or t^max.

        Raises `TermMissing` where it repays nothing and there is no t^max, `DateBeyondCalendar`.
        """
        change, anchor, is_open = self.changes[-1], self.anchors[-1], found == NEVER
        is_left = is_open & (change >= 0)
        end = self.terms.need(self.until, "maturityDate") if is_left.any() else found
        is_open &= ~is_left
        cycle = self.cycle_of(self.terms.array_cycle_of_principal_redemption, len(self.anchors) - 1, len(self.anchors))
        convention = self.terms.end_of_month_convention
        payments = rounded_up(np.divide(left, -change, out=np.ones(len(left)), where=is_open))
        number = np.where(is_open, cycles_until(anchor, cycle, self.status, convention) + payments - 1, 0)
        return np.where(is_left, end, within_calendar(at(anchor, cycle, number, convention), anchor, number))

    @property
    def anchors(self) -> Days:
        """ARPRANX."""
        return self.group.day_arrays("array_cycle_anchor_date_of_principal_redemption")

    @cached_property
    def changes(self) -> Numbers:
        """ARPRNXT with its direction: above zero where it raises the notional (INC)."""
        ways = [1 if way is IncreaseDecrease.INC else -1 for way in self.terms.array_increase_decrease]
        amounts = self.group.number_arrays("array_next_principal_redemption_payment")
        return amounts * np.array(ways, dtype=np.float64)[:, np.newaxis]

    @staticmethod
    def cycle_of(cycles: Sequence[Cycle], part: int, parts: int) -> Cycle:
        """The cycle of a part: its own, or the first one where there are not as many cycles as parts."""
        return cycles[part] if len(cycles) == parts else cycles[0]

    def rows(self, anchors: Days, cycles: Sequence[Cycle], end: Days) -> list[Days]:
        """The array schedule up to before an end: the times of each part."""
        if not cycles:
            return [np.where(anchor < end, anchor, NEVER)[np.newaxis] for anchor in anchors]
        found, convention = [], self.terms.end_of_month_convention
        for part, anchor in enumerate(anchors):
            limit = np.minimum(end, anchors[part + 1]) if part + 1 < len(anchors) else end
            cycle = self.cycle_of(cycles, part, len(anchors))
            found.append(schedule(anchor, cycle, limit, convention, with_end=False))
        return found

    @property
    def events_a_day(self) -> float:
        """About how many events a contract has for each day it lives."""
        terms = self.terms
        arrays = (
            terms.array_cycle_of_interest_payment,
            terms.array_cycle_of_principal_redemption,
            terms.array_cycle_of_rate_reset,
        )
        shortest = (min(30 * cycle.period.months + cycle.period.days for cycle in array) for array in arrays if array)
        return super().events_a_day + sum(1 / days for days in shortest)

    def first_level(self, rows: Rows) -> Numbers:
        """Amounts come with their parts."""
        return np.zeros(len(self.notional[rows]))

    @property
    def is_level_told(self) -> bool:
        """PRNXT is no term of this type."""
        return False

    def plan_redemption(self) -> Iterator[Days]:
        """PR and PI by the parts, MD."""
        ordinals = self.carried(self.sign * np.abs(self.changes))
        rows = self.rows(self.anchors, self.terms.array_cycle_of_principal_redemption, self.maturity)
        for row, change, ordinal in zip(rows, self.changes, ordinals, strict=True):
            yield self.cyclic(np.where(change < 0, row, NEVER), EventType.PR, ordinal=ordinal)
            yield self.cyclic(np.where(change < 0, NEVER, row), EventType.PI, ordinal=ordinal)
        yield self.cyclic(self.maturity[np.newaxis], EventType.MD)

    def plan_rates(self) -> Iterator[Days]:
        """RR where a part is variable (its rate is the spread), RRF where it is fixed; or the cycle of any contract."""
        terms, anchors = self.terms, self.group.day_arrays("array_cycle_anchor_date_of_rate_reset")
        if not len(anchors):
            yield from super().plan_rates()
            return
        ordinals = self.carried(self.group.number_arrays("array_rate"))
        rows = self.rows(anchors, terms.array_cycle_of_rate_reset, self.maturity)
        for row, kind, ordinal in zip(rows, terms.array_fixed_variable, ordinals, strict=True):
            yield self.cyclic(row, EventType.RRF if kind is FixedVariable.F else EventType.RR, ordinal=ordinal)

    @cached_property
    def interest_times(self) -> Days:
        """IP by its array, and at the maturity; or by the cycle of any contract."""
        anchors = self.group.day_arrays("array_cycle_anchor_date_of_interest_payment")
        if not self.group.told("nominal_interest_rate") or not len(anchors):
            return super().interest_times
        rows = self.rows(anchors, self.terms.array_cycle_of_interest_payment, self.maturity)
        return np.concatenate([*rows, self.maturity[np.newaxis]])

    def redeemed(self, step: Step) -> Numbers:
        """The amount of the part."""
        return self.value(step)

    def pi(self, step: Step) -> Payoff:
        """POF_PI_LAX, STF_PI_LAX."""
        self.accrue(step)
        raised = self.value(step)
        self.notional[step.rows] += raised
        self.set_base(step.rows)
        return -self.notional_scaling[step.rows] * raised

    def spread(self, step: Step) -> Numbers:
        """ARRATE of the part, or RRSP."""
        return self.value(step) if self.terms.array_rate else super().spread(step)

    def fixed_rate(self, step: Step) -> Numbers:
        """ARRATE of the part, or RRNXT."""
        return self.value(step) if self.terms.array_rate else super().fixed_rate(step)


TYPES = {ContractType.LAX: ColumnLax}
