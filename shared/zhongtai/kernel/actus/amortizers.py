"""LAM, NAM and ANN (sections 7.2, 7.4, 7.5): principal is repaid by a cycle.

Told from PAM by what differs. Prnxt and Ipcb carry the sign of the role in the state, as Nt does.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import count, pairwise, takewhile
from math import ceil

from zhongtai.kernel.actus.codes import ContractType, EventType, InterestCalculationBase
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import ONE, ZERO, Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.pam import Pam
from zhongtai.kernel.actus.schedules import Cycle, schedule

_ONE_DAY = timedelta(days=1)


class Lam(Pam):
    """LAM, linear amortizer: a level amount of principal is repaid each cycle, interest on its own cycle."""

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0: as told, or when the payments that remain have repaid the notional."""
        return self.terms.maturity_date or self.repaid_on

    @property
    def repaid_on(self) -> datetime:
        """The redemption by which the payments have repaid the notional."""
        return self.redemption(self.redemptions_before + self.redemptions_needed - 1)

    @property
    def redemptions_needed(self) -> int:
        """How many payments repay the notional: NT / PRNXT, rounded up."""
        if self.level <= 0:
            return self.terms.need(None, "maturityDate")
        return ceil(Fraction(self.notional) / Fraction(self.level))

    @property
    def redemptions_before(self) -> int:
        """How many redemptions of the cycle lie at the status date or before it."""
        times = (self.redemption(number) for number in count())
        return len(list(takewhile(lambda time: time <= self.terms.status_date, times)))

    @property
    def level(self) -> Decimal:
        """PRNXT."""
        return self.terms.need(self.terms.next_principal_redemption_payment, "nextPrincipalRedemptionPayment")

    @property
    def redemption_cycle(self) -> Cycle:
        """PRCL."""
        return self.terms.need(self.terms.cycle_of_principal_redemption, "cycleOfPrincipalRedemption")

    @property
    def redemption_anchor(self) -> datetime:
        """PRANX, or one cycle after the exchange."""
        told = self.terms.cycle_anchor_date_of_principal_redemption
        return told or self.redemption_cycle.at(self.exchange, 1, self.terms.end_of_month_convention)

    def redemption(self, number: int) -> datetime:
        """The redemption date so many cycles after the first."""
        return self.redemption_cycle.at(self.redemption_anchor, number, self.terms.end_of_month_convention)

    def redemptions_until(self, end: datetime | None, *, with_end: bool) -> tuple[datetime, ...]:
        """PR by its cycle, from the exchange on."""
        convention = self.terms.end_of_month_convention
        found = schedule(self.redemption_anchor, self.redemption_cycle, end, convention, with_end=with_end)
        return tuple(time for time in found if time >= self.exchange)

    def with_first_base(self, state: State) -> State:
        """Ipcb as the contract starts."""
        base, sign = self.terms.interest_calculation_base, self.contract.sign
        amount = state.notional_principal
        if base is not InterestCalculationBase.NT and self.terms.interest_calculation_base_amount is not None:
            amount = sign * self.terms.interest_calculation_base_amount
        return replace(state, interest_calculation_base=amount)

    def with_first_level(self, state: State) -> State:
        """Prnxt at t0: as told, or what repays the notional."""
        is_told = self.terms.next_principal_redemption_payment is not None
        level = self.contract.sign * self.level if is_told else self.first_level(state)
        return replace(state, next_principal_redemption=level)

    def first_level(self, state: State) -> Decimal:
        """The notional over the payments that remain, that of the maturity among them.

        The text counts cycles by year fractions, which leaves none to the maturity; one more behind a short month.
        """
        started = self.terms.status_date
        due = [time for time in self.redemptions_until(self.maturity, with_end=True) if time > started]
        return state.notional_principal / max(len(due), 1)

    def with_base(self, state: State) -> State:
        """Ipcb follows the notional; a lagged one (NTL) waits for its IPCB."""
        if self.terms.interest_calculation_base is InterestCalculationBase.NTL:
            return state
        return replace(state, interest_calculation_base=state.notional_principal)

    def base(self, state: State) -> Decimal:
        """Ipcb."""
        return state.interest_calculation_base

    def plan(self) -> Iterator[Planned]:
        """The table of PAM, with IPCB where the base lags."""
        yield from super().plan()
        terms = self.terms
        if terms.interest_calculation_base is InterestCalculationBase.NTL:
            anchor, cycle = (
                terms.cycle_anchor_date_of_interest_calculation_base,
                terms.cycle_of_interest_calculation_base,
            )
            for time in self.times_within(anchor, cycle):
                yield self.cyclic(time, EventType.IPCB)

    def plan_redemption(self) -> Iterator[Planned]:
        """PR up to the maturity, MD."""
        for time in self.redemptions_until(self.maturity, with_end=False):
            yield self.cyclic(time, EventType.PR)
        yield from super().plan_redemption()

    def redeemed(self, state: State, moment: Moment) -> Decimal:
        """What a PR takes off the notional: Prnxt, and never more than is left."""
        return self.at_most_all(state, state.next_principal_redemption)

    def at_most_all(self, state: State, amount: Decimal) -> Decimal:
        """The amount, or the notional where that is less."""
        sign = self.contract.sign
        return sign * min(sign * amount, sign * state.notional_principal)

    def pof_pr(self, state: State, moment: Moment) -> Decimal:
        """POF_PR_LAM, POF_PR_NAM: X Nsc times what is redeemed."""
        return self.contract.fx(moment.scheduled) * state.notional_scaling * self.redeemed(state, moment)

    def stf_pr(self, state: State, moment: Moment) -> State:
        """STF_PR_LAM, STF_PR_NAM. Interest accrues to the moment (the text of LAM leaves it out)."""
        after = self.accrued(state, moment)
        left = state.notional_principal - self.redeemed(state, moment)
        return self.with_base(replace(after, notional_principal=left))

    def stf_ipcb(self, state: State, moment: Moment) -> State:
        """STF_IPCB_LAM."""
        return replace(self.accrued(state, moment), interest_calculation_base=state.notional_principal)


class Nam(Lam):
    """NAM, negative amortizer: a level payment of which interest is taken first; what lacks raises the notional."""

    @property
    def repaid_on(self) -> datetime:
        """The redemption by which the payments have repaid the notional, on a day of business, as the reference has it.

        The schedules end there, as with any maturity that lies off their cycle.
        """
        return self.contract.scheduled(super().repaid_on).time

    @property
    def redemptions_needed(self) -> int:
        """How many payments repay the notional, by what the first of them redeems."""
        first = self.redemption(self.redemptions_before)
        next_one = self.redemption(self.redemptions_before + 1)
        rate = Fraction(self.terms.nominal_interest_rate or ZERO)
        notional = Fraction(self.notional)
        repaid = Fraction(self.level) - notional * self.contract.exact_fraction(first, next_one) * rate
        if repaid <= 0:
            return self.terms.need(None, "maturityDate")
        return ceil(notional / repaid)

    def with_base(self, state: State) -> State:
        """Ipcb follows the notional where that is the base (NT), as the text has it; a LAM's does unless it lags."""
        if self.terms.interest_calculation_base is not InterestCalculationBase.NT:
            return state
        return super().with_base(state)

    def stf_ipci(self, state: State, moment: Moment) -> State:
        """STF_IPCI_LAM: what is capitalised bears interest, unless the base lags."""
        return super().with_base(super().stf_ipci(state, moment))

    def redeemed(self, state: State, moment: Moment) -> Decimal:
        """Prnxt less the interest accrued, and never more than is left."""
        accrued = state.accrued_interest + self.interest(state, moment)
        return self.at_most_all(state, state.next_principal_redemption - accrued)

    @cached_property
    def interest_times(self) -> tuple[datetime, ...]:
        """IP by its own cycle before the first redemption, then with each redemption."""
        if self.terms.nominal_interest_rate is None:
            return ()
        before = (time for time in self.interest_cycle(with_end=False) if time < self.redemption_anchor)
        return (*before, *self.redemptions_until(self.maturity, with_end=True))


class Ann(Nam):
    """ANN, annuity: the level payment repays the notional by the amortization date, and is set anew with the rate."""

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0: as told, or the amortization date, or when the level payment has repaid the notional."""
        return self.terms.maturity_date or self.terms.amortization_date or self.repaid_on

    @cached_property
    def annuity_times(self) -> tuple[datetime, ...]:
        """The payments the level is measured by: up to the amortization date, which may lie behind the maturity."""
        return self.redemptions_until(self.terms.amortization_date or self.maturity, with_end=True)

    def first_level(self, state: State) -> Decimal:
        """The annuity amount."""
        return self.annuity(state, self.terms.status_date)

    def annuity(self, state: State, time: datetime) -> Decimal:
        """A(s, T, n, a, r) of section 3.8: the level payment after a time that repays notional and interest.

        It is measured by the schedule, whatever days payments are moved to, and by the notional, whatever interest is
        calculated on. The accrued interest of the formula is that of the first payment, not of the time.
        """
        times = [due for due in self.annuity_times if due > time]
        if not times:
            return state.notional_principal
        rate, since = state.nominal_interest_rate, max(time, self.exchange)
        owed = state.accrued_interest + state.notional_principal * (ONE + rate * self.fraction(since, times[0]))
        growth, worth = ONE, ONE
        for start, end in reversed(list(pairwise(times))):
            growth *= ONE + rate * self.fraction(start, end)
            worth += growth
        return owed * growth / worth

    def plan_redemption(self) -> Iterator[Planned]:
        """PR, MD, and PRF a day before the first PR where no level is told."""
        yield from super().plan_redemption()
        fixed = self.redemption_anchor - _ONE_DAY
        if self.terms.next_principal_redemption_payment is None and fixed >= self.exchange:
            yield self.contract.planned(self.contract.exactly(fixed), EventType.PRF, no_payoff, self.stf_prf)

    def plan_rates(self) -> Iterator[Planned]:
        """RR and RRF, each with the PRF that sets the level anew."""
        for reset in super().plan_rates():
            yield reset
            # The level is set on the day the reset was moved to, as on any other.
            yield replace(self.cyclic(reset.moment.time, EventType.PRF), after_type=reset.type)

    def stf_prf(self, state: State, moment: Moment) -> State:
        """The level payment by A(s, T, n, a, r); the text does it within STF_RR_ANN and STF_RRF_ANN."""
        after = self.accrued(state, moment)
        return replace(after, next_principal_redemption=self.annuity(after, moment.scheduled))


TYPES: dict[ContractType, type[Logic]] = {ContractType.LAM: Lam, ContractType.NAM: Nam, ContractType.ANN: Ann}
