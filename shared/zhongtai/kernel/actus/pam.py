"""PAM, principal at maturity (section 7.1), the type the other maturity contracts are told from.

Functions bear the names of the specification: `pof_ip` is POF_IP_PAM, `stf_ip` is STF_IP_PAM. Nt and Ipac carry the
sign of the role, so amounts made of them are not signed again.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from zhongtai.kernel.actus.codes import (
    ContractPerformance,
    ContractType,
    EventType,
    FeeBasis,
    PenaltyType,
    PrepaymentEffect,
    ScalingEffect,
)
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.cycles import Cycles
from zhongtai.kernel.actus.events import ONE, ZERO, Moment, Planned, State, no_payoff


class Pam(Cycles):
    """Principal is exchanged once, interest is paid by a cycle, principal is paid back at maturity."""

    # States at the status date

    def initial(self) -> State:
        """The second table of section 7.1."""
        terms, sign = self.terms, self.contract.sign
        state = State(
            status_date=self.contract.calculated(terms.status_date),
            maturity_date=self.maturity,
            notional_scaling=self.initial_scaling(ScalingEffect.PRINCIPAL),
            interest_scaling=self.initial_scaling(ScalingEffect.INTEREST),
            performance=terms.contract_performance,
        )
        if self.exchange > terms.status_date:
            return state
        state = replace(
            state,
            notional_principal=sign * self.notional,
            nominal_interest_rate=terms.nominal_interest_rate or ZERO,
        )
        state = self.with_first_base(state)
        state = replace(state, accrued_interest=self.initial_interest(state), fee_accrued=self.initial_fee(state))
        return self.with_first_level(state)

    def base(self, state: State) -> Decimal:
        """What interest is calculated on: Nt here, Ipcb in types that amortise."""
        return state.notional_principal

    def with_first_base(self, state: State) -> State:
        """The state with the base of interest it starts with, in types that have one."""
        return state

    def with_first_level(self, state: State) -> State:
        """The state with the payment of principal it starts with, in types that have one."""
        return state

    def with_base(self, state: State) -> State:
        """The state with the base of interest set anew from the notional, in types that have one."""
        return state

    def initial_interest(self, state: State) -> Decimal:
        """Ipac at t0: as told, or since the last interest payment; nothing before the first one."""
        if self.terms.nominal_interest_rate is None:
            return ZERO
        if self.terms.accrued_interest is not None:
            return self.contract.sign * self.terms.accrued_interest
        paid = [time for time in self.interest_times if time < self.terms.status_date]
        if not paid:
            return ZERO
        return self.fraction(self.contract.calculated(paid[-1]), state.status_date) * self.interest_rate_of(state)

    def interest_rate_of(self, state: State) -> Decimal:
        """Interest of one year as the contract stands."""
        return state.nominal_interest_rate * self.base(state)

    def initial_fee(self, state: State) -> Decimal:
        """Feac at t0."""
        if self.terms.fee_rate is None:
            return ZERO
        if self.terms.fee_accrued is not None:
            return self.terms.fee_accrued
        paid = [time for time in self.fee_times if time < self.terms.status_date]
        return self.fees(replace(state, status_date=max([self.exchange, *paid])), self.terms.status_date)

    def initial_scaling(self, effect: ScalingEffect) -> Decimal:
        """Nsc and Isc at t0: the multiplier of the terms where that kind of payment is scaled."""
        if self.terms.scaling_effect not in (effect, ScalingEffect.BOTH):
            return ONE
        terms, is_principal = self.terms, effect is ScalingEffect.PRINCIPAL
        return terms.notional_scaling_multiplier if is_principal else terms.interest_scaling_multiplier

    # Schedules

    def plan(self) -> Iterator[Planned]:
        """The first table of section 7.1."""
        yield from self.plan_basic()
        yield from self.plan_prepayments()
        for time in self.fee_times:
            yield self.cyclic(time, EventType.FP)
        for time in self.scaling_times:
            yield self.cyclic(time, EventType.SC)

    def plan_basic(self) -> Iterator[Planned]:
        """What swaps have too: principal, interest, rates, purchase and termination, analysis."""
        contract, terms = self.contract, self.terms
        yield contract.planned(contract.exactly(self.exchange), EventType.IED, self.pof_ied, self.stf_ied)
        yield from self.plan_redemption()
        yield from self.plan_interest()
        yield from self.plan_rates()
        if terms.purchase_date is not None:
            yield contract.planned(contract.exactly(terms.purchase_date), EventType.PRD, self.pof_prd, self.stf_prd)
        if terms.termination_date is not None:
            yield contract.planned(contract.exactly(terms.termination_date), EventType.TD, self.pof_td, self.stf_td)
        for seen in contract.observed.events_of(terms.contract_id, EventType.AD, EventType.CE):
            transition = partial(self.stf_ad, seen.performance)
            yield contract.planned(contract.exactly(seen.time), seen.type, no_payoff, transition)

    def plan_redemption(self) -> Iterator[Planned]:
        """MD; amortising types add PR."""
        if self.maturity is not None:
            yield self.cyclic(self.maturity, EventType.MD)

    def plan_interest(self) -> Iterator[Planned]:
        """IP and IPCI: a payment of the cycle up to IPCED is capitalised, and so is what accrued by IPCED."""
        ended = self.terms.capitalization_end_date
        for time in self.interest_times:
            if ended is None or time > ended:
                yield self.cyclic(time, EventType.IP)
            elif time < ended:
                yield self.cyclic(time, EventType.IPCI)
        if ended is not None and self.terms.nominal_interest_rate is not None:
            yield self.cyclic(ended, EventType.IPCI)

    def plan_prepayments(self) -> Iterator[Planned]:
        """PP at its cycle and wherever one is observed, PY where a penalty is due for it."""
        terms, contract = self.terms, self.contract
        if terms.prepayment_effect is PrepaymentEffect.N:
            return
        seen = contract.observed.events_of(terms.contract_id, EventType.PP)
        cycle = self.times(terms.cycle_anchor_date_of_optionality, terms.cycle_of_optionality)
        for time in sorted({*cycle, *(event.time for event in seen)}):
            value = sum((event.value for event in seen if event.time == time), ZERO)
            moment = contract.exactly(time, contract.sign * value)
            yield contract.planned(moment, EventType.PP, self.pof_pp, self.stf_pp)
            if terms.penalty_type is not PenaltyType.N:
                yield contract.planned(moment, EventType.PY, self.pof_py, self.stf_py)

    def plan_rates(self) -> Iterator[Planned]:
        """RR; the first one after the status date is RRF where the next rate is fixed already."""
        is_fixed = self.terms.next_reset_rate is not None
        for time in self.rate_times:
            yield self.cyclic(time, EventType.RRF if is_fixed and time > self.terms.status_date else EventType.RR)
            is_fixed = is_fixed and time <= self.terms.status_date

    # Payoffs and state transitions, the third table

    def fraction(self, start: datetime, end: datetime) -> Decimal:
        """Y(s, t); nothing where a shift has put an event before one that is calculated later."""
        return self.contract.year_fraction(start, end, self.maturity) if start < end else ZERO

    def interest(self, state: State, moment: Moment) -> Decimal:
        """Interest since the last event: Y(Sd, t) Ipnr Nt."""
        rate = self.interest_rate_of(state)
        return rate * self.fraction(state.status_date, moment.calculated) if rate else ZERO

    def fees(self, state: State, time: datetime) -> Decimal:
        """Feac at a time: a rate on the notional accrues, an amount grows over the fee period in proportion."""
        rate = self.terms.fee_rate
        if rate is None:
            return ZERO
        if self.terms.fee_basis is FeeBasis.N:
            gained = self.fraction(state.status_date, time) * state.notional_principal * rate
            return state.fee_accrued + gained
        before = max((fee for fee in self.fee_times if fee <= time), default=self.exchange)
        after = min((fee for fee in self.fee_times if fee > time), default=self.maturity)
        whole = ZERO if after is None else self.fraction(before, after)
        return self.fraction(before, time) / whole * self.contract.sign * rate if whole else ZERO

    def accrued(self, state: State, moment: Moment) -> State:
        """The state at the moment before anything happens: interest and fees accrued to it."""
        return replace(
            state,
            accrued_interest=state.accrued_interest + self.interest(state, moment),
            fee_accrued=self.fees(state, moment.calculated),
            status_date=max(state.status_date, moment.calculated),
        )

    def stf_ad(self, performance: ContractPerformance | None, state: State, moment: Moment) -> State:
        """STF_AD_PAM, STF_CE_PAM; fees accrue here too, as the status date moves on, and a credit event sets Prf."""
        return replace(self.accrued(state, moment), performance=performance or state.performance)

    def pof_ied(self, state: State, moment: Moment) -> Decimal:
        """POF_IED_PAM: X R (-1) (NT + PDIED)."""
        return (
            self.contract.fx(moment.scheduled)
            * -self.contract.sign
            * (self.notional + self.terms.premium_discount_at_ied)
        )

    def stf_ied(self, state: State, moment: Moment) -> State:
        """STF_IED_PAM: Nt, Ipnr and, where the interest cycle began before, Ipac."""
        terms, sign = self.terms, self.contract.sign
        after = replace(
            state,
            notional_principal=sign * self.notional,
            nominal_interest_rate=terms.nominal_interest_rate or ZERO,
            status_date=moment.calculated,
        )
        after = self.with_first_base(after)
        anchor = terms.cycle_anchor_date_of_interest_payment
        if terms.accrued_interest is not None:
            after = replace(after, accrued_interest=sign * terms.accrued_interest)
        elif anchor is not None and anchor < moment.time:
            gained = self.fraction(anchor, moment.calculated) * self.interest_rate_of(after)
            after = replace(after, accrued_interest=gained)
        return self.with_first_level(after)

    def pof_md(self, state: State, moment: Moment) -> Decimal:
        """POF_MD_PAM: X (Nsc Nt + Isc Ipac + Feac)."""
        principal = state.notional_scaling * state.notional_principal
        return self.contract.fx(moment.scheduled) * (
            principal + state.interest_scaling * state.accrued_interest + state.fee_accrued
        )

    def stf_md(self, state: State, moment: Moment) -> State:
        """STF_MD_PAM, STF_MD_LAM: nothing is left."""
        return replace(
            state,
            notional_principal=ZERO,
            accrued_interest=ZERO,
            fee_accrued=ZERO,
            interest_calculation_base=ZERO,
            status_date=moment.calculated,
        )

    def pof_pp(self, state: State, moment: Moment) -> Decimal:
        """POF_PP_PAM: X f(O^ev(CID, PP)(t))."""
        return self.contract.fx(moment.scheduled) * moment.value

    def stf_pp(self, state: State, moment: Moment) -> State:
        """STF_PP_PAM: what is prepaid leaves the notional."""
        after = self.accrued(state, moment)
        return self.with_base(replace(after, notional_principal=state.notional_principal - moment.value))

    def pof_py(self, state: State, moment: Moment) -> Decimal:
        """POF_PY_PAM: an amount, a rate on the notional, or what the market pays less than the contract."""
        terms, fx = self.terms, self.contract.fx(moment.scheduled)
        if terms.penalty_type is PenaltyType.A:
            return fx * self.contract.sign * terms.penalty_rate
        over = fx * self.fraction(state.status_date, moment.calculated) * state.notional_principal
        if terms.penalty_type is PenaltyType.R:
            return over * terms.penalty_rate
        return over * max(ZERO, state.nominal_interest_rate - self.market_rate(moment))

    def stf_py(self, state: State, moment: Moment) -> State:
        """STF_PY_PAM."""
        return self.accrued(state, moment)

    def pof_fp(self, state: State, moment: Moment) -> Decimal:
        """POF_FP_PAM: the amount FER, or Feac and what the rate FER gained since."""
        return self.contract.fee(self.fees(state, moment.calculated), moment)

    def stf_fp(self, state: State, moment: Moment) -> State:
        """STF_FP_PAM."""
        return replace(self.accrued(state, moment), fee_accrued=ZERO)

    def pof_prd(self, state: State, moment: Moment) -> Decimal:
        """POF_PRD_PAM: X R (-1) (PPRD + Ipac + Y(Sd, t) Ipnr Nt)."""
        return -self.priced(self.terms.need(self.terms.price_at_purchase_date, "priceAtPurchaseDate"), state, moment)

    def priced(self, price: Decimal, state: State, moment: Moment) -> Decimal:
        """X R times the price and what accrued, which holds the sign of the role already: so the text."""
        accrued = state.accrued_interest + self.interest(state, moment)
        return self.contract.fx(moment.scheduled) * self.contract.sign * (price + accrued)

    def stf_prd(self, state: State, moment: Moment) -> State:
        """STF_PRD_PAM."""
        return self.accrued(state, moment)

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """POF_TD_PAM: X R (PTD + Ipac + Y(Sd, t) Ipnr Nt)."""
        price = self.terms.need(self.terms.price_at_termination_date, "priceAtTerminationDate")
        return self.priced(price, state, moment)

    def stf_td(self, state: State, moment: Moment) -> State:
        """STF_TD_PAM, except that Ipnr stays: every published vector tells the rate the contract ended with."""
        return self.stf_md(state, moment)

    def pof_ip(self, state: State, moment: Moment) -> Decimal:
        """POF_IP_PAM: X Isc (Ipac + Y(Sd, t) Ipnr Nt)."""
        due = state.accrued_interest + self.interest(state, moment)
        return self.contract.fx(moment.scheduled) * state.interest_scaling * due

    def stf_ip(self, state: State, moment: Moment) -> State:
        """STF_IP_PAM."""
        return replace(self.accrued(state, moment), accrued_interest=ZERO)

    def stf_ipci(self, state: State, moment: Moment) -> State:
        """STF_IPCI_PAM, STF_IPCI_LAM: what accrued becomes principal."""
        after = self.accrued(state, moment)
        raised = state.notional_principal + after.accrued_interest
        return self.with_base(replace(after, notional_principal=raised, accrued_interest=ZERO))

    def market_rate(self, moment: Moment) -> Decimal:
        """O^rf(RRMO, t)."""
        code = self.terms.need(self.terms.market_object_code_of_rate_reset, "marketObjectCodeOfRateReset")
        return self.contract.observed.rate(code, moment.scheduled)

    def stf_rr(self, state: State, moment: Moment) -> State:
        """STF_RR_PAM: the market rate, its change within the floor and cap of a period, itself within those of life."""
        terms = self.terms
        change = self.market_rate(moment) * terms.rate_multiplier + self.spread(moment) - state.nominal_interest_rate
        change = _within(change, terms.period_floor, terms.period_cap)
        rate = _within(state.nominal_interest_rate + change, terms.life_floor, terms.life_cap)
        return replace(self.accrued(state, moment), nominal_interest_rate=rate)

    def stf_rrf(self, state: State, moment: Moment) -> State:
        """STF_RRF_PAM: the rate fixed already."""
        return replace(self.accrued(state, moment), nominal_interest_rate=self.fixed_rate(moment))

    def spread(self, moment: Moment) -> Decimal:
        """RRSP."""
        return self.terms.rate_spread

    def fixed_rate(self, moment: Moment) -> Decimal:
        """RRNXT."""
        return self.terms.need(self.terms.next_reset_rate, "nextResetRate")

    def stf_sc(self, state: State, moment: Moment) -> State:
        """STF_SC_PAM: what is scaled becomes the index over the index at the deal date (the text subtracts one)."""
        terms = self.terms
        code = terms.need(terms.market_object_code_of_scaling_index, "marketObjectCodeOfScalingIndex")
        base = terms.need(terms.scaling_index_at_contract_deal_date, "scalingIndexAtContractDealDate")
        ratio = self.contract.observed.rate(code, moment.scheduled) / base
        after = self.accrued(state, moment)
        if terms.scaling_effect is not ScalingEffect.INTEREST:
            after = replace(after, notional_scaling=ratio)
        if terms.scaling_effect is not ScalingEffect.PRINCIPAL:
            after = replace(after, interest_scaling=ratio)
        return after


def _within(value: Decimal, floor: Decimal | None, cap: Decimal | None) -> Decimal:
    """The value, not below the floor and not above the cap, where they are defined."""
    raised = value if floor is None else max(value, floor)
    return raised if cap is None else min(raised, cap)


TYPES: dict[ContractType, type[Logic]] = {ContractType.PAM: Pam}
