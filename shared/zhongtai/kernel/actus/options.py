"""CAPFL, OPTNS, FUTUR (sections 7.14 to 7.16): what pays by how a market or a rate stands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import starmap

from zhongtai.kernel.actus.codes import (
    ContractRole,
    ContractType,
    EventType,
    OptionExerciseType,
    OptionType,
    ReferenceRole,
)
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import ZERO, Event, Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.simple import Traded
from zhongtai.kernel.actus.terms import Terms


class Capfl(Traded):
    """A cap or floor: what the interest of a contract is without life cap and floor, less what it is with them."""

    def events(self) -> tuple[Event, ...]:
        """IP where the underlying has it both ways, and what is traded (first table of section 7.14)."""
        free, bound = (
            [event for event in self.contract.flows_of(terms) if event.type is EventType.IP]
            for terms in self.underlyings
        )
        paid = starmap(self.difference, zip(free, bound, strict=True))
        return self.of_life(sorted((*paid, *super().events()), key=lambda event: event.order))

    @cached_property
    def underlyings(self) -> tuple[Terms, Terms]:
        """The underlying as an asset, without RRLC and RRLF and with those of the cap or floor."""
        terms = self.terms.need(self.terms.parts(ReferenceRole.UDL)[0].contract, "contractStructure")
        free = replace(terms, contract_role=ContractRole.RPA, life_cap=None, life_floor=None)
        return free, replace(free, life_cap=self.terms.life_cap, life_floor=self.terms.life_floor)

    def difference(self, free: Event, bound: Event) -> Event:
        """The aggregate event: X R abs(F(x) - F(y)), with nothing left accrued."""
        payoff = self.contract.fx(free.time) * self.contract.sign * abs(free.payoff - bound.payoff)
        state = replace(self.initial(), status_date=free.state.status_date)
        return Event(free.time, EventType.IP, payoff, self.contract.payment_currency, state)

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_CAPFL, STF_CE_CAPFL: Ipac is R abs of what the bounds changed in the accrual of the underlying."""
        states = (self.contract.state_of(terms, moment.time) for terms in self.underlyings)
        free, bound = (ZERO if one is None else one.accrued_interest for one in states)
        accrued = self.contract.sign * abs(free - bound)
        return replace(state, accrued_interest=accrued, status_date=moment.calculated)

    def stf_prd(self, state: State, moment: Moment) -> State:
        """STF_PRD_CAPFL: as AD; the price alone is paid, as for every other traded type (text: with Ipac)."""
        return self.stf_ad(state, moment)

    def stf_td(self, state: State, moment: Moment) -> State:
        """STF_TD_CAPFL."""
        return replace(state, accrued_interest=ZERO, status_date=moment.calculated)


class Optns(Traded):
    """An option: what it is worth where it is exercised is fixed (XD) and settled later (STD)."""

    def initial(self) -> State:
        """The second table of section 7.15; an amount that is not fixed yet is told as zero."""
        terms = self.terms
        amount = ZERO if terms.exercise_amount is None else terms.exercise_amount
        return replace(super().initial(), exercise_date=terms.exercise_date, exercise_amount=amount)

    def plan(self) -> Iterator[Planned]:
        """What is traded, XD, STD after the settlement period, and MD."""
        yield from super().plan()
        contract, exercise = self.contract, self.exercise
        settlement = contract.scheduled(self.terms.settlement_period.after(exercise))
        yield contract.planned(contract.exactly(exercise), EventType.XD, no_payoff, self.stf_xd)
        yield contract.planned(settlement, EventType.STD, self.pof_std, self.stf_std)
        yield contract.planned(contract.exactly(self.maturity), EventType.MD, no_payoff, self.stf_md)

    @property
    def maturity(self) -> datetime:
        """MD."""
        return self.terms.need(self.terms.maturity_date, "maturityDate")

    @cached_property
    def exercise(self) -> datetime:
        """When it is exercised: as told, or as first observed unless it is European, else at the maturity."""
        terms = self.terms
        if terms.exercise_date is not None:
            return terms.exercise_date
        if terms.option_exercise_type is OptionExerciseType.E:
            return self.maturity
        seen = self.contract.observed.events_of(terms.contract_id, EventType.XD)
        times = (event.time for event in seen if terms.status_date < event.time <= self.maturity)
        return min(times, default=self.maturity)

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """POF_TD_OPTNS: X QT PTD, with its own sign, as of every swap."""
        return self.contract.fx(moment.scheduled) * self.terms.quantity * self.termination_price

    def market_price(self, time: datetime) -> Decimal:
        """S_t: O^rf of the market object of the underlying."""
        return self.contract.observed.rate(self.terms.parts(ReferenceRole.UDL)[0].market_object_code, time)

    def worth(self, time: datetime) -> Decimal:
        """What exercise brings: by how much the market is above (call) or below (put) the strike."""
        terms, price = self.terms, self.market_price(time)
        kind = terms.need(terms.option_type, "optionType")
        strike = terms.need(terms.option_strike1, "optionStrike1")
        if kind is OptionType.C:
            return max(price - strike, ZERO)
        if kind is OptionType.P:
            return max(strike - price, ZERO)
        put_strike = terms.need(terms.option_strike2, "optionStrike2")
        return max(price - strike, ZERO) + max(put_strike - price, ZERO)

    def exercised(self, state: State, moment: Moment) -> State:
        """The state with Xd: as it stands, or now, unless exercise brings nothing."""
        is_exercised = state.exercise_date is None and self.worth(moment.time) != 0
        date = moment.time if is_exercised else state.exercise_date
        return replace(state, exercise_date=date, status_date=moment.calculated)

    def stf_md(self, state: State, moment: Moment) -> State:
        """STF_MD_OPTNS, STF_MD_FUTUR."""
        return self.exercised(state, moment)

    def stf_xd(self, state: State, moment: Moment) -> State:
        """STF_XD_OPTNS, STF_XD_FUTUR: Xa is what exercise brings, and where it comes before the maturity Xd is now."""
        return replace(self.exercised(state, moment), exercise_amount=self.worth(moment.time))

    def pof_std(self, state: State, moment: Moment) -> Decimal:
        """POF_STD_OPTNS: X R Xa."""
        return self.contract.fx(moment.scheduled) * self.contract.sign * (state.exercise_amount or ZERO)

    def stf_std(self, state: State, moment: Moment) -> State:
        """STF_STD_OPTNS: Xa is settled."""
        return replace(state, exercise_amount=ZERO, status_date=moment.calculated)


class Futur(Optns):
    """A future: as an option, but what it brings may be negative."""

    def worth(self, time: datetime) -> Decimal:
        """S_t - PFUT."""
        return self.market_price(time) - self.terms.need(self.terms.futures_price, "futuresPrice")


TYPES: dict[ContractType, type[Logic]] = {
    ContractType.CAPFL: Capfl,
    ContractType.OPTNS: Optns,
    ContractType.FUTUR: Futur,
}
