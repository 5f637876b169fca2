"""A contract as its type's logic sees it, and how its events are evaluated one after the other."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from zhongtai.kernel.actus.codes import EventType, FeeBasis
from zhongtai.kernel.actus.conventions import calculated, shifted, year_fraction
from zhongtai.kernel.actus.events import ONE, ZERO, Event, Moment, Payoff, Planned, State, Transition, no_payoff
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.terms import Terms


class CashFlows(Protocol):
    """The public entry, as a contract composed of others calls it for them."""

    def __call__(self, terms: Terms, observed: Observed, until: datetime | None = None) -> tuple[Event, ...]:
        """The events of those terms."""


@dataclass(frozen=True)
class Contract:
    """The terms, what is observed, and the conventions bound to both.

    `until` is t^max of section 2.9; `flows` evaluates the contracts it is composed of (section 4).
    """

    terms: Terms
    observed: Observed
    until: datetime | None
    flows: CashFlows

    @property
    def sign(self) -> int:
        """R(CNTRL): 1 for a claim, -1 for an obligation."""
        return self.terms.contract_role.sign

    @property
    def payment_currency(self) -> str:
        """The currency payoffs are in: CURS, or CUR where that is undefined."""
        return self.terms.settlement_currency or self.terms.currency

    def fx(self, time: datetime) -> Decimal:
        """X_CUR^CURS(t) of section 3.10: 1, or the observed rate into the settlement currency."""
        if self.payment_currency == self.terms.currency:
            return ONE
        return self.observed.rate(f"{self.terms.currency}/{self.payment_currency}", time)

    def fee(self, gained: Decimal, moment: Moment) -> Decimal:
        """What an FP pays: what the rate FER gained, or the amount FER."""
        is_rate = self.terms.fee_basis is FeeBasis.N
        return self.fx(moment.scheduled) * (gained if is_rate else self.sign * (self.terms.fee_rate or ZERO))

    def year_fraction(self, start: datetime, end: datetime, maturity: datetime | None = None) -> Decimal:
        """Y(s, t) by the day count of the contract."""
        exact = self.exact_fraction(start, end, maturity)
        return Decimal(exact.numerator) / exact.denominator

    def exact_fraction(self, start: datetime, end: datetime, maturity: datetime | None = None) -> Fraction:
        """Y(s, t) undivided, for what is rounded up."""
        convention = self.terms.need(self.terms.day_count_convention, "dayCountConvention")
        return year_fraction(start, end, convention, maturity=maturity, calendar=self.terms.calendar)

    def exactly(self, time: datetime, value: Decimal = ZERO) -> Moment:
        """A moment that no convention moves: initial exchange, purchase, what is observed.

        Accruals to it run to where the convention would move it, as they do for any other (vector clm10).
        """
        return Moment(time, self.calculated(time), time, value)

    def scheduled(self, time: datetime, value: Decimal = ZERO) -> Moment:
        """A moment of a cyclic schedule, moved by the business-day convention."""
        convention, calendar = self.terms.business_day_convention, self.terms.calendar
        return Moment(shifted(time, convention, calendar), calculated(time, convention, calendar), time, value)

    def calculated(self, time: datetime) -> datetime:
        """The time accruals of that schedule time run to."""
        return calculated(time, self.terms.business_day_convention, self.terms.calendar)

    def planned(self, moment: Moment, kind: EventType, payoff: Payoff, transition: Transition) -> Planned:
        """An event of that moment, paid in the payment currency."""
        return Planned(moment, kind, payoff, transition, self.payment_currency)

    def state_of(self, terms: Terms, time: datetime) -> State | None:
        """U^sv of section 6: how another contract stands at a time, accrued to it; None before it has any state."""
        asked = ObservedEvent(time, EventType.AD, contract_id=terms.contract_id)
        observed = self.observed_of_parts
        events = self.flows(terms, replace(observed, events=(*observed.events, asked)), self.until)
        known = [event.state for event in events if event.time <= time]
        return known[-1] if known else None

    @property
    def observed_of_parts(self) -> Observed:
        """What is observed of the contracts it is composed of: an event that names none happens to this one alone."""
        return replace(self.observed, events=tuple(event for event in self.observed.events if event.contract_id))

    def flows_of(self, terms: Terms) -> tuple[Event, ...]:
        """U^ev of section 6: the events of another contract, up to the end of this evaluation."""
        return self.flows(terms, self.observed_of_parts, self.until)


class Logic(ABC):
    """What a contract type is: how it stands at its status date, and what is planned from there.

    A type whose events are not one walk over a plan (a swap of two legs) gives `events` itself.
    """

    def __init__(self, contract: Contract) -> None:
        """Binds the logic of the type to one contract."""
        self.contract = contract
        self.terms = contract.terms

    @abstractmethod
    def initial(self) -> State:
        """The state at the status date t0, the second table of the type's section."""

    @abstractmethod
    def plan(self) -> Iterable[Planned]:
        """Every event by its schedule, in any order, the first table of the type's section."""

    @property
    def exchange(self) -> datetime:
        """IED."""
        return self.terms.need(self.terms.initial_exchange_date, "initialExchangeDate")

    @property
    def notional(self) -> Decimal:
        """NT."""
        return self.terms.need(self.terms.notional_principal, "notionalPrincipal")

    def cyclic(self, time: datetime, kind: EventType) -> Planned:
        """An event of a schedule, moved by the business-day convention, with the functions named for its type."""
        payoff, transition = getattr(self, f"pof_{kind.lower()}", no_payoff), getattr(self, f"stf_{kind.lower()}")
        return self.contract.planned(self.contract.scheduled(time), kind, payoff, transition)

    def events(self) -> tuple[Event, ...]:
        """The events of the contract's life, evaluated in order; those before the purchase are not the creator's."""
        events, state = [], self.initial()
        for planned in sorted(self.plan(), key=lambda planned: planned.order):
            if self.is_in_life(planned):
                event = planned.after(state)
                state = event.state
                events.append(event)
        return tuple(event for event in events if self.is_owned(event))

    def is_in_life(self, planned: Planned) -> bool:
        """Whether it is after the status date, and not after t^max or the termination (section 2.9)."""
        return self.is_within(*planned.order[:2])

    def is_within(self, time: datetime, sequence: int) -> bool:
        """Whether that place is in the life of the contract; an analysis is made at the status date too."""
        started, sold = self.terms.status_date, self.terms.termination_date
        if time < started or (time == started and sequence != EventType.AD.sequence):
            return False
        if self.contract.until is not None and time > self.contract.until:
            return False
        return sold is None or (time, sequence) <= (sold, EventType.TD.sequence)

    def is_owned(self, event: Event) -> bool:
        """Whether it is the creator's, which those before the purchase are not."""
        bought = self.terms.purchase_date
        return bought is None or event.order >= (bought, EventType.PRD.sequence)

    def of_life(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Of the events of its parts, in that order, those that are told of the contract itself."""
        return tuple(event for event in events if self.is_within(*event.order) and self.is_owned(event))
