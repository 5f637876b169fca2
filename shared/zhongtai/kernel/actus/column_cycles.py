"""When things happen to the contracts of a group: their cycles, and the moments of all their events in order.

Arrays have the shape (times, contracts). `cycles.py` and `contract.py` say the same of one contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import EventType, ScalingEffect
from zhongtai.kernel.actus.column_days import NEVER, DayCount, Days, Flags, calculated, schedule, shifted
from zhongtai.kernel.actus.observed import MarketNotObserved
from zhongtai.kernel.actus.portfolio import Group, Numbers, datetime_of, day_number
from zhongtai.kernel.actus.schedules import Cycle

Markets = Mapping[str, tuple[tuple[datetime, Decimal], ...]]

# A planned event is one number, so that sorting numbers sorts events: its day, the place of its type among the events
# of an instant, whether it comes behind that type, and how far its schedule day and its accrual day lie from its day.
# No convention moves a day by eight.
_BIAS = 1 << 20
_APART = 8
_DAY, _SEQUENCE, _CODE, _SCHEDULED = 14, 9, 8, 4
KINDS = tuple(EventType)
IDLE = len(KINDS)
_NEVER_KEY = (NEVER + _BIAS) << _DAY
NOTHING = _NEVER_KEY | 2 * IDLE << _CODE | _APART << _SCHEDULED | _APART


@dataclass(frozen=True)
class Moments:
    """The events of a group in order: day, type as its place in `KINDS`, schedule day, accrual day.

    Behind a contract's last event `happens` is False and the type `IDLE`.
    """

    time: Days
    kind: Days
    scheduled: Days
    calculated: Days
    happens: Flags


class ColumnCycles:
    """The times of a group before any shift, from the exchange on."""

    def __init__(self, group: Group, markets: Markets) -> None:
        """Binds the conventions of the group."""
        self.group, self.terms, self.markets = group, group.pattern, markets
        self._series: dict[str, tuple[Days, Numbers]] = {}
        self.sign = self.terms.contract_role.sign
        self.exchange = group.days("initial_exchange_date")
        self.status = group.days("status_date")
        convention = self.terms.need(self.terms.day_count_convention, "dayCountConvention")
        self.day_count = DayCount(convention, self.terms.calendar)

    @cached_property
    def maturity(self) -> Days:
        """Md at t0."""
        return self.group.days("maturity_date")

    @cached_property
    def interest_times(self) -> Days:
        """IP by its cycle up to the maturity."""
        if not self.group.told("nominal_interest_rate"):
            return self.none
        return self.interest_cycle(with_end=True) if self.has_interest_cycle else self.maturity[np.newaxis]

    @property
    def has_interest_cycle(self) -> bool:
        """Whether IPANX or IPCL is told."""
        is_anchored = self.group.told("cycle_anchor_date_of_interest_payment")
        return is_anchored or self.terms.cycle_of_interest_payment is not None

    def interest_cycle(self, *, with_end: bool) -> Days:
        """The cycle of interest, which starts at the exchange where no anchor is told."""
        if not self.has_interest_cycle:
            return self.none
        field = "cycle_anchor_date_of_interest_payment"
        anchor = self.group.days(field) if self.group.told(field) else self.exchange
        return self.from_exchange(anchor, self.terms.cycle_of_interest_payment, self.maturity, with_end=with_end)

    @cached_property
    def fee_times(self) -> Days:
        """FP by its cycle, where there is a fee."""
        if not self.group.told("fee_rate"):
            return self.none
        times = self.times("cycle_anchor_date_of_fee", self.terms.cycle_of_fee, with_end=True)
        return np.where(self.group.numbers("fee_rate") != 0, times, NEVER)

    @cached_property
    def rate_times(self) -> Days:
        """RR and RRF by their cycle."""
        return self.times("cycle_anchor_date_of_rate_reset", self.terms.cycle_of_rate_reset, with_end=False)

    @cached_property
    def scaling_times(self) -> Days:
        """SC by its cycle."""
        if self.terms.scaling_effect is ScalingEffect.NONE:
            return self.none
        return self.times("cycle_anchor_date_of_scaling_index", self.terms.cycle_of_scaling_index, with_end=False)

    @property
    def events_a_day(self) -> float:
        """About how many events a contract has for each day it lives."""
        terms = self.terms
        cycles = (
            terms.cycle_of_fee,
            terms.cycle_of_interest_calculation_base,
            terms.cycle_of_interest_payment,
            terms.cycle_of_principal_redemption,
            terms.cycle_of_rate_reset,
            terms.cycle_of_scaling_index,
        )
        return sum(1 / (30 * cycle.period.months + cycle.period.days) for cycle in cycles if cycle is not None)

    @property
    def none(self) -> Days:
        """No times."""
        return np.empty((0, len(self.group)), dtype=np.int64)

    def times(self, anchor: str, cycle: Cycle | None, *, with_end: bool) -> Days:
        """S(s, c, Md) from the exchange on; a cycle without an anchor begins one cycle after the exchange."""
        if self.group.told(anchor):
            return self.from_exchange(self.group.days(anchor), cycle, self.maturity, with_end=with_end)
        if cycle is None:
            return self.none
        found = self.from_exchange(self.exchange, cycle, self.maturity, with_end=with_end)
        return np.where(found > self.exchange, found, NEVER)

    def from_exchange(self, anchor: Days, cycle: Cycle | None, end: Days, *, with_end: bool) -> Days:
        """S(s, c, T) without what lies before the exchange."""
        found = schedule(anchor, cycle, end, self.terms.end_of_month_convention, with_end=with_end)
        if (anchor >= self.exchange).all() and (end >= self.exchange).all():
            return found
        return np.where(found >= self.exchange, found, NEVER)

    def moved(self, days: Days) -> Days:
        """Where the business-day convention moves events."""
        return shifted(days, self.terms.business_day_convention, self.terms.calendar)

    def accrual_days(self, days: Days) -> Days:
        """The days accruals of those schedule days run to."""
        return calculated(days, self.terms.business_day_convention, self.terms.calendar)

    def fraction(self, start: Days, end: Days) -> Numbers:
        """Y(s, t); nothing where the end is before the start."""
        passed = self.day_count.serial_end(end, self.maturity) - self.day_count.serial(start)
        years: Numbers = np.maximum(passed, 0) / self.day_count.basis
        return years

    def cyclic(self, times: Days, kind: EventType, behind: EventType | None = None) -> Days:
        """The keys of events of a schedule, moved by the convention; `behind` as `Planned.after_type`."""
        return _keys(self.moved(times), times, self.accrual_days(times), kind, behind)

    def exactly(self, times: Days, kind: EventType) -> Days:
        """The keys of events no convention moves, though accruals run to where it would."""
        return _keys(times, times, self.accrual_days(times), kind, None)[np.newaxis]

    def moments(self, plan: Sequence[Days], until: datetime | None) -> Moments:
        """Puts the keys of a plan in order, without what is not after the status date, after t^max or TD."""
        keys = np.concatenate(plan)
        keys[keys < (self.status + 1 + _BIAS) << _DAY] = NOTHING
        if until is not None:
            keys[keys >= (day_number(until) + 1 + _BIAS) << _DAY] = NOTHING
        if self.group.told("termination_date"):
            sold = self.group.days("termination_date") + _BIAS << _DAY - _SEQUENCE | EventType.TD.sequence
            keys[keys >> _SEQUENCE > sold] = NOTHING
        # Each contract's events are sorted side by side in memory, and walked one event of all contracts after another.
        keys = np.sort(np.ascontiguousarray(keys.T), axis=1)
        happens = keys < _NEVER_KEY
        keys = np.where(happens, keys, NOTHING)[:, : int(happens.sum(axis=1).max(initial=0))]
        keys = np.ascontiguousarray(keys.T)
        day = (keys >> _DAY) - _BIAS
        low = (1 << _SCHEDULED) - 1
        return Moments(
            time=day,
            kind=_OWN_KIND[keys >> _CODE & 63],
            scheduled=day + (keys >> _SCHEDULED & low) - _APART,
            calculated=day + (keys & low) - _APART,
            happens=keys < _NEVER_KEY,
        )

    def bought(self, moments: Moments) -> Flags:
        """What happens to the creator: not what lies before the purchase."""
        if not self.group.told("purchase_date"):
            return moments.happens
        order = moments.time * len(KINDS) + moments.kind
        return moments.happens & (order >= self.group.days("purchase_date") * len(KINDS) + EventType.PRD.sequence)

    def observed(self, field: str, name: str, days: Days) -> Numbers:
        """O^rf of the market object a term names: its last values at or before those days. `MarketNotObserved`."""
        code = self.terms.need(getattr(self.terms, field), name)
        known, values = self.series(code)
        place = np.searchsorted(known, days, side="right")
        if not place.all():
            raise MarketNotObserved(market_object=code, time=datetime_of(int(days[place == 0].min())))
        return values[place - 1]

    def series(self, code: str) -> tuple[Days, Numbers]:
        """The days a market object is known anew and its values; what is seen within a day is known at its end."""
        if code not in self._series:
            rows = self.markets.get(code, ())
            known = np.array([day_number(seen) + (seen.time() > time()) for seen, _ in rows], dtype=np.int64)
            self._series[code] = known, np.array([value for _, value in rows], dtype=np.float64)
        return self._series[code]


def _keys(day: Days, scheduled: Days, calculated: Days, kind: EventType, behind: EventType | None) -> Days:
    code = 2 * (behind or kind).sequence + (behind is not None)
    keys = (day + _BIAS << _DAY) + (code << _CODE | _APART << _SCHEDULED | _APART)
    if scheduled is not day:
        keys += scheduled - day << _SCHEDULED
    if calculated is not day:
        keys += calculated - day
    return keys


# What comes behind another type is the PRF of a reset.
_OWN_KIND = np.array([EventType.PRF.sequence if code % 2 else code // 2 for code in range(64)], dtype=np.int64)
