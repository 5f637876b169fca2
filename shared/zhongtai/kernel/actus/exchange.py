"""FXOUT, SWPPV, SWAPS (sections 7.11 to 7.13): what is exchanged for something else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from zhongtai.kernel.actus.codes import ContractRole, ContractType, DeliverySettlement, EventType, ReferenceRole
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import ZERO, Event, Moment, Planned, State
from zhongtai.kernel.actus.pam import Pam
from zhongtai.kernel.actus.simple import Traded
from zhongtai.kernel.actus.terms import Terms


class Fxout(Traded):
    """A foreign exchange outright: two currencies are delivered, or the difference in worth is settled."""

    def initial(self) -> State:
        """The second table of section 7.11."""
        return replace(super().initial(), maturity_date=self.maturity)

    @property
    def maturity(self) -> datetime:
        """MD."""
        return self.terms.need(self.terms.maturity_date, "maturityDate")

    def plan(self) -> Iterator[Planned]:
        """What is traded; STD after the settlement period, or an MD for each currency (STD(1), STD(2) of the text)."""
        yield from super().plan()
        contract, terms = self.contract, self.terms
        if terms.delivery_settlement is DeliverySettlement.S:
            moment = contract.scheduled(terms.settlement_period.after(self.maturity))
            yield contract.planned(moment, EventType.STD, self.pof_std, self.stf_ad)
            return
        moment = contract.scheduled(self.maturity)
        yield contract.planned(moment, EventType.MD, self.pof_md, self.stf_ad)
        yield Planned(moment, EventType.MD, self.pof_md_second, self.stf_ad, self.second_currency)

    @property
    def second_currency(self) -> str:
        """CUR2."""
        return self.terms.need(self.terms.currency2, "currency2")

    @property
    def second_notional(self) -> Decimal:
        """NT2."""
        return self.terms.need(self.terms.notional_principal2, "notionalPrincipal2")

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """POF_TD_FXOUT: X PTD; every published vector takes the price with its sign, not with the role's."""
        return self.contract.fx(moment.scheduled) * self.termination_price

    def pof_std(self, state: State, moment: Moment) -> Decimal:
        """POF_STD_FXOUT: X R (NT - O^rf(CUR2/CUR, Md) NT2), the rate being that of the maturity."""
        rate = self.contract.observed.rate(f"{self.second_currency}/{self.terms.currency}", self.maturity)
        return self.contract.fx(moment.scheduled) * self.contract.sign * (self.notional - rate * self.second_notional)

    def pof_md(self, state: State, moment: Moment) -> Decimal:
        """POF_STD(1)_FXOUT: X R NT."""
        return self.contract.fx(moment.scheduled) * self.contract.sign * self.notional

    def pof_md_second(self, state: State, moment: Moment) -> Decimal:
        """POF_STD(2)_FXOUT: R (-1) NT2, in the second currency, which X does not convert."""
        return -self.contract.sign * self.second_notional


class Swppv(Pam):
    """A plain vanilla interest rate swap: IPNR fixed against a rate that is reset (Ipnr, at first IPNR2), one notional.

    Both legs accrue in every transition: Ipac1 is the fixed leg, Ipac2 the floating leg with the opposite sign. Ipac is
    their sum where they are settled net, else the fixed leg alone.
    """

    def initial(self) -> State:
        """The second table of section 7.12."""
        terms = self.terms
        state = State(
            status_date=self.contract.calculated(terms.status_date),
            maturity_date=self.maturity,
            performance=terms.contract_performance,
        )
        if self.exchange > terms.status_date:
            return state
        state = self.exchanged(state)
        if terms.accrued_interest is not None and self.is_net:
            return self.with_legs(state, self.contract.sign * terms.accrued_interest, ZERO)
        paid = [time for time in self.interest_times if time < terms.status_date]
        since = self.contract.calculated(max([self.exchange, *paid]))
        return self.accrued(replace(state, status_date=since), self.contract.exactly(terms.status_date))

    @property
    def is_net(self) -> bool:
        """Whether one payment settles both legs."""
        return self.terms.delivery_settlement is DeliverySettlement.S

    @property
    def swap_rate(self) -> Decimal:
        """IPNR."""
        return self.terms.need(self.terms.nominal_interest_rate, "nominalInterestRate")

    def exchanged(self, state: State) -> State:
        """The state with the notional and the first floating rate."""
        rate = self.terms.need(self.terms.nominal_interest_rate2, "nominalInterestRate2")
        return replace(state, notional_principal=self.contract.sign * self.notional, nominal_interest_rate=rate)

    def with_legs(self, state: State, first: Decimal, second: Decimal) -> State:
        """The state with that accrued on each leg, and what follows of it for Ipac."""
        return replace(
            state,
            accrued_interest=first + second if self.is_net else first,
            accrued_interest_first=first,
            accrued_interest_second=second,
        )

    def accrued(self, state: State, moment: Moment) -> State:
        """Ipac1 + Y(Sd, t) Nt IPNR, and Ipac2 - Y(Sd, t) Nt Ipnr."""
        base = self.fraction(state.status_date, moment.calculated) * state.notional_principal
        after = self.with_legs(
            state,
            state.accrued_interest_first + base * self.swap_rate,
            state.accrued_interest_second - base * state.nominal_interest_rate,
        )
        return replace(after, status_date=moment.calculated)

    def plan(self) -> Iterator[Planned]:
        """The first table of section 7.12."""
        return self.plan_basic()

    def plan_interest(self) -> Iterator[Planned]:
        """IP, or where each leg is paid for itself IPFX and IPFL."""
        for time in self.interest_times:
            for kind in (EventType.IP,) if self.is_net else (EventType.IPFX, EventType.IPFL):
                yield self.cyclic(time, kind)

    def plan_rates(self) -> Iterator[Planned]:
        """RR; section 7.12 knows no rate that is fixed already."""
        for time in self.rate_times:
            yield self.cyclic(time, EventType.RR)

    def pof_ied(self, state: State, moment: Moment) -> Decimal:
        """POF_IED_SWPPV: no principal is exchanged."""
        return ZERO

    def stf_ied(self, state: State, moment: Moment) -> State:
        """STF_IED_SWPPV."""
        return replace(self.exchanged(state), status_date=moment.calculated)

    def pof_md(self, state: State, moment: Moment) -> Decimal:
        """POF_PR_SWPPV: nor is it paid back."""
        return ZERO

    def stf_md(self, state: State, moment: Moment) -> State:
        """STF_PR_SWPPV, STF_TD_SWPPV: nothing is left; the rate stays, as in PAM."""
        return replace(self.with_legs(state, ZERO, ZERO), notional_principal=ZERO, status_date=moment.calculated)

    def pof_prd(self, state: State, moment: Moment) -> Decimal:
        """POF_PRD_STK: X R (-1) PPRD."""
        price = self.terms.need(self.terms.price_at_purchase_date, "priceAtPurchaseDate")
        return self.contract.fx(moment.scheduled) * -self.contract.sign * price

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """X PTD; every published vector takes the price with its sign, not with the role's as POF_TD_STK does."""
        price = self.terms.need(self.terms.price_at_termination_date, "priceAtTerminationDate")
        return self.contract.fx(moment.scheduled) * price

    def pof_ip(self, state: State, moment: Moment) -> Decimal:
        """POF_IP_SWPPV: X (Ipac + Y(Sd, t) (IPNR - Ipnr) Nt)."""
        return self.contract.fx(moment.scheduled) * self.accrued(state, moment).accrued_interest

    def stf_ip(self, state: State, moment: Moment) -> State:
        """STF_IP_SWPPV."""
        return self.with_legs(self.accrued(state, moment), ZERO, ZERO)

    def pof_ipfx(self, state: State, moment: Moment) -> Decimal:
        """POF_IP(fix)_SWPPV: X (Ipac1 + Y(Sd, t) IPNR Nt)."""
        return self.contract.fx(moment.scheduled) * self.accrued(state, moment).accrued_interest_first

    def stf_ipfx(self, state: State, moment: Moment) -> State:
        """STF_IP(fix)_SWPPV."""
        after = self.accrued(state, moment)
        return self.with_legs(after, ZERO, after.accrued_interest_second)

    def pof_ipfl(self, state: State, moment: Moment) -> Decimal:
        """POF_IP(var)_SWPPV: X (Ipac2 - Y(Sd, t) Ipnr Nt)."""
        return self.contract.fx(moment.scheduled) * self.accrued(state, moment).accrued_interest_second

    def stf_ipfl(self, state: State, moment: Moment) -> State:
        """STF_IP(var)_SWPPV."""
        after = self.accrued(state, moment)
        return self.with_legs(after, after.accrued_interest_first, ZERO)

    def stf_rr(self, state: State, moment: Moment) -> State:
        """STF_RR_SWPPV: RRMLT O^rf(RRMO, t) + RRSP, without caps and floors."""
        rate = self.terms.rate_multiplier * self.market_rate(moment) + self.terms.rate_spread
        return replace(self.accrued(state, moment), nominal_interest_rate=rate)


# What is settled net where both legs have it at one time; what else a leg pays is told of it.
NETTED = {EventType.IED, EventType.PR, EventType.IP, EventType.MD}
# What only a leg has, settled net: it pays nothing, and sets what the leg alone holds.
UNTOLD_NET = {EventType.PRF, EventType.IPCI, EventType.IPCB, EventType.RR, EventType.RRF, EventType.SC}


class Swaps(Traded):
    """A swap of two contracts, one received and one paid."""

    def events(self) -> tuple[Event, ...]:
        """The events of both legs, net or each for itself, and those of the swap (first table of section 7.13)."""
        first, second = (self.contract.flows_of(leg) for leg in self.legs)
        if self.terms.delivery_settlement is DeliverySettlement.S:
            first, second = self.netted(first, second)
        placed = sorted((*_placed(first), *_placed(second), *_placed(super().events())), key=lambda pair: pair[0])
        return self.of_life(event for _, event in placed)

    @property
    def legs(self) -> tuple[Terms, Terms]:
        """r(1), r(2): the first leg is an asset and the second a liability of who receives the first, else reversed."""
        roles = (ContractRole.RPA, ContractRole.RPL) if self.contract.sign > 0 else (ContractRole.RPL, ContractRole.RPA)
        first, second = (self.leg(part, role) for part, role in zip(_LEGS, roles, strict=True))
        return first, second

    def leg(self, part: ReferenceRole, role: ContractRole) -> Terms:
        """The terms of a leg in that role."""
        terms = self.terms.need(self.terms.parts(part)[0].contract, "contractStructure")
        return replace(terms, contract_role=role)

    def netted(self, first: Iterable[Event], second: Iterable[Event]) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """What both legs pay, congruent events made one, which stands in the first."""
        first, second = ([event for event in leg if event.type not in UNTOLD_NET] for leg in (first, second))
        counterparts = {place: event for place, event in _numbered(second) if event.type in NETTED}
        merged = tuple(_sum_of(event, counterparts.pop(place, None)) for place, event in _numbered(first))
        left = tuple(event for place, event in _numbered(second) if event.type not in NETTED or place in counterparts)
        return merged, left

    def pof_prd(self, state: State, moment: Moment) -> Decimal:
        """X PPRD: the published vectors take the price with its sign, without what the legs accrued (text: with it)."""
        price = self.terms.need(self.terms.price_at_purchase_date, "priceAtPurchaseDate")
        return self.contract.fx(moment.scheduled) * price

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """X PTD, as PRD."""
        return self.contract.fx(moment.scheduled) * self.termination_price

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_SWAPS, STF_CE_SWAPS: Ipac is what both legs accrued."""
        legs = (self.contract.state_of(leg, moment.time) for leg in self.legs)
        accrued = sum((leg.accrued_interest for leg in legs if leg is not None), ZERO)
        return replace(state, accrued_interest=accrued, status_date=moment.calculated)

    def stf_prd(self, state: State, moment: Moment) -> State:
        """STF_PRD_SWAPS, by the published vectors without what the legs accrued."""
        return replace(state, accrued_interest=ZERO, status_date=moment.calculated)

    def stf_td(self, state: State, moment: Moment) -> State:
        """STF_TD_SWAPS."""
        return self.stf_prd(state, moment)


_LEGS = (ReferenceRole.FIL, ReferenceRole.SEL)


def _numbered(events: Iterable[Event]) -> Iterator[tuple[tuple[datetime, EventType, str, int], Event]]:
    """Each event with what makes two congruent: time, type, currency, and the how manieth where a shift made it two."""
    met: Counter[tuple[datetime, EventType, str]] = Counter()
    for event in events:
        place = event.time, event.type, event.currency
        yield (*place, met[place]), event
        met[place] += 1


def _sum_of(first: Event, second: Event | None) -> Event:
    """POF and STF of an aggregate event: both payoffs, and of the states what can be added. One alone stays."""
    if second is None:
        return first
    state = State(
        status_date=first.state.status_date,
        notional_principal=first.state.notional_principal + second.state.notional_principal,
        accrued_interest=first.state.accrued_interest + second.state.accrued_interest,
    )
    return replace(first, payoff=first.payoff + second.payoff, state=state)


def _placed(events: Iterable[Event]) -> Iterator[tuple[tuple[datetime, int, bool], Event]]:
    """Each event with its place: one that its leg evaluated behind a later type keeps behind it."""
    time, reached = None, 0
    for event in events:
        reached = max(reached, event.type.sequence) if event.time == time else event.type.sequence
        time = event.time
        yield (event.time, reached, event.type.sequence < reached), event


TYPES: dict[ContractType, type[Logic]] = {
    ContractType.FXOUT: Fxout,
    ContractType.SWPPV: Swppv,
    ContractType.SWAPS: Swaps,
}
