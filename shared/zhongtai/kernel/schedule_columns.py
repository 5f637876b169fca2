"""Schedules of equal instalments (等额本息) of many loans at once, in columns, exact to the minor unit.

What one loan gets is what `schedule.repayment_schedule` gives it; a property test holds the two together. Loans of one
call share their due dates; principals and rates are their own. Amounts are whole numbers in float64, and every rounding
is proven: where N = balance × growth is below 2^52, N ÷ unit is rounded correctly by IEEE 754, cannot fall on a half
that it is not, and a half is exact, so that the even one is taken. What is beyond, and what the scalar refuses, goes to
the scalar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount, checked_rate
from zhongtai.kernel.schedule import Amortisation, Instalment, months_later, repayment_schedule

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# So many loans at a time stay in the fastest memory.
BLOCK = 4_096
EXACT = 2**52
# A level this near to a half, relative to it, is worked out exactly: far above what the recursion in floats loses.
_NEAR = 1e-11


@dataclass(frozen=True)
class Schedules:
    """Instalments in minor units: `level` (n,) is every total but the last, `principal` (months, n) what each repays.

    `last_interest` (n,) is the interest of the last; that of the others is the level less the principal.
    """

    level: Integers
    principal: Integers
    last_interest: Integers

    @classmethod
    def of(cls, months: int, count: int) -> "Schedules":
        """Room for so many."""
        return cls(np.empty(count, np.int64), np.empty((months, count), np.int64), np.empty(count, np.int64))

    def part(self, places: slice) -> "Schedules":
        """The same room, of some of them."""
        return Schedules(self.level[places], self.principal[:, places], self.last_interest[places])

    def set(self, instalments: Sequence[Instalment]) -> None:
        """Writes the one schedule there is room for."""
        self.level[:] = instalments[0].total.minor_units
        self.principal[:, 0] = [one.principal.minor_units for one in instalments]
        self.last_interest[:] = instalments[-1].interest.minor_units

    @property
    def interest(self) -> Integers:
        """The interest of each instalment, (months, n)."""
        interest = self.level - self.principal
        interest[-1] = self.last_interest
        return interest


def equal_instalments(
    principal: Integers,
    rates: Sequence[Decimal],
    rate_of: NDArray[np.integer],
    *,
    term_months: int,
    start: date,
    day_count: DayCount,
    out: Schedules | None = None,
) -> Schedules:
    """The schedules of loans paid out on one day: `principal` (n,) in minor units, `rate_of` (n,) rows of `rates`.

    `out` is filled where it is given: memory that is in use already is worth more than the arithmetic.
    Raises what `repayment_schedule` raises for the first loan that it refuses.
    """
    dates = [start, *(months_later(start, month) for month in range(1, term_months + 1))]
    periods = [day_count.year_fraction(*period) for period in pairwise(dates)]
    year = lcm(*(period.denominator for period in periods))
    parts = [int(period * year) for period in periods]
    yearly = [checked_rate(rate) for rate in rates]
    numerators = np.array([rate.numerator for rate in yearly], dtype=np.float64)
    units = np.array([rate.denominator * year for rate in yearly], dtype=np.float64)
    count = len(principal)
    found = out or Schedules.of(term_months, count)
    kept = np.empty((term_months, min(BLOCK, count)))
    for first in range(0, count, BLOCK):
        part = slice(first, min(first + BLOCK, count))
        growths = _Growths(numerators[rate_of[part]], units[rate_of[part]], parts)
        doubtful = _block(principal[part], growths, kept[:, : part.stop - first], found.part(part))
        for place in (first + doubtful).tolist():
            instalments = repayment_schedule(
                # The currency decides nothing of a schedule in minor units.
                principal=Money("CNY", int(principal[place])),
                nominal_interest_rate=rates[int(rate_of[place])],
                term_months=term_months,
                start=start,
                day_count=day_count,
                amortisation=Amortisation.EQUAL_INSTALMENT,
            )
            found.part(slice(place, place + 1)).set(instalments)
    return found


@dataclass(frozen=True)
class _Growths:
    """How balances grow: by numerator ÷ unit (n,) in each of the parts of a year that a period has."""

    numerators: Floats
    units: Floats
    parts: Sequence[int]

    def of(self, places: NDArray[np.intp]) -> "_Growths":
        """Those of some loans."""
        return _Growths(self.numerators[places], self.units[places], self.parts)


def _block(principal: Integers, growths: _Growths, kept: Floats, found: Schedules) -> NDArray[np.intp]:
    """Writes the schedules of a block; answers the places in it that only the scalar can tell."""
    owed = principal.astype(np.float64)
    parts = growths.parts
    level, exactly = _levels(owed, growths.numerators / growths.units, parts)
    difference, sound = _simulate(owed, level, growths, kept)
    sound &= exactly & (owed * growths.numerators * max(parts) < EXACT) & (growths.units < EXACT)
    # A higher level leaves at least one minor unit less after each instalment, so the differences fall by the months
    # at least: a neighbour can only be nearer on the side of the sign, and not where the difference is within half.
    other = np.flatnonzero(sound & (2 * np.abs(difference) > len(parts)))
    if len(other):
        beside = level[other] + np.sign(difference[other])
        kept_beside = np.empty((len(parts), len(other)))
        found_there, sound_there = _simulate(owed[other], beside, growths.of(other), kept_beside)
        better = sound_there & (np.abs(found_there) < np.abs(difference[other]))
        sound[other[~sound_there]] = False
        chosen = other[better]
        level[chosen], difference[chosen] = beside[better], found_there[better]
        kept[:, chosen] = kept_beside[:, better]
    found.level[:], found.principal[:], found.last_interest[:] = level, kept, difference + level - kept[-1]
    return np.flatnonzero(~sound)


def _levels(owed: Floats, yearly: Floats, parts: Sequence[int]) -> tuple[Floats, NDArray[np.bool_]]:
    """The level of each loan, rounded, and whether that is sure: not too near to a half."""
    grown, paid = owed.copy(), np.zeros(len(owed))
    factor, before = 1 + yearly * parts[0], parts[0]
    for part in parts:
        if part != before:
            factor, before = 1 + yearly * part, part
        grown *= factor
        paid *= factor
        paid += 1
    grown /= paid
    level: Floats = np.rint(grown)
    return level, np.abs(grown - level) < 0.5 - _NEAR * grown - _NEAR


def _simulate(owed: Floats, level: Floats, growths: _Growths, kept: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Writes what each instalment repays under a level; answers by how much the last total is above the level.

    And whether it is a schedule at all: the first instalment repays something, then all do, and the last has a rest.
    """
    balance, interest = owed.copy(), np.empty(len(owed))
    for row, part in enumerate(growths.parts):
        np.multiply(balance, growths.numerators, out=interest)
        if part != 1:
            interest *= part
        interest /= growths.units
        np.rint(interest, out=interest)
        if row < len(kept) - 1:
            np.subtract(level, interest, out=kept[row])
            balance -= kept[row]
    kept[-1] = balance
    return balance + interest - level, (kept[0] > 0) & (balance > 0) & (balance + interest > 0)
