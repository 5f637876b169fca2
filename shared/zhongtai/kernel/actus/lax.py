"""LAX, exotic linear amortizer (section 7.3): principal, interest and rates by arrays of cycles."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import count

from zhongtai.kernel.actus.amortizers import Lam
from zhongtai.kernel.actus.codes import ContractType, EventType, FixedVariable, IncreaseDecrease
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import ZERO, Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.schedules import Cycle, array_schedule


class Lax(Lam):
    """LAM with arrays: each part of the principal array raises or repays by its own amount on its own cycle.

    The amount of a part travels with its events, so the PRF of the specification, which no vector tells, is not needed.
    """

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0: as told, or when the parts have repaid the notional; what they leave is due at t^max.

        Without t^max a last part that has no cycle is the end.
        """
        if self.terms.maturity_date is not None:
            return self.terms.maturity_date
        left = self.notional
        for time, amount in self.endless_changes():
            if time > self.terms.status_date:
                left += amount
            if left <= 0:
                return time
        anchors, cycles = self.parts
        last = None if cycles or not anchors else anchors[-1]
        return self.terms.need(self.contract.until or last, "maturityDate")

    def endless_changes(self) -> Iterator[tuple[datetime, Decimal]]:
        """Every change of the notional in time; the last part has no end where it repays by a cycle."""
        terms = self.terms
        anchors, cycles = (
            terms.array_cycle_anchor_date_of_principal_redemption,
            terms.array_cycle_of_principal_redemption,
        )
        if not anchors:
            return
        for row, amount in zip(self.rows(anchors, cycles, anchors[-1]), self.changes, strict=False):
            yield from ((time, amount) for time in row)
        last = anchors[-1]
        if not cycles:
            yield last, self.changes[-1]
        elif self.changes[-1] < 0:
            yield from (
                (cycles[-1].at(last, number, terms.end_of_month_convention), self.changes[-1]) for number in count()
            )

    @property
    def parts(self) -> tuple[tuple[datetime, ...], tuple[Cycle, ...]]:
        """ARPRANX and ARPRCL, a cycle for each anchor or none."""
        terms = self.terms
        anchors = terms.array_cycle_anchor_date_of_principal_redemption
        cycles = terms.array_cycle_of_principal_redemption
        return anchors, cycles if len(cycles) == len(anchors) else cycles[:1] * len(anchors)

    @cached_property
    def changes(self) -> tuple[Decimal, ...]:
        """ARPRNXT with its direction: above zero where it raises the notional (INC)."""
        terms = self.terms
        pairs = zip(terms.array_next_principal_redemption_payment, terms.array_increase_decrease, strict=True)
        return tuple(amount if way is IncreaseDecrease.INC else -amount for amount, way in pairs)

    def rows(
        self, anchors: Sequence[datetime], cycles: Sequence[Cycle], end: datetime | None
    ) -> tuple[tuple[datetime, ...], ...]:
        """The array schedule up to before an end."""
        limit = self.terms.need(end, "maturityDate")
        return array_schedule(anchors, cycles, limit, self.terms.end_of_month_convention)

    def first_level(self, state: State) -> Decimal:
        """Amounts come with their parts."""
        return ZERO

    def plan_redemption(self) -> Iterator[Planned]:
        """PR and PI by the parts, MD."""
        terms = self.terms
        anchors, cycles = (
            terms.array_cycle_anchor_date_of_principal_redemption,
            terms.array_cycle_of_principal_redemption,
        )
        for row, change in zip(self.rows(anchors, cycles, self.maturity), self.changes, strict=True):
            for time in row:
                moment = self.contract.scheduled(time, self.contract.sign * abs(change))
                if change < 0:
                    yield self.contract.planned(moment, EventType.PR, self.pof_pr, self.stf_pr)
                else:
                    yield self.contract.planned(moment, EventType.PI, self.pof_pi, self.stf_pi)
        if self.maturity is not None:
            yield self.cyclic(self.maturity, EventType.MD)

    def plan_rates(self) -> Iterator[Planned]:
        """RR where a part is variable (its rate is the spread), RRF where it is fixed; or the cycle of any contract."""
        terms = self.terms
        if not terms.array_cycle_anchor_date_of_rate_reset:
            yield from super().plan_rates()
            return
        rows = self.rows(terms.array_cycle_anchor_date_of_rate_reset, terms.array_cycle_of_rate_reset, self.maturity)
        for row, rate, kind in zip(rows, terms.array_rate, terms.array_fixed_variable, strict=True):
            for time in row:
                moment = self.contract.scheduled(time, rate)
                if kind is FixedVariable.F:
                    yield self.contract.planned(moment, EventType.RRF, no_payoff, self.stf_rrf)
                else:
                    yield self.contract.planned(moment, EventType.RR, no_payoff, self.stf_rr)

    @cached_property
    def interest_times(self) -> tuple[datetime, ...]:
        """IP by its array, and at the maturity; or by the cycle of any contract."""
        terms = self.terms
        if terms.nominal_interest_rate is None or not terms.array_cycle_anchor_date_of_interest_payment:
            return super().interest_times
        anchors, cycles = terms.array_cycle_anchor_date_of_interest_payment, terms.array_cycle_of_interest_payment
        rows = self.rows(anchors, cycles, self.maturity)
        return (*(time for row in rows for time in row), terms.need(self.maturity, "maturityDate"))

    def redeemed(self, state: State, moment: Moment) -> Decimal:
        """The amount of the part, and never more than is left."""
        return self.at_most_all(state, moment.value)

    def pof_pi(self, state: State, moment: Moment) -> Decimal:
        """POF_PI_LAX: X R (-1) Nsc Prnxt."""
        return self.contract.fx(moment.scheduled) * state.notional_scaling * -moment.value

    def stf_pi(self, state: State, moment: Moment) -> State:
        """STF_PI_LAX."""
        after = self.accrued(state, moment)
        return self.with_base(replace(after, notional_principal=state.notional_principal + moment.value))

    def spread(self, moment: Moment) -> Decimal:
        """ARRATE of the part, or RRSP."""
        return moment.value if self.terms.array_rate else super().spread(moment)

    def fixed_rate(self, moment: Moment) -> Decimal:
        """ARRATE of the part, or RRNXT."""
        return moment.value if self.terms.array_rate else super().fixed_rate(moment)


TYPES: dict[ContractType, type[Logic]] = {ContractType.LAX: Lax}
