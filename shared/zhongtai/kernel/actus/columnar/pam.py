"""PAM in columns: the states of a group's contracts as arrays, and what each type of event does to them.

The functions of `pam.py`, payoff and transition in one: a method named for an event type changes the states of the
contracts that have one now, and answers what it pays. A step is (number of the event, rows of those contracts).
"""

from collections.abc import Iterator

import numpy as np

from zhongtai.kernel.actus.codes import ContractType, EventType, FeeBasis, PenaltyType, PrepaymentEffect, ScalingEffect
from zhongtai.kernel.actus.columnar.cycles import ColumnCycles
from zhongtai.kernel.actus.columnar.days import NEVER, Days
from zhongtai.kernel.actus.columnar.logic import Payoff, Rows, Step
from zhongtai.kernel.actus.columnar.portfolio import Numbers


class ColumnPam(ColumnCycles):
    """Principal at maturity: states and events of the contracts of a group."""

    # States at the status date

    def begin(self) -> None:
        """Sets the states at t0; what is exchanged later holds nothing yet."""
        contracts = len(self.group)
        self.begin_accruals()
        if self.has_prorated_fee:
            self.fee_shares = self.fee_share(self.accrued_until())
        self.fee = np.zeros(contracts)
        self.notional_scaling = self.first_scaling(ScalingEffect.PRINCIPAL, "notional_scaling_multiplier")
        self.interest_scaling = self.first_scaling(ScalingEffect.INTEREST, "interest_scaling_multiplier")
        self.fee_rate = self.group.numbers("fee_rate") if self.group.told("fee_rate") else None
        self.face = self.sign * self.group.numbers("notional_principal")
        told = self.group.told("nominal_interest_rate")
        self.first_rate = self.group.numbers("nominal_interest_rate") if told else np.zeros(contracts)
        rows = np.flatnonzero(self.exchange <= self.status)
        if len(rows):
            self.begin_principal(rows)
            self.accrued[rows] = self.first_interest()[rows]
            self.fee[rows] = self.first_fee()[rows]
            self.begin_level(rows)

    def begin_accruals(self) -> None:
        """Sets what year fractions are made of: the serial numbers of all moments, and of the status date."""
        days = self.accrued_until()
        self.starts = self.day_count.serial(days).astype(np.float64)
        self.ends = self.day_count.serial_end(days, self.maturity).astype(np.float64)
        self.since = self.day_count.serial(self.accrual_days(self.status)).astype(np.float64)

    def accrued_until(self) -> Days:
        """The days accruals run to at each event."""
        return self.moments_now.calculated

    def begin_principal(self, rows: Rows) -> None:
        """Sets Nt and Ipnr, and what interest is calculated on."""
        self.notional[rows] = self.face[rows]
        self.rate[rows] = self.first_rate[rows]

    def begin_level(self, rows: Rows) -> None:
        """Sets the payment of principal it starts with, in types that have one."""

    @property
    def base(self) -> Numbers:
        """What interest is calculated on: Nt here, Ipcb in types that amortise."""
        return self.notional

    def set_base(self, rows: Rows) -> None:
        """Sets the base of interest anew from the notional, in types that have one."""

    def first_scaling(self, effect: ScalingEffect, multiplier: str) -> Numbers:
        """Nsc or Isc at t0."""
        if self.terms.scaling_effect in (effect, ScalingEffect.BOTH):
            return self.group.numbers(multiplier).copy()
        return np.ones(len(self.group))

    def first_interest(self) -> Numbers:
        """Ipac at t0: as told, or since the last interest payment; nothing before the first one."""
        if not self.group.told("nominal_interest_rate"):
            return np.zeros(len(self.group))
        if self.group.told("accrued_interest"):
            return self.sign * self.group.numbers("accrued_interest")
        paid = self.last_before_status(self.interest_times, self.status)
        return self.fraction(self.accrual_days(paid), self.accrual_days(self.status)) * self.rate * self.base

    def first_fee(self) -> Numbers:
        """Feac at t0."""
        if self.fee_rate is None:
            return np.zeros(len(self.group))
        if self.group.told("fee_accrued"):
            return self.group.numbers("fee_accrued")
        if self.has_prorated_fee:
            gained: Numbers = self.fee_share(self.status[np.newaxis])[0] * self.sign * self.fee_rate
            return gained
        paid = self.last_before_status(self.fee_times, self.exchange)
        start = np.maximum(self.exchange, paid)
        return self.fraction(start, self.status) * self.notional * self.fee_rate

    def last_before_status(self, times: Days, otherwise: Days) -> Days:
        """The last of the times before the status date."""
        last = np.where(times < self.status, times, -NEVER).max(axis=0, initial=-NEVER)
        return np.where(last > -NEVER, last, otherwise)

    # The plan

    def plan(self) -> Iterator[Days]:
        """The numbers of all events by their schedules."""
        yield from self.plan_basic()
        yield from self.plan_prepayments()
        yield self.cyclic(self.fee_times, EventType.FP)
        yield self.cyclic(self.scaling_times, EventType.SC)

    def plan_basic(self) -> Iterator[Days]:
        """What swaps have too: principal, interest, rates, purchase and termination, analysis."""
        told, days = self.group.told, self.group.days
        yield self.once(self.exchange, EventType.IED)
        yield from self.plan_redemption()
        yield from self.plan_interest()
        yield from self.plan_rates()
        if told("purchase_date"):
            yield self.once(days("purchase_date"), EventType.PRD)
        if told("termination_date"):
            yield self.once(days("termination_date"), EventType.TD)
        yield from self.seen(EventType.AD, EventType.CE)

    def plan_redemption(self) -> Iterator[Days]:
        """MD; amortising types add PR."""
        yield self.cyclic(self.maturity[np.newaxis], EventType.MD)

    def plan_interest(self) -> Iterator[Days]:
        """IP and IPCI: a payment of the cycle up to IPCED is capitalised, and so is what accrued by IPCED."""
        times = self.interest_times
        if not self.group.told("capitalization_end_date"):
            yield self.cyclic(times, EventType.IP)
            return
        ended = self.group.days("capitalization_end_date")
        yield self.cyclic(np.where(times > ended, times, NEVER), EventType.IP)
        yield self.cyclic(np.where(times < ended, times, NEVER), EventType.IPCI)
        if self.group.told("nominal_interest_rate"):
            yield self.cyclic(ended[np.newaxis], EventType.IPCI)

    def plan_prepayments(self) -> Iterator[Days]:
        """PP at its cycle and wherever one is observed, PY where a penalty is due for it; one of a day has its sum."""
        terms, seen = self.terms, self.group.seen_of(EventType.PP)
        if terms.prepayment_effect is PrepaymentEffect.N:
            return
        cycle = self.times("cycle_anchor_date_of_optionality", terms.cycle_of_optionality)
        times = np.sort(np.concatenate([cycle, seen.days]), axis=0)
        np.putmask(times[1:], times[1:] == times[:-1], NEVER)
        values = np.zeros(times.shape)
        for days, amounts in zip(*seen, strict=True):
            values += np.where(times == days, amounts, 0)
        ordinals = self.carried(self.sign * values)
        yield self.exactly(times, EventType.PP, ordinal=ordinals)
        if terms.penalty_type is not PenaltyType.N:
            yield self.exactly(times, EventType.PY, ordinal=ordinals)

    def plan_rates(self) -> Iterator[Days]:
        """RR; the first one after the status date is RRF where the next rate is fixed already."""
        for times, kind in self.resets():
            yield self.cyclic(times, kind)

    def resets(self) -> Iterator[tuple[Days, EventType]]:
        """The times of RR and of RRF."""
        times = self.rate_times
        if not self.group.told("next_reset_rate"):
            yield times, EventType.RR
            return
        fixed = np.where(times > self.status, times, NEVER).min(axis=0, initial=NEVER)
        yield np.where(times != fixed, times, NEVER), EventType.RR
        yield fixed[np.newaxis], EventType.RRF

    # What accrues

    def passed(self, step: Step) -> Numbers:
        """The years from the last event to the step; nothing where it comes before that."""
        years: Numbers = self.ends[step] - self.since[step.rows]
        np.maximum(years, 0, out=years)
        years /= self.day_count.basis
        return years

    def accrue(self, step: Step) -> None:
        """Interest and fees to the moment of the step, which becomes the status date."""
        rows, years = step.rows, self.passed(step)
        if self.fee_rate is not None:
            if self.has_prorated_fee:
                self.fee[rows] = self.fee_shares[step] * self.sign * self.fee_rate[rows]
            else:
                self.fee[rows] += years * self.notional[rows] * self.fee_rate[rows]
        years *= self.rate[rows]
        years *= self.base[rows]
        self.accrued[rows] += years
        self.since[rows] = np.maximum(self.since[rows], self.starts[step])

    def accrued_by(self, step: Step) -> Numbers:
        """Ipac with what was gained by the step."""
        rows = step.rows
        found: Numbers = self.accrued[rows] + self.passed(step) * self.rate[rows] * self.base[rows]
        return found

    @property
    def has_prorated_fee(self) -> bool:
        """Whether there is a fee that is an amount, which grows over its period in proportion."""
        return self.group.told("fee_rate") and self.terms.fee_basis is not FeeBasis.N

    def fee_share(self, days: Days) -> Numbers:
        """The part of its fee period that is gone at each of those days."""
        before, after = np.broadcast_to(self.exchange, days.shape), np.full(days.shape, NEVER)
        reached = np.zeros(days.shape, dtype=np.bool_)
        for fee in self.fee_times:
            is_before = fee <= days
            before = np.where(is_before, np.where(reached, np.maximum(before, fee), fee), before)
            after = np.where(is_before, after, np.minimum(after, fee))
            reached |= is_before
        after = np.where(after == NEVER, self.maturity, after)
        whole = self.fraction(before, after)
        share: Numbers = np.divide(self.fraction(before, days), whole, out=np.zeros(days.shape), where=whole > 0)
        return share

    # What each type of event does

    def ad(self, step: Step) -> Payoff:
        """STF_AD_PAM."""
        self.accrue(step)
        return 0.0

    def ied(self, step: Step) -> Payoff:
        """POF_IED_PAM, STF_IED_PAM."""
        rows = step.rows
        self.since[rows] = self.starts[step]
        self.begin_principal(rows)
        anchor = "cycle_anchor_date_of_interest_payment"
        if self.group.told("accrued_interest"):
            self.accrued[rows] = self.sign * self.group.numbers("accrued_interest")[rows]
        elif self.group.told(anchor) and (self.group.days(anchor) < self.exchange).any():
            began = np.minimum(self.group.days(anchor), self.exchange)
            gained = self.fraction(began, self.accrual_days(self.exchange)) * self.rate * self.base
            self.accrued[rows] = np.where(began < self.exchange, gained, self.accrued)[rows]
        self.begin_level(rows)
        return self.paid_out(rows)

    def paid_out(self, rows: Rows) -> Payoff:
        """R (-1) (NT + PDIED)."""
        return -(self.face[rows] + self.sign * self.group.numbers("premium_discount_at_ied")[rows])

    def md(self, step: Step) -> Payoff:
        """POF_MD_PAM, STF_MD_PAM."""
        rows = step.rows
        principal = self.notional_scaling[rows] * self.notional[rows]
        paid: Numbers = principal + self.interest_scaling[rows] * self.accrued[rows] + self.fee[rows]
        self.end(step)
        return paid

    def end(self, step: Step) -> None:
        """Leaves nothing."""
        rows = step.rows
        self.notional[rows], self.accrued[rows], self.fee[rows] = 0, 0, 0
        self.since[rows] = self.starts[step]

    def ip(self, step: Step) -> Payoff:
        """POF_IP_PAM, STF_IP_PAM."""
        self.accrue(step)
        paid: Numbers = self.interest_scaling[step.rows] * self.accrued[step.rows]
        self.accrued[step.rows] = 0
        return paid

    def ipci(self, step: Step) -> Payoff:
        """STF_IPCI_PAM: what accrued becomes principal."""
        self.accrue(step)
        self.notional[step.rows] += self.accrued[step.rows]
        self.accrued[step.rows] = 0
        self.set_base(step.rows)
        return 0.0

    def rr(self, step: Step) -> Payoff:
        """STF_RR_PAM: the market rate, its change bounded within a period, itself for life."""
        self.accrue(step)
        rows = step.rows
        told = self.market_rate(step) * self.group.numbers("rate_multiplier")[rows] + self.spread(step)
        change = self.bounded(told - self.rate[rows], "period_floor", "period_cap", rows)
        self.rate[rows] = self.bounded(self.rate[rows] + change, "life_floor", "life_cap", rows)
        return 0.0

    def rrf(self, step: Step) -> Payoff:
        """STF_RRF_PAM: the rate fixed already."""
        self.accrue(step)
        self.rate[step.rows] = self.fixed_rate(step)
        return 0.0

    def spread(self, step: Step) -> Numbers:
        """RRSP."""
        return self.group.numbers("rate_spread")[step.rows]

    def fixed_rate(self, step: Step) -> Numbers:
        """RRNXT."""
        return self.group.numbers("next_reset_rate")[step.rows]

    def bounded(self, values: Numbers, floor: str, cap: str, rows: Rows) -> Numbers:
        """The values within a floor and a cap, where they are told."""
        if self.group.told(floor):
            values = np.maximum(values, self.group.numbers(floor)[rows])
        if self.group.told(cap):
            values = np.minimum(values, self.group.numbers(cap)[rows])
        return values

    def pp(self, step: Step) -> Payoff:
        """POF_PP_PAM, STF_PP_PAM: what is prepaid leaves the notional."""
        self.accrue(step)
        prepaid = self.value(step)
        self.notional[step.rows] -= prepaid
        self.set_base(step.rows)
        return prepaid

    def py(self, step: Step) -> Payoff:
        """POF_PY_PAM, STF_PY_PAM: an amount, a rate on the notional, or what the market pays less than the contract."""
        rows, penalty = step.rows, self.group.numbers("penalty_rate")[step.rows]
        if self.terms.penalty_type is PenaltyType.A:
            self.accrue(step)
            return self.sign * penalty
        over = self.passed(step) * self.notional[rows]
        self.accrue(step)
        if self.terms.penalty_type is PenaltyType.R:
            return over * penalty
        return over * np.maximum(0, self.rate[rows] - self.market_rate(step))

    def market_rate(self, step: Step) -> Numbers:
        """O^rf(RRMO, t)."""
        days = self.moments_now.scheduled[step]
        return self.observed("market_object_code_of_rate_reset", "marketObjectCodeOfRateReset", days)

    def fp(self, step: Step) -> Payoff:
        """POF_FP_PAM, STF_FP_PAM."""
        self.accrue(step)
        due = self.sign * self.group.numbers("fee_rate") if self.has_prorated_fee else self.fee
        paid = due[step.rows].copy()
        self.fee[step.rows] = 0
        return paid

    def sc(self, step: Step) -> Payoff:
        """STF_SC_PAM: what is scaled becomes the index over the index at the deal date."""
        self.accrue(step)
        rows = step.rows
        days = self.moments_now.scheduled[step]
        index = self.observed("market_object_code_of_scaling_index", "marketObjectCodeOfScalingIndex", days)
        ratio = index / self.group.numbers("scaling_index_at_contract_deal_date")[rows]
        if self.terms.scaling_effect is not ScalingEffect.INTEREST:
            self.notional_scaling[rows] = ratio
        if self.terms.scaling_effect is not ScalingEffect.PRINCIPAL:
            self.interest_scaling[rows] = ratio
        return 0.0

    def prd(self, step: Step) -> Payoff:
        """POF_PRD_PAM, STF_PRD_PAM."""
        self.accrue(step)
        return -self.priced("price_at_purchase_date", step.rows)

    def priced(self, price: str, rows: Rows) -> Numbers:
        """R times the price and what accrued, which holds the sign of the role already."""
        paid: Numbers = self.sign * (self.group.numbers(price)[rows] + self.accrued[rows])
        return paid

    def td(self, step: Step) -> Payoff:
        """POF_TD_PAM, STF_TD_PAM."""
        self.accrue(step)
        paid = self.priced("price_at_termination_date", step.rows)
        self.end(step)
        return paid


TYPES = {ContractType.PAM: ColumnPam}
