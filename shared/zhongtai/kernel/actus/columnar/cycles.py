"""When things happen to the contracts of a group with principal: their cycles, and what accrues between them.

Arrays have the shape (times, contracts). `cycles.py` of the reference says the same of one contract.
"""

from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import ScalingEffect
from zhongtai.kernel.actus.columnar.days import NEVER, DayCount, Days, schedule
from zhongtai.kernel.actus.columnar.logic import ColumnLogic, Setting
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers
from zhongtai.kernel.actus.schedules import Cycle


class ColumnCycles(ColumnLogic):
    """The times of a group before any shift, from the exchange on."""

    def __init__(self, group: Group, setting: Setting, probes: Days | None = None) -> None:
        """Binds the conventions of the group."""
        super().__init__(group, setting, probes)
        self.exchange = group.days("initial_exchange_date")
        convention = self.terms.need(self.terms.day_count_convention, "dayCountConvention")
        self.day_count = DayCount(convention, self.terms.calendar)

    @cached_property
    def maturity(self) -> Days:
        """Md at t0."""
        return self.group.days("maturity_date")

    @property
    def has_end(self) -> bool:
        """Whether contracts end at their maturity; if not, that is t^max, at which nothing happens."""
        return True

    @cached_property
    def interest_times(self) -> Days:
        """IP by its cycle up to the maturity."""
        if not self.group.told("nominal_interest_rate"):
            return self.none
        return self.interest_cycle(with_end=True) if self.has_interest_cycle else self.maturity[np.newaxis]

    @property
    def has_interest_cycle(self) -> bool:
        """Whether IPANX or IPCL is told."""
        is_anchored = self.group.told("cycle_anchor_date_of_interest_payment")
        return is_anchored or self.terms.cycle_of_interest_payment is not None

    def interest_cycle(self, *, with_end: bool) -> Days:
        """The cycle of interest."""
        field, cycle = "cycle_anchor_date_of_interest_payment", self.terms.cycle_of_interest_payment
        return self.from_exchange(field, cycle, with_end=with_end)

    @cached_property
    def fee_times(self) -> Days:
        """FP by its cycle, where there is a fee."""
        if not self.group.told("fee_rate"):
            return self.none
        times = self.times("cycle_anchor_date_of_fee", self.terms.cycle_of_fee)
        return np.where(self.group.numbers("fee_rate") != 0, times, NEVER)

    @cached_property
    def rate_times(self) -> Days:
        """RR and RRF by their cycle."""
        return self.times_within("cycle_anchor_date_of_rate_reset", self.terms.cycle_of_rate_reset)

    @cached_property
    def scaling_times(self) -> Days:
        """SC by its cycle."""
        if self.terms.scaling_effect is ScalingEffect.NONE:
            return self.none
        return self.times_within("cycle_anchor_date_of_scaling_index", self.terms.cycle_of_scaling_index)

    @property
    def days_alive(self) -> Days:
        """From the exchange, or the status date if that is later, to the maturity."""
        return np.maximum(self.maturity - np.maximum(self.exchange, self.status), 0)

    @property
    def events_a_day(self) -> float:
        """About how many events a contract has for each day it lives."""
        terms = self.terms
        cycles = (
            terms.cycle_of_fee,
            terms.cycle_of_interest_calculation_base,
            terms.cycle_of_interest_payment,
            terms.cycle_of_principal_redemption,
            terms.cycle_of_rate_reset,
            terms.cycle_of_scaling_index,
        )
        return sum(1 / (30 * cycle.period.months + cycle.period.days) for cycle in cycles if cycle is not None)

    @property
    def none(self) -> Days:
        """No times."""
        return np.empty((0, len(self.group)), dtype=np.int64)

    def times(self, anchor: str, cycle: Cycle | None) -> Days:
        """S(s, c, Md) of what is paid; a cycle without an anchor begins one cycle after the exchange."""
        found = self.from_exchange(anchor, cycle, with_end=True)
        return found if self.group.told(anchor) else np.where(found > self.exchange, found, NEVER)

    def times_within(self, anchor: str, cycle: Cycle | None) -> Days:
        """S(s, c, Md, F) of what is fixed: the maturity would change nothing."""
        return self.from_exchange(anchor, cycle, with_end=False)

    def from_exchange(self, anchor: str, cycle: Cycle | None, *, with_end: bool) -> Days:
        """The times of a cycle from the exchange on, which is the anchor where none is told."""
        is_told = self.group.told(anchor)
        if not is_told and cycle is None:
            return self.none
        start = self.group.days(anchor) if is_told else self.exchange
        return self.exchanged(start, cycle, self.maturity, with_end=with_end)

    def exchanged(self, anchor: Days, cycle: Cycle | None, end: Days, *, with_end: bool) -> Days:
        """S(s, c, T) without what lies before the exchange."""
        found = schedule(anchor, cycle, end, self.terms.end_of_month_convention, with_end=with_end and self.has_end)
        if (anchor >= self.exchange).all() and (end >= self.exchange).all():
            return found
        return np.where(found >= self.exchange, found, NEVER)

    def fraction(self, start: Days, end: Days) -> Numbers:
        """Y(s, t); nothing where the end is before the start."""
        passed = self.day_count.serial_end(end, self.maturity) - self.day_count.serial(start)
        years: Numbers = np.maximum(passed, 0) / self.day_count.basis
        return years
