"""What a contract type is in columns: how a group of contracts stands, what is planned, and the walk over its plan.

`contract.py` says the same of one contract. Arrays of events have the shape (events, contracts).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import BusinessDayConvention, Calendar, ContractType, EventType
from zhongtai.kernel.actus.columnar.days import NEVER, Days, Flags, calculated, shifted
from zhongtai.kernel.actus.columnar.moments import (
    IDLE,
    KINDS,
    NOTHING,
    ORDINALS_MAX,
    PROBE,
    Kinds,
    Moments,
    Place,
    after,
    before,
    keys,
)
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers, TermNotColumnar, datetime_of, day_number
from zhongtai.kernel.actus.observed import MarketNotObserved

Markets = Mapping[str, tuple[tuple[datetime, Decimal], ...]]
Rows = slice | NDArray[np.int64]
Payoff = Numbers | float
Names = NDArray[np.str_]

# What each place of `Moments.kind` is evaluated by; nobody evaluates what does not happen.
_METHODS = (*(kind.lower() for kind in KINDS), "idle", "probe")
_PURCHASE = EventType.PRD.sequence


class Step(NamedTuple):
    """An event of some contracts of a group, as an index into arrays of moments."""

    number: int
    rows: Rows


@dataclass(frozen=True)
class Setting:
    """What a group is evaluated in: the markets, the day t^max, and what every type is, for types made of others."""

    markets: Markets
    until: int | None
    types: Mapping[ContractType, type["ColumnLogic"]]
    series: dict[str, tuple[Days, Numbers]] = field(default_factory=dict)

    def logic(self, group: Group, probes: Days | None = None) -> "ColumnLogic":
        """The logic of a group; `probes` are days to look at its states, of the shape (looks, contracts)."""
        return self.types[group.pattern.contract_type](group, self, probes)

    def observed(self, code: str, days: Days) -> Numbers:
        """O^rf of a market object: its last values at or before those days. Raises `MarketNotObserved`."""
        known, values = self._series(code)
        place = np.searchsorted(known, days, side="right")
        if not place.all():
            raise MarketNotObserved(market_object=code, time=datetime_of(int(days[place == 0].min())))
        return values[place - 1]

    def _series(self, code: str) -> tuple[Days, Numbers]:
        """The days a market object is known anew and its values; what is seen within a day is known at its end."""
        if code not in self.series:
            rows = self.markets.get(code, ())
            known = np.array([day_number(seen) + (seen.time() > time()) for seen, _ in rows], dtype=np.int64)
            self.series[code] = known, np.array([value for _, value in rows], dtype=np.float64)
        return self.series[code]


class Standing(NamedTuple):
    """How contracts stood at the looks taken at them, of the shape (looks, contracts); zero where there was none."""

    notional: Numbers
    accrued: Numbers


class Exercise(NamedTuple):
    """Xd, `NEVER` where it is undefined, and Xa, after each event."""

    date: Days
    amount: Numbers


class Walked(NamedTuple):
    """What became of a group, each array (events, contracts); `told` are the events that are the creator's."""

    time: Days
    kind: Kinds
    told: Flags
    payoff: Numbers
    currency: Names
    notional: Numbers
    rate: Numbers
    accrued: Numbers
    exercise: Exercise | None = None


class ColumnLogic(ABC):
    """A type in columns: `begin` sets the states, `plan` gives the numbers of all events, a method for each type of
    event changes the states of the contracts that have one now and answers what it pays.
    """

    has_exercise: ClassVar[bool] = False

    def __init__(self, group: Group, setting: Setting, probes: Days | None = None) -> None:
        """Binds the terms and conventions of a group."""
        self.group, self.terms, self.setting, self.probes = group, group.pattern, setting, probes
        self.sign = self.terms.contract_role.sign
        self.status = group.days("status_date")
        self.until = None if setting.until is None else np.full(len(group), setting.until, dtype=np.int64)
        self._carried: list[Numbers] = []

    # The walk

    def walk(self) -> Walked:
        """Evaluates the group: the first events of all contracts, then their second ones, and so on."""
        self.moments_now = moments = self.moments()
        self.notional, self.rate, self.accrued = (np.zeros(len(self.group)) for _ in range(3))
        self.exercise_date = np.full(len(self.group), NEVER)
        self.exercise_amount = np.zeros(len(self.group))
        self.standing = Standing(*(np.zeros(() if self.probes is None else self.probes.shape) for _ in range(2)))
        self.begin()
        shape = moments.keys.shape
        payoff, notional, rate, accrued = (np.empty(shape) for _ in range(4))
        exercise = Exercise(np.empty(shape, np.int64), np.empty(shape)) if self.has_exercise else None
        for number, kinds in enumerate(moments.kind):
            for kind, rows in _by_kind(kinds):
                payoff[number, rows] = getattr(self, _METHODS[kind])(Step(number, rows))
            notional[number], rate[number], accrued[number] = self.notional, self.rate, self.accrued
            if exercise is not None:
                exercise.date[number], exercise.amount[number] = self.exercise_date, self.exercise_amount
        told = self.owned(moments.time, moments.kind, moments.happens & (moments.kind < IDLE))
        self.settle(payoff, moments)
        return Walked(moments.time, moments.kind, told, payoff, self.currencies(), notional, rate, accrued, exercise)

    @abstractmethod
    def begin(self) -> None:
        """Sets the states at t0, which are zero else."""

    @abstractmethod
    def plan(self) -> Iterator[Days]:
        """The numbers of all events by their schedules, each array (times, contracts)."""

    def plan_settlement(self) -> Iterator[Days]:
        """The numbers of what was called by t^max and is settled later."""
        yield from ()

    @property
    def days_alive(self) -> Days:
        """About how many days each contract has events."""
        return np.zeros(len(self.group), dtype=np.int64)

    @property
    def events_a_day(self) -> float:
        """About how many events a contract has on each of them."""
        return 0.0

    def ad(self, step: Step) -> Payoff:
        """STF_AD: what time brings."""
        return 0.0

    def ce(self, step: Step) -> Payoff:
        """STF_CE: as an analysis; performance is not told in columns."""
        return self.ad(step)

    def probe(self, step: Step) -> Payoff:
        """Notes how contracts stand without changing that."""
        rows = np.arange(len(self.group))[step.rows]
        look = self.moments_now.ordinal[step]
        self.standing.notional[look, rows] = self.notional[rows]
        self.standing.accrued[look, rows] = self.accrued_by(step)
        return 0.0

    def accrued_by(self, step: Step) -> Numbers:
        """Ipac with what was gained by the step."""
        return self.accrued[step.rows]

    # Moments

    def moments(self) -> Moments:
        """The plan in order, without what is not after the status date, after t^max or after the termination."""
        plan = [self._by_horizon(self._in_life(planned)) for planned in self.plan()]
        plan += [self._in_life(planned) for planned in self.plan_settlement()]
        if self.probes is not None:
            plan.append(self._planned_probes(self.probes))
        return Moments.of(plan, is_still=self.is_still)

    def _planned_probes(self, days: Days) -> Days:
        """Looks from the status date and the purchase on, behind everything else of their day, the termination too."""
        planned = self.exactly(days, EventType.AD, EventType.AD, self._ordinals(0, len(days)))
        np.putmask(planned, planned < before(self.status, EventType.AD), NOTHING)
        if self.group.told("purchase_date"):
            np.putmask(planned, planned < before(self.group.days("purchase_date"), EventType.PRD), NOTHING)
        return planned

    def _in_life(self, planned: Days) -> Days:
        # An analysis, the last event of an instant, is made at the status date too.
        np.putmask(planned, planned < before(self.status, EventType.AD), NOTHING)
        if self.group.told("termination_date"):
            sold = after(self.group.days("termination_date"), EventType.TD)
            np.putmask(planned, planned >= sold, NOTHING)
        return planned

    def _by_horizon(self, planned: Days) -> Days:
        if self.until is not None:
            np.putmask(planned, planned >= before(self.until + 1, KINDS[0]), NOTHING)
        return planned

    def owned(self, days: Days, kinds: Kinds, told: Flags) -> Flags:
        """Of those events the creator's: none before the purchase."""
        if not self.group.told("purchase_date"):
            return told
        order = days * len(_METHODS) + kinds
        return told & (order >= self.group.days("purchase_date") * len(_METHODS) + _PURCHASE)

    @cached_property
    def is_still(self) -> bool:
        """Whether no convention moves a day."""
        terms = self.terms
        return terms.business_day_convention is BusinessDayConvention.NOS or terms.calendar is Calendar.NC

    def moved(self, days: Days) -> Days:
        """Where the business-day convention moves events."""
        return shifted(days, self.terms.business_day_convention, self.terms.calendar)

    def accrual_days(self, days: Days) -> Days:
        """The days accruals of those schedule days run to."""
        return calculated(days, self.terms.business_day_convention, self.terms.calendar)

    def cyclic(self, times: Days, kind: EventType, behind: EventType | None = None, ordinal: Days | int = 0) -> Days:
        """The numbers of events of a schedule, moved by the convention; `behind` as `Planned.after_type`."""
        return keys(self.moved(times), times, self.accrual_days(times), Place(kind, behind, ordinal))

    def exactly(self, times: Days, kind: EventType, behind: EventType | None = None, ordinal: Days | int = 0) -> Days:
        """The numbers of events no convention moves, though accruals run to where it would."""
        return keys(times, times, self.accrual_days(times), Place(kind, behind, ordinal))

    def once(self, days: Days, kind: EventType) -> Days:
        """The numbers of an event each contract has once, on a day no convention moves."""
        return self.exactly(days[np.newaxis], kind)

    def seen(self, *kinds: EventType) -> Iterator[Days]:
        """The numbers of what is observed of those types and brings nothing along."""
        for kind in kinds:
            yield self.exactly(self.group.seen_of(kind).days, kind)

    # What an event brings along

    def carried(self, values: Numbers) -> Days:
        """Keeps values, a row of all contracts for each ordinal it answers, for the events planned with that."""
        first = sum(map(len, self._carried))
        self._carried.append(values)
        return self._ordinals(first, len(values))

    def _ordinals(self, first: int, many: int) -> Days:
        """Numbers for so many events of a kind. Raises `TermNotColumnar`."""
        if first + many > ORDINALS_MAX:
            raise TermNotColumnar(contract_type=self.terms.contract_type, name=f"more than {ORDINALS_MAX} events")
        return np.arange(first, first + many)[:, np.newaxis]

    @cached_property
    def _all_carried(self) -> Numbers:
        return np.concatenate(self._carried)

    def value(self, step: Step) -> Numbers:
        """What the events of the step brought along."""
        rows = np.arange(len(self.group))[step.rows]
        found: Numbers = self._all_carried[self.moments_now.ordinal[step], rows]
        return found

    # Markets and money

    def observed(self, field_name: str, name: str, days: Days) -> Numbers:
        """O^rf of the market object a term names. Raises `MarketNotObserved`, `TermMissing`."""
        code: str = self.terms.need(getattr(self.terms, field_name), name)
        return self.setting.observed(code, days)

    @property
    def payment_currency(self) -> str:
        """The currency payoffs are in: CURS, or CUR where that is undefined."""
        return self.terms.settlement_currency or self.terms.currency

    def currencies(self) -> Names:
        """The currency of each event."""
        return np.broadcast_to(np.array(self.payment_currency), self.moments_now.keys.shape)

    def settle(self, payoff: Numbers, moments: Moments) -> None:
        """X_CUR^CURS(t) of section 3.10 times the payoffs; what pays nothing needs no rate."""
        if self.payment_currency == self.terms.currency:
            return
        paying = moments.happens & (moments.kind < IDLE) & self.converted(moments)
        paying[paying] = payoff[paying] != 0
        code = f"{self.terms.currency}/{self.payment_currency}"
        payoff[paying] *= self.setting.observed(code, moments.scheduled[paying])

    def converted(self, moments: Moments) -> Flags:
        """Which events are paid in the settlement currency."""
        return np.ones(moments.keys.shape, dtype=np.bool_)


def _by_kind(kinds: Kinds) -> Iterator[tuple[int, Rows]]:
    """The types among the events of a step with the rows that have them; most often one type has them all."""
    first = int(kinds[0])
    if (kinds == first).all():
        yield first, slice(None)
        return
    for kind in np.flatnonzero(np.bincount(kinds, minlength=IDLE)):
        if kind != IDLE:
            yield int(kind), np.flatnonzero(kinds == kind)


assert len(_METHODS) == PROBE + 1, "every kind has a method"
