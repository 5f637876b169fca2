"""CLM and UMP (sections 7.6, 7.7): contracts without a term of their own, ended by a call or by what is observed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.contract import Logic
from zhongtai.kernel.actus.events import Moment, Planned, State, no_payoff
from zhongtai.kernel.actus.observed import ObservedEvent
from zhongtai.kernel.actus.pam import Pam
from zhongtai.kernel.actus.schedules import NO_PERIOD


class Clm(Pam):
    """CLM, call money: interest is capitalised until the money is called, and paid with it after the notice."""

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0: as told, or when the money is called, or t^max."""
        told = self.terms.maturity_date or self.called
        return told or self.terms.need(self.contract.until, "maturityDate")

    @cached_property
    def called(self) -> datetime | None:
        """When the money is called by an observed XD, where no maturity is told."""
        if self.terms.maturity_date is not None:
            return None
        seen = self.contract.observed.events_of(self.terms.contract_id, EventType.XD)
        until = self.contract.until
        times = [event.time for event in seen if event.time > self.terms.status_date]
        return min((time for time in times if until is None or time <= until), default=None)

    @cached_property
    def interest_times(self) -> tuple[datetime, ...]:
        """None before the end: interest is capitalised, so none is due at the status date either."""
        return ()

    def plan_interest(self) -> Iterator[Planned]:
        """IPCI by its cycle up to before the end."""
        if self.terms.nominal_interest_rate is not None:
            for time in self.interest_cycle(with_end=False):
                yield self.cyclic(time, EventType.IPCI)

    def plan_redemption(self) -> Iterator[Planned]:
        """IP and MD at the maturity; or XD when called, then IP and STD after the notice. None of these days is moved.

        Interest runs to the call, not through the notice: so the vectors.
        """
        contract = self.contract
        if self.called is None:
            end = contract.exactly(self.terms.need(self.maturity, "maturityDate"))
            yield contract.planned(end, EventType.IP, self.pof_ip, self.stf_ip)
            yield contract.planned(end, EventType.MD, self.pof_md, self.stf_md)
            return
        yield contract.planned(contract.exactly(self.called), EventType.XD, no_payoff, self.stf_xd)
        paid = (self.terms.x_day_notice or NO_PERIOD).after(self.called)
        settled = Moment(time=paid, calculated=contract.calculated(self.called), scheduled=paid)
        interest = contract.planned(settled, EventType.IP, self.pof_ip, self.stf_ip)
        yield replace(interest, after_type=EventType.XD)
        yield contract.planned(settled, EventType.STD, self.pof_md, self.stf_md)

    def is_in_life(self, planned: Planned) -> bool:
        """As of any contract; but what is called by t^max is settled, though later, unless it is sold before."""
        is_settlement = self.called is not None and planned.type in (EventType.IP, EventType.STD)
        sold = self.terms.termination_date
        is_kept = sold is None or planned.order[:2] <= (sold, EventType.TD.sequence)
        return super().is_in_life(planned) or (is_settlement and is_kept)

    def pof_ied(self, state: State, moment: Moment) -> Decimal:
        """POF_IED_CLM: X R (-1) NT."""
        return self.contract.fx(moment.scheduled) * -self.contract.sign * self.notional

    def stf_xd(self, state: State, moment: Moment) -> State:
        """At the call interest accrues, as at any event; the specification has no text for it."""
        return self.accrued(state, moment)


class Ump(Pam):
    """UMP, undefined maturity profile: principal moves as observed, interest is capitalised.

    It goes on to t^max, as the vectors have it and not to the last movement (text), behind which money still stands.
    """

    @cached_property
    def maturity(self) -> datetime | None:
        """Md at t0: t^max, or without one the last observed movement of principal."""
        last = max((event.time for event in self.movements), default=None)
        return self.contract.until or self.terms.need(last, "maturityDate")

    @cached_property
    def movements(self) -> tuple[ObservedEvent, ...]:
        """O^ev(CID, i), i of PR and PI."""
        return self.contract.observed.events_of(self.terms.contract_id, EventType.PR, EventType.PI)

    @cached_property
    def interest_times(self) -> tuple[datetime, ...]:
        """None: interest is capitalised."""
        return ()

    @property
    def has_end(self) -> bool:
        """Whether it ends with the last movement."""
        return self.contract.until is None

    def plan_interest(self) -> Iterator[Planned]:
        """IPCI by its cycle."""
        if self.terms.nominal_interest_rate is not None:
            for time in self.interest_cycle():
                yield self.cyclic(time, EventType.IPCI)

    def plan_redemption(self) -> Iterator[Planned]:
        """PR and PI as observed."""
        for seen in self.movements:
            moment = self.contract.exactly(seen.time, self.contract.sign * seen.value)
            yield self.contract.planned(moment, seen.type, self.pof_pr, self.stf_pr)

    def pof_ied(self, state: State, moment: Moment) -> Decimal:
        """POF_IED_CLM: X R (-1) NT."""
        return self.contract.fx(moment.scheduled) * -self.contract.sign * self.notional

    def pof_pr(self, state: State, moment: Moment) -> Decimal:
        """POF_PR_UMP: R times the observed amount, which is below zero where the principal is raised."""
        return moment.value

    def stf_pr(self, state: State, moment: Moment) -> State:
        """STF_PR_UMP."""
        after = self.accrued(state, moment)
        return replace(after, notional_principal=state.notional_principal - moment.value)


TYPES: dict[ContractType, type[Logic]] = {ContractType.CLM: Clm, ContractType.UMP: Ump}
