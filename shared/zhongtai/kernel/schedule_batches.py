"""Schedules of many loans at once, each with dates, a rate and a term of its own, exact to the minor unit.

What one loan gets is what `schedule.repayment_schedule` gives it; a property test holds the two together. The loans of
a batch share how they repay and how days count. Amounts are whole numbers in float64 and every rounding is proven, as
in `schedule_columns`, which is faster for loans of one day and term; what cannot be proven, and what the scalar
refuses, goes to the scalar. Loans stand in order of the instalments they have, so that each step looks only at those
that still run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount, checked_rate
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import Amortisation, Instalment, repayment_schedule

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

EXACT = 2**52
# A level this near to a half, relative to it, is worked out exactly: far above what the recursion in floats loses.
_NEAR = 1e-11
# Of how many parts a year has, as whole numbers: a day of a leap year is one of 366, others are one of 365.
_YEARS = {DayCount.ACT_365: 365, DayCount.ACT_360: 360, DayCount.THIRTY_E_360: 360, DayCount.ACT_ACT: 365 * 366}


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides the schedule of one loan of a batch: `principal` in minor units is what remains to be repaid.

    `elapsed_months` of the `term_months` are over: the schedule is that of the months that remain.
    """

    principal: int
    nominal_interest_rate: Decimal
    term_months: int
    start: date
    elapsed_months: int = 0


@dataclass(frozen=True, slots=True)
class Schedules:
    """The instalments of a batch, one loan after the other: those of loan i stand from `first[i]` to `first[i + 1]`.

    Amounts are minor units, `due` are days. A loan that is refused has none.
    """

    first: Integers
    due: Days
    principal: Integers
    interest: Integers
    refusals: dict[int, Refusal]


def schedules(loans: Sequence[Terms], day_count: DayCount, amortisation: Amortisation) -> Schedules:
    """The schedules of loans that repay and count days alike; the refusal of each that the scalar refuses."""
    batch = _Batch(loans, day_count, amortisation)
    principal, interest, sound = batch.parts(amortisation)
    counts = batch.counts.copy()
    alone: dict[int, Sequence[Instalment]] = {}
    refusals: dict[int, Refusal] = {}
    for column in np.flatnonzero(~sound).tolist():
        place = int(batch.order[column])
        try:
            alone[place] = _scalar(loans[place], day_count, amortisation)
        except Refusal as refusal:
            refusals[place] = refusal
            counts[column] = 0
    by_place = np.argsort(batch.order)
    running = np.arange(len(principal))[None, :] < counts[by_place][:, None]
    first = np.concatenate(([0], np.cumsum(counts[by_place])))
    found = Schedules(
        first=first,
        due=batch.dates[1:, by_place].T[running],
        principal=principal[:, by_place].T[running].astype(np.int64),
        interest=interest[:, by_place].T[running].astype(np.int64),
        refusals=refusals,
    )
    for place, instalments in alone.items():
        at = slice(first[place], first[place + 1])
        found.principal[at] = [one.principal.minor_units for one in instalments]
        found.interest[at] = [one.interest.minor_units for one in instalments]
    return found


def _scalar(loan: Terms, day_count: DayCount, amortisation: Amortisation) -> Sequence[Instalment]:
    return repayment_schedule(
        # The currency decides nothing of a schedule in minor units.
        principal=Money("CNY", loan.principal),
        nominal_interest_rate=loan.nominal_interest_rate,
        term_months=loan.term_months,
        start=loan.start,
        day_count=day_count,
        amortisation=amortisation,
        elapsed_months=loan.elapsed_months,
    )


class _Batch:
    """The loans in order of their instalments, the most first; `parts` of a year (months, n) as whole numbers."""

    def __init__(self, loans: Sequence[Terms], day_count: DayCount, amortisation: Amortisation) -> None:
        single = amortisation is Amortisation.BULLET
        counts = np.array([1 if single else one.term_months - one.elapsed_months for one in loans], dtype=np.int64)
        self.order = np.argsort(-counts, kind="stable")
        self.counts = counts[self.order]
        chosen = [loans[place] for place in self.order]
        self.principal = np.array([one.principal for one in chosen], dtype=np.float64)
        months = int(self.counts[0])
        # How many loans have an instalment of each number; those are the first ones.
        self.running = np.searchsorted(-self.counts, -np.arange(1, months + 2), side="right")
        self.dates = _dates(chosen, months, single=single)
        self.periods = _periods(self.dates, day_count)
        rates = {one.nominal_interest_rate: checked_rate(one.nominal_interest_rate) for one in chosen}
        fractions = [rates[one.nominal_interest_rate] for one in chosen]
        self.numerators = np.array([one.numerator for one in fractions], dtype=np.float64)
        self.units = np.array([one.denominator for one in fractions], dtype=np.float64) * _YEARS[day_count]
        widest = self.periods.max(axis=0)
        self.provable = (self.principal * self.numerators * widest < EXACT) & (self.units < EXACT)

    def parts(self, amortisation: Amortisation) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """What each instalment repays and bears, (months, n), and whether it is proven to be what the scalar gives."""
        if amortisation is Amortisation.EQUAL_INSTALMENT:
            repaid, sound = self._level_parts()
        else:
            repaid, sound = self._given_parts(amortisation)
        interest = np.zeros_like(repaid)
        balance = self.principal.copy()
        for month in range(len(repaid)):
            runs = slice(0, self.running[month])
            interest[month, runs] = self._interest(balance, month, runs)
            balance[runs] -= repaid[month, runs]
            sound[runs] &= repaid[month, runs] + interest[month, runs] > 0
        return repaid, interest, sound & self.provable & (balance == 0)

    def _interest(self, balance: Floats, month: int, runs: slice) -> Floats:
        interest: Floats = balance[runs] * self.numerators[runs] * self.periods[month, runs] / self.units[runs]
        return np.rint(interest, out=interest)

    def _given_parts(self, amortisation: Amortisation) -> tuple[Floats, NDArray[np.bool_]]:
        """Equal parts, or all with the last."""
        months, count = len(self.periods), len(self.principal)
        repaid = np.zeros((months, count))
        last = self.counts - 1
        part = np.zeros(count)
        if amortisation is Amortisation.EQUAL_PRINCIPAL:
            whole = self.principal.astype(np.int64)
            part, rest = np.divmod(whole, self.counts)
            up = (2 * rest > self.counts) | ((2 * rest == self.counts) & (part % 2 == 1))
            part = (part + up).astype(np.float64)
            repaid[:] = np.where(np.arange(months)[:, None] < last, part, 0)
        repaid[last, np.arange(count)] = self.principal - part * last
        sound = repaid[last, np.arange(count)] > 0
        return repaid, sound & ((part > 0) | (amortisation is not Amortisation.EQUAL_PRINCIPAL) | (last == 0))

    def _level_parts(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The parts under the level total whose last total differs least from it, or under a neighbour of it."""
        level, sure = self._levels()
        repaid, difference, sound = self._under(level)
        # A higher level leaves at least one minor unit less after each instalment, so the differences fall by the
        # months at least: a neighbour can only be nearer on the side of the sign, and not where that is within half.
        near = 2 * np.abs(difference) <= self.counts
        if not near[sound].all():
            beside, beside_difference, beside_sound = self._under(np.where(near, level, level + np.sign(difference)))
            better = ~near & beside_sound & (np.abs(beside_difference) < np.abs(difference))
            sound &= near | beside_sound
            repaid[:, better] = beside[:, better]
        return repaid, sound & sure

    def _levels(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The level of each loan, rounded, and whether that is sure: not too near to a half."""
        yearly = self.numerators / self.units
        grown, paid = self.principal.copy(), np.zeros(len(self.principal))
        for month, parts in enumerate(self.periods):
            runs = slice(0, self.running[month])
            factor = 1 + yearly[runs] * parts[runs]
            grown[runs] *= factor
            paid[runs] = paid[runs] * factor + 1
        grown /= paid
        level: Floats = np.rint(grown)
        return level, np.abs(grown - level) < 0.5 - _NEAR * grown - _NEAR

    def _under(self, level: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """What each instalment repays under a level, by how much the last total is above it, and whether all repay."""
        repaid = np.zeros((len(self.periods), len(level)))
        balance, difference = self.principal.copy(), np.zeros(len(level))
        sound = np.ones(len(level), dtype=np.bool_)
        for month in range(len(repaid)):
            runs, goes_on = slice(0, self.running[month]), slice(0, self.running[month + 1])
            ends = slice(self.running[month + 1], self.running[month])
            interest = self._interest(balance, month, runs)
            repaid[month, goes_on] = level[goes_on] - interest[goes_on]
            repaid[month, ends] = balance[ends]
            difference[ends] = balance[ends] + interest[ends] - level[ends]
            balance[runs] -= repaid[month, runs]
            sound[runs] &= repaid[month, runs] > 0
        return repaid, difference, sound


def _dates(loans: Sequence[Terms], months: int, *, single: bool) -> Days:
    """The days each period begins or ends on, (months + 1, n): the day of the month of the start, or the last one."""
    starts = np.array([one.start for one in loans], dtype="M8[D]")
    begun = np.array([one.elapsed_months for one in loans], dtype=np.int64)
    later = begun + np.arange(months + 1)[:, None]
    if single:
        later[1] = [one.term_months for one in loans]
    begin = starts.astype("M8[M]")
    of_month = (starts - begin.astype("M8[D]")).astype(np.int64)
    month = begin + later
    first = month.astype("M8[D]")
    length = ((month + 1).astype("M8[D]") - first).astype(np.int64)
    found: Days = first + np.minimum(of_month, length - 1)
    return found


def _periods(dates: Days, day_count: DayCount) -> Floats:
    """The periods between the dates, in parts of `_YEARS`."""
    if day_count is DayCount.THIRTY_E_360:
        month = dates.astype("M8[M]")
        of_month = (dates - month.astype("M8[D]")).astype(np.int64) + 1
        clock = 30 * month.astype(np.int64) + np.minimum(of_month, 30)
    else:
        clock = dates.astype(np.int64)
    if day_count is DayCount.ACT_ACT:
        year = dates.astype("M8[Y]")
        number = year.astype(np.int64) + 1970
        is_leap = (number % 4 == 0) & ((number % 100 != 0) | (number % 400 == 0))
        before = number - 1
        leap_years = before // 4 - before // 100 + before // 400
        leap = 366 * leap_years + np.where(is_leap, (dates - year.astype("M8[D]")).astype(np.int64), 0)
        clock = 365 * leap + 366 * (clock - leap)
    found: Floats = np.diff(clock, axis=0).astype(np.float64)
    return found
