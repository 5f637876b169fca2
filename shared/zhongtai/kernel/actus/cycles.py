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
        """The cycle of interest, which starts at the exchange where no anchor is told."""
        if not self.has_interest_cycle:
            return ()
        anchor = self.terms.cycle_anchor_date_of_interest_payment or self.exchange
        return self.times(anchor, self.terms.cycle_of_interest_payment, with_end=with_end)

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
        return self.times(terms.cycle_anchor_date_of_rate_reset, terms.cycle_of_rate_reset, with_end=False)

    @cached_property
    def scaling_times(self) -> tuple[datetime, ...]:
        """SC by its cycle."""
        terms = self.terms
        if terms.scaling_effect is ScalingEffect.NONE:
            return ()
        return self.times(terms.cycle_anchor_date_of_scaling_index, terms.cycle_of_scaling_index, with_end=False)

    def times(self, anchor: datetime | None, cycle: Cycle | None, *, with_end: bool = True) -> tuple[datetime, ...]:
        """S(s, c, Md) from the exchange on; a cycle without an anchor begins one cycle after the exchange."""
        if anchor is None and cycle is None:
            return ()
        start, convention = anchor or self.exchange, self.terms.end_of_month_convention
        found = schedule(start, cycle, self.maturity, convention, with_end=with_end and self.has_end)
        return tuple(time for time in found if time >= self.exchange and (anchor or time > self.exchange))
