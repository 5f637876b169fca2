"""CSH, STK, COM (sections 7.8 to 7.10), and what every contract that is bought and sold at a price has in common."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.schedules import whole_cycles


class Traded(Logic):
    """A contract with a price when it is bought and one when it is sold, and between them no state but time.

    Types of this shape add their own events to the plan. Both prices are those of one unit and hold the whole value:
    what is accrued is not paid besides.
    """

    def initial(self) -> State:
        """The second table of STK."""
        return State(status_date=self.terms.status_date, performance=self.terms.contract_performance)

    def plan(self) -> Iterator[Planned]:
        """PRD, TD, and AD and CE where they are observed."""
        contract, terms = self.contract, self.terms
        if terms.purchase_date is not None:
            yield contract.planned(contract.exactly(terms.purchase_date), EventType.PRD, self.pof_prd, self.stf_prd)
        if terms.termination_date is not None:
            yield contract.planned(contract.exactly(terms.termination_date), EventType.TD, self.pof_td, self.stf_td)
        for seen in contract.observed.events_of(terms.contract_id, EventType.AD, EventType.CE):
            yield contract.planned(contract.exactly(seen.time), seen.type, no_payoff, self.stf_ad)

    def of_units(self, price: Decimal) -> Decimal:
        """R(CNTRL) QT times a price: what all units are worth to the creator."""
        return self.contract.sign * self.terms.quantity * price

    def pof_prd(self, state: State, moment: Moment) -> Decimal:
        """POF_PRD_STK: X R (-1) QT PPRD; POF_PRD_OPTNS too, which every published vector signs by the role."""
        price = self.terms.need(self.terms.price_at_purchase_date, "priceAtPurchaseDate")
        return self.contract.fx(moment.scheduled) * -self.of_units(price)

    def stf_prd(self, state: State, moment: Moment) -> State:
        """STF_PRD_STK."""
        return self.stf_ad(state, moment)

    def pof_td(self, state: State, moment: Moment) -> Decimal:
        """POF_TD_STK: X R QT PTD."""
        return self.contract.fx(moment.scheduled) * self.of_units(self.termination_price)

    @property
    def termination_price(self) -> Decimal:
        """PTD."""
        return self.terms.need(self.terms.price_at_termination_date, "priceAtTerminationDate")

    def stf_td(self, state: State, moment: Moment) -> State:
        """STF_TD_STK."""
        return self.stf_ad(state, moment)

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_STK, STF_CE_STK: time goes on."""
        return replace(state, status_date=moment.calculated)


class Csh(Logic):
    """Cash: an amount that only analysis looks at."""

    def initial(self) -> State:
        """The second table of section 7.8."""
        notional = self.terms.need(self.terms.notional_principal, "notionalPrincipal")
        return State(status_date=self.terms.status_date, notional_principal=self.contract.sign * notional)

    def plan(self) -> Iterator[Planned]:
        """AD where it is observed."""
        for seen in self.contract.observed.events_of(self.terms.contract_id, EventType.AD):
            yield self.contract.planned(self.contract.exactly(seen.time), seen.type, no_payoff, self.stf_ad)

    def stf_ad(self, state: State, moment: Moment) -> State:
        """STF_AD_CSH."""
        return replace(state, status_date=moment.calculated)


class Stk(Traded):
    """A stock: it is bought, pays dividends, and is sold."""

    def plan(self) -> Iterator[Planned]:
        """What is traded, and DV by its cycle."""
        yield from super().plan()
        for time in self.dividend_times:
            yield self.cyclic(time, EventType.DV)

    @cached_property
    def dividend_times(self) -> tuple[datetime, ...]:
        """S(DVANX, DVCL, t^max), less the dividend that stays with the former owner.

        The dictionary gives a dividend to whom the stock belonged on DVEX, though it is paid later.
        """
        terms = self.terms
        if terms.cycle_anchor_date_of_dividend is None:
            return ()
        ends = [time for time in (terms.termination_date, self.contract.until) if time is not None]
        times = whole_cycles(
            terms.cycle_anchor_date_of_dividend,
            terms.cycle_of_dividend,
            min(ends, default=None),
            terms.end_of_month_convention,
        )
        ex, bought = terms.ex_dividend_date, terms.purchase_date
        if ex is None or bought is None or bought <= ex:
            return times
        kept = min((time for time in times if time > ex), default=None)
        return tuple(time for time in times if time != kept or time <= bought)

    def pof_dv(self, state: State, moment: Moment) -> Decimal:
        """POF_DV_STK: X R QT of DVNP where it is told (the dictionary: for each date), else of what is observed."""
        dividend = self.terms.next_dividend_payment_amount
        if dividend is None:
            code = self.terms.market_object_code_of_dividends or f"{self.terms.contract_id}-DV"
            dividend = self.contract.observed.rate(code, moment.scheduled)
        return self.contract.fx(moment.scheduled) * self.of_units(dividend)

    def stf_dv(self, state: State, moment: Moment) -> State:
        """STF_DV_STK."""
        return self.stf_ad(state, moment)


class Com(Traded):
    """A commodity: so many units are bought and sold."""


TYPES: dict[ContractType, type[Logic]] = {
    ContractType.CSH: Csh,
    ContractType.STK: Stk,
    ContractType.COM: Com,
}
