"""Contracts composed of others in columns: looks at their parts, and the events of several walks in one order.

Arrays have the shape (events, contracts).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import EventType, ReferenceRole
from zhongtai.kernel.actus.columnar.days import NEVER, Days
from zhongtai.kernel.actus.columnar.logic import ColumnLogic, Walked
from zhongtai.kernel.actus.columnar.portfolio import Group
from zhongtai.kernel.actus.columnar.simple import ColumnTraded
from zhongtai.kernel.actus.exchange import NETTED, UNTOLD_NET

# Room for the type of an event, for how often it repeats within a day, and for days before 1970.
_KINDS, _REPEATED, _BIAS = 32, 1 << 12, 1 << 20


def _places_of(kinds: Iterable[EventType]) -> NDArray[np.bool_]:
    """Whether each place of `Moments.kind` is one of those types."""
    found = np.zeros(_KINDS, dtype=np.bool_)
    found[[kind.sequence for kind in kinds]] = True
    return found


_IS_NETTED, _IS_UNTOLD_NET = _places_of(NETTED), _places_of(UNTOLD_NET)


class ColumnComposed(ColumnTraded):
    """A contract made of others, which are walked as groups of their own, row by row those of the contracts."""

    looked_at: ClassVar[tuple[EventType, ...]] = ()

    def part(self, role: ReferenceRole) -> Group:
        """The contracts in that role. Raises `TermMissing`."""
        return self.terms.need(self.group.parts_of(role)[0][1], "contractStructure")

    @cached_property
    def parts(self) -> list[ColumnLogic]:
        """Every part that is a contract."""
        return [self.setting.logic(part) for _, part in self.group.structure if part is not None]

    @property
    def days_alive(self) -> Days:
        """As the longest of its parts."""
        alive: Days = np.max([super().days_alive, *(part.days_alive for part in self.parts)], axis=0)
        return alive

    @property
    def events_a_day(self) -> float:
        """All those of its parts."""
        return sum(part.events_a_day for part in self.parts)

    def looks(self) -> Days | None:
        """When its parts are looked at: at its events of the types it says; None if there are none."""
        moments = self.moments_now
        is_looked_at = np.isin(moments.kind, [kind.sequence for kind in self.looked_at])
        return np.where(is_looked_at, moments.time, NEVER) if is_looked_at.any() else None

    def of_life(self, walked: Walked) -> Walked:
        """Of the events of its parts those that are told of the contract itself."""
        time, kind = walked.time, walked.kind
        told = walked.told & ((time > self.status) | ((time == self.status) & (kind == EventType.AD.sequence)))
        if self.until is not None:
            told &= time <= self.until
        if self.group.told("termination_date"):
            sold = self.group.days("termination_date") * _KINDS + EventType.TD.sequence
            told &= time * _KINDS + kind <= sold
        return walked._replace(told=self.owned(time, kind, told))


def together(walks: Sequence[Walked]) -> Walked:
    """The events of several walks in one order: by day and type, at one place those of the first walk first."""
    order = np.argsort(np.concatenate([_places(walked) for walked in walks]), axis=0, kind="stable")

    def sorted_together(name: str) -> Any:
        return np.take_along_axis(np.concatenate([getattr(walked, name) for walked in walks]), order, axis=0)

    return Walked(*map(sorted_together, Walked._fields[: -len(Walked._field_defaults)]))


def netted(first: Walked, second: Walked) -> tuple[Walked, Walked]:
    """What both walks pay, congruent events made one, which stands in the first."""
    first, second = (walk._replace(told=walk.told & ~_IS_UNTOLD_NET[walk.kind]) for walk in (first, second))
    (there, ours), (theirs, others) = (_congruence(walked) for walked in (first, second))
    _, left, right = np.intersect1d(ours, others, assume_unique=True, return_indices=True)
    one, other = there[left], theirs[right]
    is_same = first.currency.ravel()[one] == second.currency.ravel()[other]
    one, other = one[is_same], other[is_same]
    for name in ("payoff", "notional", "accrued"):
        getattr(first, name).ravel()[one] += getattr(second, name).ravel()[other]
    first.rate.ravel()[one] = 0
    told = second.told.copy()
    told.ravel()[other] = False
    return first, second._replace(told=told)


def _congruence(walked: Walked) -> tuple[Days, Days]:
    """The events that may be settled net, as places in the flat arrays, and what makes two of them congruent.

    That is contract, day and type, and the how manieth of a day it is, where a shift has put two on it.
    """
    instant = (walked.time + _BIAS) * _KINDS + walked.kind
    repeated = np.zeros(instant.shape, dtype=np.int64)
    for number in range(1, len(instant)):
        repeated[number] = np.where(instant[number] == instant[number - 1], repeated[number - 1] + 1, 0)
    contract = np.arange(instant.shape[1], dtype=np.int64) << 41
    there = np.flatnonzero(walked.told & _IS_NETTED[walked.kind])
    return there, (contract + instant * _REPEATED + repeated).ravel()[there]


def _places(walked: Walked) -> Days:
    """Numbers that order events: what its walk has behind a later type keeps behind it; what is not told is last."""
    places = np.full(walked.time.shape, np.iinfo(np.int64).max)
    day, reached = np.full(walked.time.shape[1:], -NEVER), np.zeros(walked.time.shape[1:], dtype=np.int64)
    for number, told in enumerate(walked.told):
        time, kind = walked.time[number], walked.kind[number].astype(np.int64)
        place = np.where(time == day, np.maximum(reached, kind), kind)
        places[number] = np.where(told, 2 * (time * _KINDS + place) + (kind < place), places[number])
        day, reached = np.where(told, time, day), np.where(told, place, reached)
    return places
