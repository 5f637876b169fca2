"""FXOUT, SWPPV and SWAPS in columns: what is exchanged for something else."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from zhongtai.kernel.actus.codes import ContractRole, ContractType, DeliverySettlement, EventType, ReferenceRole
from zhongtai.kernel.actus.columnar.composed import ColumnComposed, netted, together
from zhongtai.kernel.actus.columnar.days import Days, Flags, later
from zhongtai.kernel.actus.columnar.logic import Names, Payoff, Rows, Step, Walked
from zhongtai.kernel.actus.columnar.moments import Moments
from zhongtai.kernel.actus.columnar.pam import ColumnPam
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers
from zhongtai.kernel.actus.columnar.simple import ColumnTraded


class ColumnFxout(ColumnTraded):
    """A foreign exchange outright: two currencies are delivered, or the difference in worth is settled."""

    def plan(self) -> Iterator[Days]:
        """What is traded; STD after the settlement period, or an MD for each currency."""
        yield from super().plan()
        maturity = self.group.days("maturity_date")
        if self.terms.delivery_settlement is DeliverySettlement.S:
            yield self.cyclic(later(maturity, self.terms.settlement_period)[np.newaxis], EventType.STD)
            return
        for currency in (0, 1):
            yield self.cyclic(maturity[np.newaxis], EventType.MD, ordinal=currency)

    def td(self, step: Step) -> Payoff:
        """POF_TD_FXOUT: X PTD, with its own sign."""
        return self.termination_price(step)

    def std(self, step: Step) -> Payoff:
        """POF_STD_FXOUT: X R (NT - O^rf(CUR2/CUR, Md) NT2)."""
        rows, currency = step.rows, self.terms.need(self.terms.currency2, "currency2")
        rate = self.setting.observed(f"{currency}/{self.terms.currency}", self.group.days("maturity_date")[rows])
        worth = self.group.numbers("notional_principal")[rows] - rate * self.group.numbers("notional_principal2")[rows]
        return self.sign * worth

    def md(self, step: Step) -> Payoff:
        """POF_STD(1)_FXOUT, POF_STD(2)_FXOUT."""
        rows, is_second = step.rows, self.moments_now.ordinal[step] == 1
        first, second = self.group.numbers("notional_principal"), self.group.numbers("notional_principal2")
        return self.sign * np.where(is_second, -second[rows], first[rows])

    def is_second(self, moments: Moments) -> Flags:
        """Which events deliver the second currency."""
        found: Flags = (moments.kind == EventType.MD.sequence) & (moments.ordinal == 1)
        return found

    def converted(self, moments: Moments) -> Flags:
        """All but the second currency."""
        return ~self.is_second(moments)

    def currencies(self) -> Names:
        """CUR2 of what delivers it."""
        return np.where(self.is_second(self.moments_now), self.terms.currency2 or "", self.payment_currency)


class ColumnSwppv(ColumnPam):
    """A plain vanilla swap: IPNR fixed against a rate that is reset (Ipnr, at first IPNR2), one notional."""

    @property
    def is_net(self) -> bool:
        """Whether one payment settles both legs."""
        return self.terms.delivery_settlement is DeliverySettlement.S

    def plan(self) -> Iterator[Days]:
        """The first table of section 7.12."""
        return self.plan_basic()

    def plan_interest(self) -> Iterator[Days]:
        """IP, or where each leg is paid for itself IPFX and IPFL."""
        for kind in (EventType.IP,) if self.is_net else (EventType.IPFX, EventType.IPFL):
            yield self.cyclic(self.interest_times, kind)

    def plan_rates(self) -> Iterator[Days]:
        """RR; section 7.12 knows no rate that is fixed already."""
        yield self.cyclic(self.rate_times, EventType.RR)

    def begin(self) -> None:
        """The second table of section 7.12."""
        self.fixed_rates, floating = (
            self.group.numbers(name) for name in ("nominal_interest_rate", "nominal_interest_rate2")
        )
        self.begin_accruals()
        self.face, self.first_rate = self.sign * self.group.numbers("notional_principal"), floating
        self.first, self.second = np.zeros(len(self.group)), np.zeros(len(self.group))
        rows = np.flatnonzero(self.exchange <= self.status)
        if not len(rows):
            return
        self.begin_principal(rows)
        if self.is_net and self.group.told("accrued_interest"):
            first, second = self.sign * self.group.numbers("accrued_interest"), self.second
        else:
            paid = np.maximum(self.last_before_status(self.interest_times, self.exchange), self.exchange)
            base = self.fraction(self.accrual_days(paid), self.accrual_days(self.status)) * self.notional
            first, second = base * self.fixed_rates, -base * self.rate
        self.set_legs(rows, first[rows], second[rows])

    def set_legs(self, rows: Rows, first: Numbers | float, second: Numbers | float) -> None:
        """Ipac1 and Ipac2, and Ipac, which is their sum where they are settled net, else the first."""
        self.first[rows], self.second[rows] = first, second
        self.accrued[rows] = self.first[rows] + self.second[rows] if self.is_net else self.first[rows]

    def gained(self, step: Step) -> tuple[Numbers, Numbers]:
        """Ipac1 + Y(Sd, t) Nt IPNR, and Ipac2 - Y(Sd, t) Nt Ipnr."""
        rows = step.rows
        base = self.passed(step) * self.notional[rows]
        return self.first[rows] + base * self.fixed_rates[rows], self.second[rows] - base * self.rate[rows]

    def accrue(self, step: Step) -> None:
        """Both legs to the moment of the step, which becomes the status date."""
        self.set_legs(step.rows, *self.gained(step))
        self.since[step.rows] = self.starts[step]

    def accrued_by(self, step: Step) -> Numbers:
        """Ipac with what was gained by the step."""
        first, second = self.gained(step)
        return first + second if self.is_net else first

    def ied(self, step: Step) -> Payoff:
        """STF_IED_SWPPV: no principal is exchanged."""
        self.begin_principal(step.rows)
        self.since[step.rows] = self.starts[step]
        return 0.0

    def md(self, step: Step) -> Payoff:
        """STF_PR_SWPPV: nor is it paid back."""
        self.end(step)
        return 0.0

    def end(self, step: Step) -> None:
        """Leaves nothing; the rate stays."""
        self.notional[step.rows] = 0
        self.set_legs(step.rows, 0.0, 0.0)
        self.since[step.rows] = self.starts[step]

    def prd(self, step: Step) -> Payoff:
        """POF_PRD_STK."""
        self.accrue(step)
        return -self.sign * self.group.numbers("price_at_purchase_date")[step.rows]

    def td(self, step: Step) -> Payoff:
        """X PTD, with its own sign."""
        self.end(step)
        return self.group.numbers("price_at_termination_date")[step.rows]

    def ip(self, step: Step) -> Payoff:
        """POF_IP_SWPPV, STF_IP_SWPPV."""
        self.accrue(step)
        paid = self.accrued[step.rows].copy()
        self.set_legs(step.rows, 0.0, 0.0)
        return paid

    def ipfx(self, step: Step) -> Payoff:
        """POF_IP(fix)_SWPPV, STF_IP(fix)_SWPPV."""
        self.accrue(step)
        paid = self.first[step.rows].copy()
        self.set_legs(step.rows, 0.0, self.second[step.rows])
        return paid

    def ipfl(self, step: Step) -> Payoff:
        """POF_IP(var)_SWPPV, STF_IP(var)_SWPPV."""
        self.accrue(step)
        paid = self.second[step.rows].copy()
        self.set_legs(step.rows, self.first[step.rows], 0.0)
        return paid

    def rr(self, step: Step) -> Payoff:
        """STF_RR_SWPPV: RRMLT O^rf(RRMO, t) + RRSP, without caps and floors."""
        self.accrue(step)
        told = self.market_rate(step) * self.group.numbers("rate_multiplier")[step.rows] + self.spread(step)
        self.rate[step.rows] = told
        return 0.0


class ColumnSwaps(ColumnComposed):
    """A swap of two contracts, one received and one paid."""

    looked_at = (EventType.AD, EventType.CE)

    def begin(self) -> None:
        """Walks the legs, and looks at them when the swap is analysed."""
        looks = self.looks()
        legs = [self.setting.logic(leg, looks) for leg in self.legs]
        self.walked = [leg.walk() for leg in legs]
        self.legs_accrued = legs[0].standing.accrued + legs[1].standing.accrued

    @property
    def legs(self) -> tuple[Group, Group]:
        """The first leg is an asset and the second a liability of who receives the first, else reversed."""
        roles = (ContractRole.RPA, ContractRole.RPL) if self.sign > 0 else (ContractRole.RPL, ContractRole.RPA)
        first, second = (
            leg.with_terms(replace(leg.pattern, contract_role=role))
            for leg, role in zip((self.part(ReferenceRole.FIL), self.part(ReferenceRole.SEL)), roles, strict=True)
        )
        return first, second

    def walk(self) -> Walked:
        """The events of both legs, net or each for itself, and those of the swap."""
        own = super().walk()
        first, second = self.walked
        if self.terms.delivery_settlement is DeliverySettlement.S:
            first, second = netted(first, second)
        return self.of_life(together([first, second, own]))

    def prd(self, step: Step) -> Payoff:
        """X PPRD, with its own sign and without what the legs accrued."""
        self.accrued[step.rows] = 0
        return self.group.numbers("price_at_purchase_date")[step.rows]

    def td(self, step: Step) -> Payoff:
        """X PTD, as PRD."""
        self.accrued[step.rows] = 0
        return self.termination_price(step)

    def ad(self, step: Step) -> Payoff:
        """STF_AD_SWAPS: Ipac is what both legs accrued."""
        self.accrued[step.rows] = self.legs_accrued[step]
        return 0.0


TYPES = {ContractType.FXOUT: ColumnFxout, ContractType.SWPPV: ColumnSwppv, ContractType.SWAPS: ColumnSwaps}
