"""CEG, CEC (sections 7.17 and 7.18): who pays where the obligor of another contract does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from zhongtai.kernel.actus.codes import (
    ContractType,
    DayCountConvention,
    EventType,
    FeeBasis,
    GuaranteedExposure,
    ReferenceRole,
)
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import ZERO, Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.schedules import schedule
from zhongtai.kernel.actus.simple import Traded
from zhongtai.kernel.actus.terms import Reference


class Ceg(Traded):
    """A guarantee: a credit event of a covered contract fixes the exposure (XD), which is then paid (STD)."""

    def initial(self) -> State:
        """The second table of section 7.17; an amount that is not fixed yet is told as zero."""
        terms = self.terms
        state = replace(
            super().initial(),
            maturity_date=self.maturity,
            exercise_date=terms.exercise_date,
            exercise_amount=ZERO if terms.exercise_amount is None else terms.exercise_amount,
        )
        if terms.status_date >= self.maturity:
            return state
        state = self.exposed(state, terms.status_date)
        if terms.fee_rate is None or terms.fee_accrued is not None:
            return replace(state, fee_accrued=terms.fee_accrued or ZERO)
        paid = (time for time in self.fee_times if time < terms.status_date)
        since = max(paid, default=min(self.start, terms.status_date))
        return replace(state, fee_accrued=self.fees(replace(state, status_date=since), terms.status_date))

    @cached_property
    def covered(self) -> tuple[Reference, ...]:
        """I of the specification: the covered contracts."""
        return self.terms.parts(ReferenceRole.COVE)

    @property
    def start(self) -> datetime:
        """From when fees accrue to the creator: PRD, or where that is undefined the status date."""
        return self.terms.purchase_date or self.terms.status_date

    @cached_property
    def maturity(self) -> datetime:
        """MD, or where it is undefined the last time of any covered contract."""
        if self.terms.maturity_date is not None:
            return self.terms.maturity_date
        return max(self.end_of(part) for part in self.covered)

    def end_of(self, part: Reference) -> datetime:
        """When a covered contract matures, which for one without MD is its last event."""
        terms = self.terms.need(part.contract, "maturityDate")
        if terms.maturity_date is not None:
            return terms.maturity_date
        events = self.contract.flows(terms, self.contract.observed_of_parts)
        return max((event.time for event in events), default=terms.status_date)

    @cached_property
    def exercise(self) -> datetime | None:
        """When it is exercised: as told, or at the first credit event of the covered kinds up to the maturity."""
        terms, covered = self.terms, {part.contract_id for part in self.covered}
        if terms.exercise_date is not None:
            return terms.exercise_date
        seen = (event for event in self.contract.observed.events if event.type is EventType.CE)
        times = (
            event.time
            for event in seen
            if event.contract_id in covered and event.performance in terms.credit_event_type_covered
        )
        return min((time for time in times if terms.status_date < time <= self.maturity), default=None)

    # Schedules

    def plan(self) -> Iterator[Planned]:
        """The first table of section 7.17."""
        yield from super().plan()
        for time in self.fee_times:
            if self.exercise is None or time <= self.exercise:
                yield self.cyclic(time, EventType.FP)
        yield from self.plan_end()

    def plan_end(self) -> Iterator[Planned]:
        """XD and STD after the settlement period, or MD where nothing is exercised."""
        contract = self.contract
        if self.exercise is None:
            yield contract.planned(contract.exactly(self.maturity), EventType.MD, no_payoff, self.stf_md)
            return
        settlement = contract.scheduled(self.terms.settlement_period.after(self.exercise))
        yield contract.planned(contract.exactly(self.exercise), EventType.XD, no_payoff, self.stf_xd)
        yield contract.planned(settlement, EventType.STD, self.pof_std, self.stf_std)

    @cached_property
    def fee_times(self) -> tuple[datetime, ...]:
        """FP by its cycle, none at the maturity; a cycle without an anchor begins one cycle after the purchase."""
        terms, cycle = self.terms, self.terms.cycle_of_fee
        if not terms.fee_rate:
            return ()
        anchor = terms.cycle_anchor_date_of_fee
        if anchor is None:
            if cycle is None:
                return ()
            anchor = cycle.period.after(terms.need(terms.purchase_date, "purchaseDate"))
        return schedule(anchor, cycle, self.maturity, terms.end_of_month_convention, with_end=False)

    # Payoffs and state transitions, the third table

    def exposure(self, time: datetime) -> Decimal:
        """The sum of n_i: nominal (NO), with interest accrued (NI), or at market (MV)."""
        return sum((self.exposure_to(part, time) for part in self.covered), ZERO)

    def exposure_to(self, part: Reference, time: datetime) -> Decimal:
        """n_i of one covered contract."""
        basis = self.terms.need(self.terms.guaranteed_exposure, "guaranteedExposure")
        if basis is GuaranteedExposure.MV:
            return self.contract.observed.rate(part.market_object_code, time)
        state = self.contract.state_of(self.terms.need(part.contract, "notionalPrincipal"), time)
        if state is None:
            return ZERO
        accrued = state.accrued_interest if basis is GuaranteedExposure.NI else ZERO
        return state.notional_principal + accrued

    def exposed(self, state: State, time: datetime) -> State:
        """The state with Nt: R CECV of the NT the guarantee itself tells, else of the exposure at the time."""
        told = self.terms.notional_principal
        size = self.exposure(time) if told is None else told
        share = self.contract.sign * self.terms.coverage_of_credit_enhancement
        return replace(state, notional_principal=share * size)

    def fraction(self, start: datetime, end: datetime) -> Decimal:
        """Y(s, t), by A/A where no day count is told, as the dictionary has no such term for guarantees.

        Nothing where a shift has put an event before one that is calculated later.
        """
        if start >= end:
            return ZERO
        told = self.terms.day_count_convention or DayCountConvention.AA
        return replace(self.contract, terms=replace(self.terms, day_count_convention=told)).year_fraction(start, end)

    def fees(self, state: State, time: datetime) -> Decimal:
        """Feac at a time: a rate accrues on Nt, an amount grows over the fee period in proportion."""
        rate = self.terms.fee_rate
        if not rate:
            return state.fee_accrued
        if self.terms.fee_basis is FeeBasis.N:
            return state.fee_accrued + self.fraction(state.status_date, time) * state.notional_principal * rate
        before = max((fee for fee in self.fee_times if fee <= time), default=self.start)
        after = min((fee for fee in self.fee_times if fee > time), default=None)
        if after is None and self.terms.cycle_of_fee is not None:
            after = self.terms.cycle_of_fee.period.after(before)
        if after is None or before >= time:
            return ZERO
        return self.fraction(before, time) / self.fraction(before, after) * self.contract.sign * rate

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_CEG, STF_CE_CEG."""
        return replace(state, fee_accrued=self.fees(state, moment.calculated), status_date=moment.calculated)

    def stf_prd(self, state: State, moment: Moment) -> State:
        """STF_PRD_CEG: Feac stays what it was at the status date, and fees accrue from here."""
        return replace(self.exposed(state, moment.time), status_date=moment.calculated)

    def pof_fp(self, state: State, moment: Moment) -> Decimal:
        """POF_FP_CEG: the amount FER, or Feac and what the rate FER gained since."""
        return self.contract.fee(self.fees(state, moment.calculated), moment)

    def stf_fp(self, state: State, moment: Moment) -> State:
        """STF_FP_CEG."""
        return replace(self.exposed(state, moment.time), fee_accrued=ZERO, status_date=moment.calculated)

    def stf_md(self, state: State, moment: Moment) -> State:
        """STF_MD_CEG, STF_MD_CEC."""
        return replace(state, notional_principal=ZERO, status_date=moment.calculated)

    def stf_xd(self, state: State, moment: Moment) -> State:
        """STF_XD_CEG: Xa is the exposure at the time; Nt holds CECV already, which the text multiplies once more."""
        after = self.exposed(self.stf_ad(state, moment), moment.time)
        return replace(after, exercise_date=moment.time, exercise_amount=after.notional_principal)

    def pof_std(self, state: State, moment: Moment) -> Decimal:
        """POF_STD_CEG: X (Xa + Feac)."""
        return self.contract.fx(moment.scheduled) * ((state.exercise_amount or ZERO) + state.fee_accrued)

    def stf_std(self, state: State, moment: Moment) -> State:
        """STF_STD_CEG, STF_STD_CEC: nothing is covered any more; what was exercised stays told."""
        return replace(state, notional_principal=ZERO, fee_accrued=ZERO, status_date=moment.calculated)


class Cec(Ceg):
    """Collateral: as a guarantee, but no more is paid than the covering contracts are worth.

    Nt is the exposure and Xa alone is limited, which is paid: so the published vectors (text: Nt is limited and paid).
    """

    def plan(self) -> Iterator[Planned]:
        """The first table of section 7.18: AD where it is observed, and how it ends."""
        for seen in self.contract.observed.events_of(self.terms.contract_id, EventType.AD):
            yield self.contract.planned(self.contract.exactly(seen.time), seen.type, no_payoff, self.stf_ad)
        yield from self.plan_end()

    def collateral(self, time: datetime) -> Decimal:
        """The sum of v_j: the observed values of the covering contracts."""
        covering = self.terms.parts(ReferenceRole.COVI)
        return sum((self.contract.observed.rate(part.market_object_code, time) for part in covering), ZERO)

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_CEC."""
        return replace(self.exposed(state, moment.time), status_date=moment.calculated)

    def stf_xd(self, state: State, moment: Moment) -> State:
        """STF_XD_CEC: Xa is the exposure, or the worth of the collateral where that is less."""
        after = super().stf_xd(state, moment)
        limit = min(self.collateral(moment.time), abs(after.notional_principal))
        return replace(after, exercise_amount=limit.copy_sign(after.notional_principal))


TYPES: dict[ContractType, type[Logic]] = {ContractType.CEG: Ceg, ContractType.CEC: Cec}
