"""CSH, STK and COM in columns, and what every contract that is bought and sold at a price has in common."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.columnar.days import NEVER, Days, whole_cycles
from zhongtai.kernel.actus.columnar.logic import ColumnLogic, Payoff, Step
from zhongtai.kernel.actus.columnar.portfolio import Numbers


class ColumnTraded(ColumnLogic):
    """Contracts with a price when they are bought and one when they are sold, and between them no state but time."""

    def begin(self) -> None:
        """Nothing stands at t0."""

    def plan(self) -> Iterator[Days]:
        """PRD, TD, and AD and CE where they are observed."""
        if self.group.told("purchase_date"):
            yield self.once(self.group.days("purchase_date"), EventType.PRD)
        if self.group.told("termination_date"):
            yield self.once(self.group.days("termination_date"), EventType.TD)
        yield from self.seen(EventType.AD, EventType.CE)

    def of_units(self, price: Numbers, step: Step) -> Numbers:
        """R(CNTRL) QT times a price."""
        worth: Numbers = self.sign * self.group.numbers("quantity")[step.rows] * price
        return worth

    def prd(self, step: Step) -> Payoff:
        """POF_PRD_STK."""
        return -self.of_units(self.group.numbers("price_at_purchase_date")[step.rows], step)

    def td(self, step: Step) -> Payoff:
        """POF_TD_STK."""
        return self.of_units(self.termination_price(step), step)

    def termination_price(self, step: Step) -> Numbers:
        """PTD."""
        return self.group.numbers("price_at_termination_date")[step.rows]


class ColumnCsh(ColumnLogic):
    """Cash: an amount that only analysis looks at."""

    def begin(self) -> None:
        """Nt."""
        self.notional = self.sign * self.group.numbers("notional_principal")

    def plan(self) -> Iterator[Days]:
        """AD where it is observed."""
        return self.seen(EventType.AD)


class ColumnStk(ColumnTraded):
    """A stock: it is bought, pays dividends, and is sold."""

    def plan(self) -> Iterator[Days]:
        """What is traded, and DV by its cycle."""
        yield from super().plan()
        if self.group.told("cycle_anchor_date_of_dividend"):
            yield self.cyclic(self.dividend_times, EventType.DV)

    @cached_property
    def end(self) -> Days | None:
        """The termination or t^max, what is first."""
        sold = self.group.days("termination_date") if self.group.told("termination_date") else None
        if sold is None or self.until is None:
            return self.until if sold is None else sold
        return np.minimum(sold, self.until)

    @cached_property
    def dividend_times(self) -> Days:
        """S(DVANX, DVCL, t^max), less the dividend that stays with whom the stock belonged on DVEX."""
        terms, group = self.terms, self.group
        anchor = group.days("cycle_anchor_date_of_dividend")
        times = whole_cycles(anchor, terms.cycle_of_dividend, self.end, terms.end_of_month_convention)
        if not group.told("ex_dividend_date") or not group.told("purchase_date"):
            return times
        ex, bought = group.days("ex_dividend_date"), group.days("purchase_date")
        kept = np.where(times > ex, times, NEVER).min(axis=0, initial=NEVER)
        return np.where((times == kept) & (bought > ex) & (times > bought), NEVER, times)

    @property
    def days_alive(self) -> Days:
        """From the status date to the end."""
        return np.zeros(len(self.group), np.int64) if self.end is None else np.maximum(self.end - self.status, 0)

    @property
    def events_a_day(self) -> float:
        """By the cycle of dividends."""
        cycle = self.terms.cycle_of_dividend
        return 0.0 if cycle is None else 1 / (30 * cycle.period.months + cycle.period.days)

    def dv(self, step: Step) -> Payoff:
        """POF_DV_STK: X R QT of DVNP where it is told, else of what is observed."""
        if self.group.told("next_dividend_payment_amount"):
            return self.of_units(self.group.numbers("next_dividend_payment_amount")[step.rows], step)
        code = self.terms.market_object_code_of_dividends or f"{self.terms.contract_id}-DV"
        return self.of_units(self.setting.observed(code, self.moments_now.scheduled[step]), step)


class ColumnCom(ColumnTraded):
    """A commodity: so many units are bought and sold."""


TYPES = {ContractType.CSH: ColumnCsh, ContractType.STK: ColumnStk, ContractType.COM: ColumnCom}
