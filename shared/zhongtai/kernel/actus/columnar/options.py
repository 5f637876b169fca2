"""CAPFL, OPTNS and FUTUR in columns: what pays by how a market or a rate stands."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import (
    ContractRole,
    ContractType,
    EventType,
    OptionExerciseType,
    OptionType,
    ReferenceRole,
)
from zhongtai.kernel.actus.columnar.composed import ColumnComposed, together
from zhongtai.kernel.actus.columnar.days import NEVER, Days, later
from zhongtai.kernel.actus.columnar.logic import Payoff, Step, Walked
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers
from zhongtai.kernel.actus.columnar.simple import ColumnTraded


class ColumnCapfl(ColumnComposed):
    """A cap or floor: what the interest of a contract is without life cap and floor, less what it is with them."""

    looked_at = (EventType.AD, EventType.CE, EventType.PRD)

    def begin(self) -> None:
        """Walks the underlying both ways, and looks at it when the contract is analysed or bought."""
        looks = self.looks()
        free, bound = (self.setting.logic(underlying, looks) for underlying in self.underlyings)
        self.free, self.bound = free.walk(), bound.walk()
        self.changed = self.sign * np.abs(free.standing.accrued - bound.standing.accrued)

    @property
    def underlyings(self) -> tuple[Group, Group]:
        """The underlying as an asset, without RRLC and RRLF and with those of the cap or floor."""
        part, outer = self.part(ReferenceRole.UDL), self.terms
        asset = replace(part.pattern, contract_role=ContractRole.RPA, life_cap=None, life_floor=None)
        columns = {name: self.group.columns.get(name) for name in ("life_cap", "life_floor")}
        bound = replace(asset, life_cap=outer.life_cap, life_floor=outer.life_floor)
        return part.with_terms(asset, life_cap=None, life_floor=None), part.with_terms(bound, **columns)

    def walk(self) -> Walked:
        """IP where the underlying has it, and what is traded."""
        own = super().walk()
        return self.of_life(together([self.differences(), own]))

    def differences(self) -> Walked:
        """X R abs(F(x) - F(y)) at each IP, which both have in the same places, with nothing left accrued."""
        free, nothing = self.free, np.zeros(self.free.payoff.shape)
        payoff = self.sign * np.abs(free.payoff - self.bound.payoff)
        told = free.told & (free.kind == EventType.IP.sequence)
        if self.payment_currency != self.terms.currency:
            paying = told & (payoff != 0)
            payoff[paying] *= self.setting.observed(f"{self.terms.currency}/{self.payment_currency}", free.time[paying])
        currency = np.broadcast_to(np.array(self.payment_currency), payoff.shape)
        return Walked(free.time, free.kind, told, payoff, currency, nothing, nothing, nothing)

    def ad(self, step: Step) -> Payoff:
        """STF_AD_CAPFL: Ipac is R abs of what the bounds changed in the accrual of the underlying."""
        self.accrued[step.rows] = self.changed[step]
        return 0.0

    def prd(self, step: Step) -> Payoff:
        """STF_PRD_CAPFL: as AD; the price alone is paid."""
        self.ad(step)
        return super().prd(step)

    def td(self, step: Step) -> Payoff:
        """STF_TD_CAPFL."""
        self.accrued[step.rows] = 0
        return super().td(step)


class ColumnOptns(ColumnTraded):
    """An option: what it is worth where it is exercised is fixed (XD) and settled later (STD)."""

    has_exercise = True

    def begin(self) -> None:
        """Xd and Xa as they are told."""
        if self.group.told("exercise_date"):
            self.exercise_date = self.group.days("exercise_date").copy()
        if self.group.told("exercise_amount"):
            self.exercise_amount = self.group.numbers("exercise_amount").copy()

    def plan(self) -> Iterator[Days]:
        """What is traded, XD, STD after the settlement period, and MD."""
        yield from super().plan()
        settlement = later(self.exercise, self.terms.settlement_period)
        yield self.once(self.exercise, EventType.XD)
        yield self.cyclic(settlement[np.newaxis], EventType.STD)
        yield self.once(self.group.days("maturity_date"), EventType.MD)

    @cached_property
    def exercise(self) -> Days:
        """When it is exercised: as told, or as first observed unless it is European, else at the maturity."""
        maturity = self.group.days("maturity_date")
        if self.group.told("exercise_date"):
            return self.group.days("exercise_date")
        if self.terms.option_exercise_type is OptionExerciseType.E:
            return maturity
        days = self.group.seen_of(EventType.XD).days
        found = np.where((days > self.status) & (days <= maturity), days, NEVER).min(axis=0, initial=NEVER)
        return np.where(found < NEVER, found, maturity)

    def td(self, step: Step) -> Payoff:
        """POF_TD_OPTNS: X QT PTD, with its own sign."""
        paid: Numbers = self.group.numbers("quantity")[step.rows] * self.termination_price(step)
        return paid

    def market_price(self, step: Step) -> Numbers:
        """S_t."""
        code = self.terms.parts(ReferenceRole.UDL)[0].market_object_code
        return self.setting.observed(code, self.moments_now.time[step])

    def worth(self, step: Step) -> Numbers:
        """What exercise brings: by how much the market is above (call) or below (put) the strike."""
        price, strike = self.market_price(step), self.group.numbers("option_strike1")[step.rows]
        kind = self.terms.need(self.terms.option_type, "optionType")
        if kind is OptionType.C:
            return np.maximum(price - strike, 0)
        if kind is OptionType.P:
            return np.maximum(strike - price, 0)
        put_strike = self.group.numbers("option_strike2")[step.rows]
        return np.maximum(price - strike, 0) + np.maximum(put_strike - price, 0)

    def exercised(self, step: Step, worth: Numbers) -> None:
        """Sets Xd where it is not set and exercise brings something."""
        rows = step.rows
        is_now = (self.exercise_date[rows] == NEVER) & (worth != 0)
        self.exercise_date[rows] = np.where(is_now, self.moments_now.time[step], self.exercise_date[rows])

    def md(self, step: Step) -> Payoff:
        """STF_MD_OPTNS, STF_MD_FUTUR."""
        self.exercised(step, self.worth(step))
        return 0.0

    def xd(self, step: Step) -> Payoff:
        """STF_XD_OPTNS, STF_XD_FUTUR."""
        worth = self.worth(step)
        self.exercised(step, worth)
        self.exercise_amount[step.rows] = worth
        return 0.0

    def std(self, step: Step) -> Payoff:
        """POF_STD_OPTNS, STF_STD_OPTNS."""
        paid: Numbers = self.sign * self.exercise_amount[step.rows]
        self.exercise_amount[step.rows] = 0
        return paid


class ColumnFutur(ColumnOptns):
    """A future: as an option, but what it brings may be negative."""

    def worth(self, step: Step) -> Numbers:
        """S_t - PFUT."""
        found: Numbers = self.market_price(step) - self.group.numbers("futures_price")[step.rows]
        return found


TYPES = {ContractType.CAPFL: ColumnCapfl, ContractType.OPTNS: ColumnOptns, ContractType.FUTUR: ColumnFutur}
