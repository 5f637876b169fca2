"""Rating migration (评级迁徙): which grade became which between two days.

Always true: every row of a matrix sums to exactly 1, and every customer who was rated on the first day is counted once.

It keeps a copy of the ratings as their events tell them, so that a late event is still told to the day it happened on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from zhongtai.kernel.refusals import Invalid

NOT_RATED = "NR"
# Shares are told in billionths; what rounding leaves over goes to those that lost most.
_BILLION = 10**9


class MigrationMustGoForward(Invalid):
    """{from_day} is not before {to_day}, or that has not come yet: choose two days in order, up to today.

    {from_day}不早于{to_day}，或后者尚未到来：请按先后选择截至今日的两个日期。
    """

    from_day: date
    to_day: date


@dataclass(frozen=True, slots=True)
class GivenRating:
    """A rating as its events tell it."""

    customer_id: str
    rating_id: str
    grade: str
    withdrawn: bool = False

    def overridden(self, grade: str) -> "GivenRating":
        """The rating with the grade that somebody put over it."""
        return replace(self, grade=grade)

    def taken_back(self) -> "GivenRating":
        """The rating, counting no longer."""
        return replace(self, withdrawn=True)


@dataclass(frozen=True, slots=True)
class GradeAtClose:
    """The grade a customer had at the close of a day on which it changed; empty where it was not rated any more."""

    customer_id: str
    on_day: date
    grade: str


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """Where the customers of one grade went, by column."""

    grade: str
    customers: int
    counts: tuple[int, ...]
    shares: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class MigrationMatrix:
    """The rows of every grade; the last column is `NOT_RATED`."""

    columns: tuple[str, ...]
    rows: tuple[MigrationRow, ...]


def standing(ratings: Sequence[GivenRating]) -> str:
    """The grade that counts of the ratings of one customer: the newest that was not taken back, or empty."""
    counting = [one for one in ratings if not one.withdrawn]
    return max(counting, key=lambda one: one.rating_id).grade if counting else ""


def matrix(
    grades: Sequence[str], moves: Mapping[tuple[str, str], int], *, from_day: date, to_day: date, today: date
) -> MigrationMatrix:
    """The matrix of `moves` (from, to) → customers; a grade that the scale has no more is kept behind the others."""
    if not from_day < to_day <= today:
        raise MigrationMustGoForward(from_day=from_day, to_day=to_day)
    counted = Counter({(before, after or NOT_RATED): number for (before, after), number in moves.items() if before})
    old = {name for move in counted for name in move} - {*grades, NOT_RATED}
    names = (*grades, *sorted(old))
    columns = (*names, NOT_RATED)
    return MigrationMatrix(columns, tuple(_row(name, [counted[name, column] for column in columns]) for name in names))


def _row(grade: str, counts: Sequence[int]) -> MigrationRow:
    customers = sum(counts)
    return MigrationRow(grade, customers, tuple(counts), shares(counts))


def shares(counts: Sequence[int]) -> tuple[Decimal, ...]:
    """Counts as shares in billionths that sum to exactly 1 (largest remainder); all 0 where nothing counts."""
    whole = sum(counts)
    if not whole:
        return tuple(Decimal(0) for _ in counts)
    parts = [divmod(count * _BILLION, whole) for count in counts]
    left = _BILLION - sum(quotient for quotient, _ in parts)
    by_loss = sorted(range(len(parts)), key=lambda place: (-parts[place][1], place))[:left]
    return tuple(Decimal(quotient + (place in by_loss)).scaleb(-9) for place, (quotient, _) in enumerate(parts))
