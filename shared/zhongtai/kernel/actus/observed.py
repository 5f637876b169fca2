"""The risk-factor observer of section 5: what the outside world is said to be, as plain values."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from zhongtai.kernel.actus.codes import ContractPerformance, EventType
from zhongtai.kernel.refusals import Missing


class MarketNotObserved(Missing):
    """Nothing is observed of {market_object} at or before {time}: add it to the observed data.

    {time}或之前没有{market_object}的观测值：请补充观测数据。
    """

    market_object: str
    time: datetime


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """An event no contract schedules: a prepayment, an exercise, a credit event.

    `contract_id` is empty for the contract evaluated; `value` is in units of its currency; `performance` is told by
    credit events.
    """

    time: datetime
    type: EventType
    value: Decimal = Decimal(0)
    contract_id: str = ""
    performance: ContractPerformance | None = None


@dataclass(frozen=True)
class Observed:
    """Market objects as ascending (time, value) rows by their code, and observed events."""

    markets: Mapping[str, tuple[tuple[datetime, Decimal], ...]] = field(default_factory=dict)
    events: tuple[ObservedEvent, ...] = ()

    def rate(self, market_object: str, time: datetime) -> Decimal:
        """O^rf(i, t): the last value at or before the time. Raises `MarketNotObserved`."""
        rows = self.markets.get(market_object, ())
        place = bisect_right(rows, time, key=lambda row: row[0])
        if not place:
            raise MarketNotObserved(market_object=market_object, time=time)
        return rows[place - 1][1]

    def events_of(self, contract_id: str, *types: EventType) -> tuple[ObservedEvent, ...]:
        """O^ev(i, k, t): the events of those types that name the contract or no contract, ascending."""
        named = (event for event in self.events if event.contract_id in ("", contract_id) and event.type in types)
        return tuple(sorted(named, key=lambda event: event.time))
