"""CLM and UMP in columns: contracts without a term of their own, ended by a call or by what is observed."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.columnar.days import NEVER, Days, Flags, later
from zhongtai.kernel.actus.columnar.logic import Payoff, Rows, Step
from zhongtai.kernel.actus.columnar.moments import Moments
from zhongtai.kernel.actus.columnar.pam import ColumnPam
from zhongtai.kernel.actus.schedules import NO_PERIOD


class ColumnCapitalised(ColumnPam):
    """Interest is capitalised by its cycle and none is paid on the way; where nothing ends it, t^max does."""

    @cached_property
    def interest_times(self) -> Days:
        """None: interest is capitalised, so none is due at the status date either."""
        return self.none

    def plan_interest(self) -> Iterator[Days]:
        """IPCI by its cycle."""
        if self.group.told("nominal_interest_rate"):
            yield self.cyclic(self.capitalised_times, EventType.IPCI)

    @property
    def capitalised_times(self) -> Days:
        """When interest is capitalised."""
        return self.interest_cycle(with_end=True)

    def paid_out(self, rows: Rows) -> Payoff:
        """POF_IED_CLM: R (-1) NT."""
        return -self.face[rows]


class ColumnClm(ColumnCapitalised):
    """Call money: interest is paid with the principal at the maturity, or after the notice of a call."""

    @cached_property
    def maturity(self) -> Days:
        """Md at t0: as told, or when the money is called, or t^max."""
        if self.group.told("maturity_date"):
            return self.group.days("maturity_date")
        if (self.called < NEVER).all():
            return self.called
        return np.where(self.called < NEVER, self.called, self.terms.need(self.until, "maturityDate"))

    @cached_property
    def called(self) -> Days:
        """When the money is called by an observed XD, where no maturity is told."""
        if self.group.told("maturity_date"):
            return np.full(len(self.group), NEVER)
        days = self.group.seen_of(EventType.XD).days
        is_in_time = days > self.status if self.until is None else (days > self.status) & (days <= self.until)
        first: Days = np.where(is_in_time, days, NEVER).min(axis=0, initial=NEVER)
        return first

    @property
    def capitalised_times(self) -> Days:
        """When interest is capitalised: before the end."""
        return self.interest_cycle(with_end=False)

    def plan_redemption(self) -> Iterator[Days]:
        """IP and MD at the maturity; or XD when called. None of these days is moved."""
        end = np.where(self.called < NEVER, NEVER, self.maturity)
        yield self.once(end, EventType.IP)
        yield self.once(end, EventType.MD)
        yield self.once(self.called, EventType.XD)

    def plan_settlement(self) -> Iterator[Days]:
        """IP and STD after the notice of a call."""
        paid = later(self.called, self.terms.x_day_notice or NO_PERIOD)[np.newaxis]
        yield self.exactly(paid, EventType.IP, behind=EventType.XD)
        yield self.exactly(paid, EventType.STD)

    def accrued_until(self) -> Days:
        """The days accruals run to: of what is settled after a call, to the call and not through the notice."""
        moments = self.moments_now
        is_settlement = (moments.kind == EventType.IP.sequence) | (moments.kind == EventType.STD.sequence)
        is_settlement &= self.called < NEVER
        return np.where(is_settlement, self.accrual_days(self.called), moments.calculated)

    def xd(self, step: Step) -> Payoff:
        """At the call interest accrues, as at any event."""
        self.accrue(step)
        return 0.0

    def std(self, step: Step) -> Payoff:
        """What a maturity pays."""
        return self.md(step)


class ColumnUmp(ColumnCapitalised):
    """Undefined maturity profile: principal moves as observed."""

    @cached_property
    def maturity(self) -> Days:
        """Md at t0: t^max, or without one the last observed movement of principal. Raises `TermMissing`."""
        if self.until is not None:
            return self.until
        days = np.concatenate([self.group.seen_of(kind).days for kind in (EventType.PR, EventType.PI)])
        last: Days = np.where(days < NEVER, days, -NEVER).max(axis=0, initial=-NEVER)
        return last if (last > -NEVER).all() else self.terms.need(None, "maturityDate")

    @property
    def has_end(self) -> bool:
        """Whether it ends with the last movement."""
        return self.until is None

    def plan_redemption(self) -> Iterator[Days]:
        """PR and PI as observed."""
        for kind in (EventType.PR, EventType.PI):
            days, amounts = self.group.seen_of(kind)
            yield self.exactly(days, kind, ordinal=self.carried(self.sign * amounts))

    def pr(self, step: Step) -> Payoff:
        """POF_PR_UMP, STF_PR_UMP: R times the observed amount, which is below zero where the principal is raised."""
        self.accrue(step)
        moved = self.value(step)
        self.notional[step.rows] -= moved
        return moved

    def pi(self, step: Step) -> Payoff:
        """As PR."""
        return self.pr(step)

    def converted(self, moments: Moments) -> Flags:
        """All but the movements, which are observed in the currency they are paid in."""
        found: Flags = (moments.kind != EventType.PR.sequence) & (moments.kind != EventType.PI.sequence)
        return found


TYPES = {ContractType.CLM: ColumnClm, ContractType.UMP: ColumnUmp}
