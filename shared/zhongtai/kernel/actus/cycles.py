"""When interest, fees, resets and index fixings of a contract with principal fall (section 7.1, first table)."""

from datetime import datetime
from functools import cached_property

from zhongtai.kernel.actus.codes import ScalingEffect
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.schedules import Cycle, schedule


class Cycles(Logic):
    """Times before any shift for business days, from the exchange on, ascending."""

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0."""
        return self.terms.need(self.terms.maturity_date, "maturityDate")

    @property
    def has_end(self) -> bool:
        """Whether the contract ends at its maturity; if not, that is t^max, at which nothing happens."""
        return True

    @cached_property
    def interest_times(self) -> tuple[datetime, ...]:
        """IP by its cycle up to the maturity."""
        if self.terms.nominal_interest_rate is None:
            return ()
        if self.has_interest_cycle:
            return self.interest_cycle()
        return () if self.maturity is None else (self.maturity,)

    @property
    def has_interest_cycle(self) -> bool:
        """Whether IPANX or IPCL is told."""
        terms = self.terms
        return (terms.cycle_anchor_date_of_interest_payment or terms.cycle_of_interest_payment) is not None

    def interest_cycle(self, *, with_end: bool = True) -> tuple[datetime, ...]:
        """The cycle of interest."""
        terms = self.terms
        return self.from_exchange(
            terms.cycle_anchor_date_of_interest_payment, terms.cycle_of_interest_payment, with_end=with_end
        )

    @cached_property
    def fee_times(self) -> tuple[datetime, ...]:
        """FP by its cycle."""
        if not self.terms.fee_rate:
            return ()
        return self.times(self.terms.cycle_anchor_date_of_fee, self.terms.cycle_of_fee)

    @cached_property
    def rate_times(self) -> tuple[datetime, ...]:
        """RR and RRF by their cycle; a reset at the maturity would change nothing."""
        terms = self.terms
        return self.times_within(terms.cycle_anchor_date_of_rate_reset, terms.cycle_of_rate_reset)

    @cached_property
    def scaling_times(self) -> tuple[datetime, ...]:
        """SC by its cycle."""
        terms = self.terms
        if terms.scaling_effect is ScalingEffect.NONE:
            return ()
        return self.times_within(terms.cycle_anchor_date_of_scaling_index, terms.cycle_of_scaling_index)

    def times(self, anchor: datetime | None, cycle: Cycle | None) -> tuple[datetime, ...]:
        """S(s, c, Md) of what is paid; a cycle without an anchor begins one cycle after the exchange."""
        found = self.from_exchange(anchor, cycle, with_end=True)
        return found if anchor is not None else tuple(time for time in found if time > self.exchange)

    def times_within(self, anchor: datetime | None, cycle: Cycle | None) -> tuple[datetime, ...]:
        """S(s, c, Md, F) of what is fixed: the maturity would change nothing."""
        return self.from_exchange(anchor, cycle, with_end=False)

    def from_exchange(self, anchor: datetime | None, cycle: Cycle | None, *, with_end: bool) -> tuple[datetime, ...]:
        """The times of a cycle from the exchange on, which is the anchor where none is told."""
        if anchor is None and cycle is None:
            return ()
        start, convention = anchor or self.exchange, self.terms.end_of_month_convention
        found = schedule(start, cycle, self.maturity, convention, with_end=with_end and self.has_end)
        return tuple(time for time in found if time >= self.exchange)
