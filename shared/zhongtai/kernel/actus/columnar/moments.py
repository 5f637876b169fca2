"""The moments of a group's events: planned as numbers whose order is that of the events, and read out of them.

Arrays have the shape (events, contracts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import EventType
from zhongtai.kernel.actus.columnar.days import NEVER, Days, Flags

Kinds = NDArray[np.int8]

# From the lowest bits: how far the accrual day and the schedule day lie from the day (no convention moves one by
# eight), which of its kind the event is, whether it comes behind another type, the place of that type among the events
# of an instant, and the day.
_BIAS, _APART = 1 << 20, 8
_CALCULATED, _SCHEDULED, _ORDINAL, _CODE, _DAY = 0, 4, 8, 20, 26
_CODES, ORDINALS_MAX = 1 << _DAY - _CODE, 1 << _CODE - _ORDINAL

KINDS = tuple(EventType)
# Behind the types: nothing, and a look at how a contract stands once all events of a day are done, which is not told.
IDLE, PROBE = len(KINDS), len(KINDS) + 1

# What comes behind another type is the PRF of a reset, the IP of a call; behind an analysis, the look.
_OWN_KIND = np.array([IDLE if code // 2 > IDLE else code // 2 for code in range(_CODES)], dtype=np.int8)
for _behind, _kind in (
    (EventType.RR, EventType.PRF.sequence),
    (EventType.RRF, EventType.PRF.sequence),
    (EventType.XD, EventType.IP.sequence),
    (EventType.AD, PROBE),
):
    _OWN_KIND[2 * _behind.sequence + 1] = _kind


class Place(NamedTuple):
    """Of what type events are, whether they come behind another type, and which of their kind they are."""

    kind: EventType
    behind: EventType | None = None
    ordinal: Days | int = 0


def keys(day: Days, scheduled: Days, calculated: Days, place: Place) -> Days:
    """The numbers of events of one type."""
    kind, behind, ordinal = place
    code = 2 * (behind or kind).sequence + (behind is not None)
    found: Days = (day + _BIAS << _DAY) + (code << _CODE | _APART << _SCHEDULED | _APART)
    if scheduled is not day:
        found += scheduled - day << _SCHEDULED
    if calculated is not day:
        found += calculated - day
    return found + (ordinal << _ORDINAL) if not isinstance(ordinal, int) or ordinal else found


def after(day: Days | int, kind: EventType) -> Days | int:
    """The number that those of every event behind that type on that day reach, and no other."""
    return (day + _BIAS << _DAY) + (2 * kind.sequence + 2 << _CODE)


def before(day: Days | int, kind: EventType) -> Days | int:
    """The number that those of that type on that day and of every event behind it reach, and no other."""
    return (day + _BIAS << _DAY) + (2 * kind.sequence << _CODE)


_NEVER_KEY = NEVER + _BIAS << _DAY
NOTHING = _NEVER_KEY | 2 * IDLE << _CODE | _APART << _SCHEDULED | _APART


@dataclass(frozen=True)
class Moments:
    """The events of a group in order, each contract's first ones first; behind its last one the kind is `IDLE`.

    `is_still` tells that no convention moves anything.
    """

    keys: Days
    is_still: bool

    @classmethod
    def of(cls, plan: Sequence[Days], *, is_still: bool) -> "Moments":
        """Puts planned numbers in order; `NOTHING`, and what is planned never, comes last and is cut off."""
        planned = np.concatenate(plan)
        # Contracts that are alike have their events in one order most often, and rows need no sorting one by one.
        found = planned[np.argsort(planned[:, 0], kind="stable")] if planned.size else planned
        if (found[1:] < found[:-1]).any():
            found = np.ascontiguousarray(np.sort(np.ascontiguousarray(planned.T), axis=1).T)
        return cls(found[: int((found < _NEVER_KEY).any(axis=1).sum())], is_still)

    @cached_property
    def happens(self) -> Flags:
        """Whether there is an event."""
        return self.keys < _NEVER_KEY

    @cached_property
    def time(self) -> Days:
        """The days of the events."""
        return (self.keys >> _DAY) - _BIAS

    @cached_property
    def kind(self) -> Kinds:
        """Their types, as places in `KINDS`, or `IDLE`, or `PROBE`."""
        kinds: Kinds = _OWN_KIND.take(self.keys >> _CODE & _CODES - 1)
        return kinds if self.happens.all() else np.where(self.happens, kinds, np.int8(IDLE))

    @cached_property
    def scheduled(self) -> Days:
        """The days before any shift, on which markets are observed."""
        return self.time if self.is_still else self.time + self._apart(_SCHEDULED)

    @cached_property
    def calculated(self) -> Days:
        """The days accruals run to."""
        return self.time if self.is_still else self.time + self._apart(_CALCULATED)

    @cached_property
    def ordinal(self) -> Days:
        """Which of its kind each event is, where the plan told that."""
        return self.keys >> _ORDINAL & ORDINALS_MAX - 1

    def _apart(self, shift: int) -> Days:
        return (self.keys >> shift & (1 << _SCHEDULED) - 1) - _APART
