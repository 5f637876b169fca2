"""CEG and CEC in columns: who pays where the obligor of another contract does not."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from zhongtai.kernel.actus.codes import (
    ContractType,
    DayCountConvention,
    EventType,
    FeeBasis,
    GuaranteedExposure,
    ReferenceRole,
)
from zhongtai.kernel.actus.columnar.composed import ColumnComposed
from zhongtai.kernel.actus.columnar.days import NEVER, DayCount, Days, later, schedule
from zhongtai.kernel.actus.columnar.logic import Payoff, Rows, Step
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers
from zhongtai.kernel.actus.terms import Reference


class ColumnCeg(ColumnComposed):
    """A guarantee: a credit event of a covered contract fixes the exposure (XD), which is then paid (STD)."""

    has_exercise = True
    looked_at: ClassVar[tuple[EventType, ...]] = (EventType.PRD, EventType.FP, EventType.XD)

    def begin(self) -> None:
        """The second table of section 7.17; an amount that is not fixed yet is told as zero."""
        told, days = self.group.told, self.group.days
        convention = self.terms.day_count_convention or DayCountConvention.AA
        self.day_count = DayCount(convention, self.terms.calendar)
        self.since, self.fee = self.status.copy(), np.zeros(len(self.group))
        if told("exercise_date"):
            self.exercise_date = days("exercise_date").copy()
        if told("exercise_amount"):
            self.exercise_amount = self.group.numbers("exercise_amount").copy()
        is_open = self.status < self.maturity
        first = np.where(is_open, self.status, NEVER)
        later_looks = self.looks()
        looks = first[np.newaxis] if later_looks is None else np.concatenate([first[np.newaxis], later_looks])
        self.exposures = self.covered_share(looks)
        self.notional = np.where(is_open, self.exposures[0], 0)
        self.fee = np.where(is_open, self.first_fee(), 0)

    @property
    def days_alive(self) -> Days:
        """From the status date to the maturity that is told, else as the longest of its parts."""
        if not self.group.told("maturity_date"):
            return super().days_alive
        alive: Days = np.maximum(self.group.days("maturity_date") - self.status, 0)
        return alive

    # What is covered, and until when

    @cached_property
    def covered(self) -> list[tuple[Reference, Group | None]]:
        """I of the specification: the covered contracts."""
        return self.group.parts_of(ReferenceRole.COVE)

    @cached_property
    def maturity(self) -> Days:
        """MD, or where it is undefined the last time of any covered contract."""
        if self.group.told("maturity_date"):
            return self.group.days("maturity_date")
        ends: Days = np.max([self.end_of(part) for _, part in self.covered], axis=0)
        return ends

    def end_of(self, part: Group | None) -> Days:
        """When covered contracts mature, which for those without MD is their last event, behind t^max too."""
        covered = self.terms.need(part, "maturityDate")
        if covered.told("maturity_date"):
            return covered.days("maturity_date")
        walked = replace(self.setting, until=None).logic(covered).walk()
        last = np.where(walked.told, walked.time, -NEVER).max(axis=0, initial=-NEVER)
        return np.where(last > -NEVER, last, covered.days("status_date"))

    def covered_share(self, looks: Days) -> Numbers:
        """R CECV of the NT the guarantee itself tells, else of the sum of n_i, at each look."""
        share = self.sign * self.group.numbers("coverage_of_credit_enhancement")
        if self.group.told("notional_principal"):
            return np.broadcast_to(share * self.group.numbers("notional_principal"), looks.shape)
        found: Numbers = share * sum(self.exposure_to(told, part, looks) for told, part in self.covered)
        return found

    def exposure_to(self, told: Reference, part: Group | None, looks: Days) -> Numbers:
        """n_i of one covered contract: nominal (NO), with interest accrued (NI), or at market (MV)."""
        basis = self.terms.need(self.terms.guaranteed_exposure, "guaranteedExposure")
        if basis is GuaranteedExposure.MV:
            worth = np.zeros(looks.shape)
            worth[looks < NEVER] = self.setting.observed(told.market_object_code, looks[looks < NEVER])
            return worth
        covered, exposure = self.terms.need(part, "notionalPrincipal"), np.zeros(looks.shape)
        # Contracts nobody looks at may lack what they need.
        rows = np.flatnonzero((looks < NEVER).any(axis=0))
        if len(rows):
            logic = self.setting.logic(covered.taken(rows), looks[:, rows])
            logic.walk()
            standing = logic.standing
            exposure[:, rows] = standing.notional + standing.accrued * (basis is GuaranteedExposure.NI)
        return exposure

    @cached_property
    def exercise(self) -> Days:
        """When it is exercised: as told, or at the first credit event of the covered kinds; `NEVER` if it is not."""
        if self.group.told("exercise_date"):
            return self.group.days("exercise_date")
        days = self.group.seen_of(EventType.XD).days
        first: Days = np.where((days > self.status) & (days <= self.maturity), days, NEVER).min(axis=0, initial=NEVER)
        return first

    # Schedules

    def plan(self) -> Iterator[Days]:
        """The first table of section 7.17."""
        yield from super().plan()
        yield self.cyclic(np.where(self.fee_times <= self.exercise, self.fee_times, NEVER), EventType.FP)
        yield from self.plan_end()

    def plan_end(self) -> Iterator[Days]:
        """XD and STD after the settlement period, or MD where nothing is exercised."""
        yield self.once(np.where(self.exercise < NEVER, NEVER, self.maturity), EventType.MD)
        yield self.once(self.exercise, EventType.XD)
        yield self.cyclic(later(self.exercise, self.terms.settlement_period)[np.newaxis], EventType.STD)

    @cached_property
    def fee_times(self) -> Days:
        """FP by its cycle, none at the maturity; a cycle without an anchor begins one cycle after the purchase."""
        cycle, convention = self.terms.cycle_of_fee, self.terms.end_of_month_convention
        if not self.group.told("fee_rate") or not self.group.numbers("fee_rate").any():
            return np.empty((0, len(self.group)), dtype=np.int64)
        if self.group.told("cycle_anchor_date_of_fee"):
            anchor = self.group.days("cycle_anchor_date_of_fee")
        elif cycle is None:
            return np.empty((0, len(self.group)), dtype=np.int64)
        else:
            anchor = later(self.group.days("purchase_date"), cycle.period)
        times = schedule(anchor, cycle, self.maturity, convention, with_end=False)
        return np.where(self.group.numbers("fee_rate") != 0, times, NEVER)

    # Fees

    @property
    def start(self) -> Days:
        """From when fees accrue to the creator: PRD, or where that is undefined the status date."""
        return self.group.days("purchase_date") if self.group.told("purchase_date") else self.status

    def first_fee(self) -> Numbers:
        """Feac at t0."""
        if not self.group.told("fee_rate") or self.group.told("fee_accrued"):
            told = self.group.told("fee_accrued")
            return self.group.numbers("fee_accrued") if told else np.zeros(len(self.group))
        paid = np.where(self.fee_times < self.status, self.fee_times, -NEVER).max(axis=0, initial=-NEVER)
        self.since = np.where(paid > -NEVER, paid, np.minimum(self.start, self.status))
        found = self.fees(slice(None), self.status)
        self.since = self.status.copy()
        return found

    def fees(self, rows: Rows, days: Days) -> Numbers:
        """Feac at those days: a rate accrues on Nt, an amount grows over the fee period in proportion."""
        if not self.group.told("fee_rate"):
            return self.fee[rows].copy()
        rate = self.group.numbers("fee_rate")[rows]
        if self.terms.fee_basis is FeeBasis.N:
            found = self.fee[rows] + self.fraction(self.since[rows], days) * self.notional[rows] * rate
        else:
            found = self.sign * rate * self.gone(rows, days)
        return np.where(rate != 0, found, self.fee[rows])

    def gone(self, rows: Rows, days: Days) -> Numbers:
        """The part of its fee period that is gone at each of those days."""
        times = self.fee_times[:, rows]
        before = np.where(times <= days, times, -NEVER).max(axis=0, initial=-NEVER)
        before = np.where(before > -NEVER, before, self.start[rows])
        after = np.where(times > days, times, NEVER).min(axis=0, initial=NEVER)
        if self.terms.cycle_of_fee is not None:
            after = np.where(after < NEVER, after, later(before, self.terms.cycle_of_fee.period))
        is_open = (after < NEVER) & (before < days)
        whole = self.fraction(before, np.where(is_open, after, before))
        share: Numbers = np.divide(self.fraction(before, days), whole, out=np.zeros(whole.shape), where=whole > 0)
        return share

    def fraction(self, start: Days, end: Days) -> Numbers:
        """Y(s, t), by A/A where no day count is told; nothing where the end is before the start."""
        passed = self.day_count.serial(end) - self.day_count.serial(start)
        years: Numbers = np.maximum(passed, 0) / self.day_count.basis
        return years

    # What each type of event does

    def accrue(self, step: Step) -> None:
        """Fees to the moment of the step, which becomes the status date."""
        days = self.moments_now.calculated[step]
        self.fee[step.rows] = self.fees(step.rows, days)
        self.since[step.rows] = days

    def expose(self, step: Step) -> None:
        """Sets Nt to the exposure at the time; the first look was at the status date."""
        self.notional[step.rows] = self.exposures[step.number + 1, step.rows]

    def ad(self, step: Step) -> Payoff:
        """STF_AD_CEG."""
        self.accrue(step)
        return 0.0

    def prd(self, step: Step) -> Payoff:
        """POF_PRD_STK, STF_PRD_CEG: Feac stays what it was at the status date, and fees accrue from here."""
        self.expose(step)
        self.since[step.rows] = self.moments_now.calculated[step]
        return super().prd(step)

    def td(self, step: Step) -> Payoff:
        """POF_TD_STK."""
        self.accrue(step)
        return super().td(step)

    def fp(self, step: Step) -> Payoff:
        """POF_FP_CEG, STF_FP_CEG."""
        rows = step.rows
        self.accrue(step)
        is_rate = self.terms.fee_basis is FeeBasis.N
        paid = self.fee[rows].copy() if is_rate else self.sign * self.group.numbers("fee_rate")[rows]
        self.fee[rows] = 0
        self.expose(step)
        return paid

    def md(self, step: Step) -> Payoff:
        """STF_MD_CEG."""
        self.notional[step.rows] = 0
        self.since[step.rows] = self.moments_now.calculated[step]
        return 0.0

    def xd(self, step: Step) -> Payoff:
        """STF_XD_CEG: Xa is the exposure at the time."""
        self.accrue(step)
        self.expose(step)
        self.exercise_date[step.rows] = self.moments_now.time[step]
        self.exercise_amount[step.rows] = self.payable(step)
        return 0.0

    def payable(self, step: Step) -> Numbers:
        """What of the exposure is paid: all."""
        return self.notional[step.rows]

    def std(self, step: Step) -> Payoff:
        """POF_STD_CEG, STF_STD_CEG: nothing is covered any more; what was exercised stays told."""
        rows = step.rows
        paid: Numbers = self.exercise_amount[rows] + self.fee[rows]
        self.notional[rows], self.fee[rows] = 0, 0
        self.since[rows] = self.moments_now.calculated[step]
        return paid


class ColumnCec(ColumnCeg):
    """Collateral: as a guarantee, but no more is paid than the covering contracts are worth."""

    looked_at: ClassVar[tuple[EventType, ...]] = (EventType.AD, EventType.XD)

    def plan(self) -> Iterator[Days]:
        """The first table of section 7.18: AD where it is observed, and how it ends."""
        yield from self.seen(EventType.AD)
        yield from self.plan_end()

    def ad(self, step: Step) -> Payoff:
        """STF_AD_CEC."""
        self.expose(step)
        self.since[step.rows] = self.moments_now.calculated[step]
        return 0.0

    def payable(self, step: Step) -> Numbers:
        """What of the exposure is paid: no more than the observed values of the covering contracts."""
        exposure, days = self.notional[step.rows], self.moments_now.time[step]
        covering = self.terms.parts(ReferenceRole.COVI)
        worth = sum(self.setting.observed(part.market_object_code, days) for part in covering)
        found: Numbers = np.copysign(np.minimum(worth, np.abs(exposure)), exposure)
        return found


TYPES = {ContractType.CEG: ColumnCeg, ContractType.CEC: ColumnCec}
