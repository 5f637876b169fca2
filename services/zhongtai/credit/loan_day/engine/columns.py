"""What rests in the columns of a partition, and how a column rests as bytes.

Shapes: every column is (n,) of 64 bits, one place for each contract; days count from 1970-01-01, 0 is none.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.loan_day.domain import NEVER

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# What `ends_on` says beside a day: there is no row of the day; it is the last row; no period runs any more.
NO_ROW, LAST_ROW, BEHIND = range(3)
# An effective rate is kept in parts of this.
RATE_UNIT = 10**12

_EPOCH = date(1970, 1, 1).toordinal()
_WIDTHS = (np.dtype("<i1"), np.dtype("<i2"), np.dtype("<i4"), np.dtype("<i8"))
_SUM_SAFE = 2**62


@dataclass(frozen=True)
class Columns:
    """The rows of a partition: the fields of `domain.LoanDay`, amounts in minor units, and what is known of the risk.

    A contract that is owed no more keeps `number` and `recognised`, for the day on which it may be owed again.
    """

    number: Integers
    ends_on: Integers
    accruing: Integers
    accrued: Integers
    remainder: Integers
    recognised: Integers
    accrual: Integers
    outstanding: Integers
    oldest_due: Integers
    category: Integers
    stage: Integers
    allowance: Integers
    allowance_change: Integers
    flags: Integers
    category_at_least: Integers
    upgradable_from: Integers
    clean_since: Integers
    collateral: Integers
    guarantee: Integers
    undrawn: Integers
    initial_loss: Integers

    @property
    def is_owed(self) -> Flags:
        """Which contracts were owed at the close."""
        return self.ends_on >= BEHIND


@dataclass(frozen=True)
class Terms:
    """What contracts agreed: the number of their profile, the day of maturity, a month's rate in `RATE_UNIT`ths."""

    profile: Integers
    maturity: Integers
    effective_rate: Integers


COLUMNS = tuple(field.name for field in fields(Columns))
TERMS = tuple(field.name for field in fields(Terms))


class Told(IntEnum):
    """What is told of the interest of a contract that changed."""

    NOTHING = 0
    """Its period runs on."""
    OPENED = 1
    """It is told anew, from the schedule."""
    ENDED = 2
    """It is owed no more, and this is what was paid."""
    ELSEWHERE = 3
    """Its account closes its own days."""
    ELSEWHERE_ENDED = 4
    """It is owed no more, and its account told all of it."""


@dataclass(frozen=True)
class News:
    """What became of contracts since the day before: `at` is their place in the partition, the rest as in the rows.

    `moved` is what others than a close added to what the ledger carries of the allowance since the day before.
    """

    at: Integers
    told: Integers
    number: Integers
    ends_on: Integers
    accruing: Integers
    accrued: Integers
    remainder: Integers
    recognised: Integers
    outstanding: Integers
    oldest_due: Integers
    profile: Integers
    maturity: Integers
    effective_rate: Integers
    flags: Integers
    category_at_least: Integers
    upgradable_from: Integers
    collateral: Integers
    guarantee: Integers
    undrawn: Integers
    initial_loss: Integers
    moved: Integers


NEWS = tuple(field.name for field in fields(News))


@dataclass(frozen=True)
class Periods:
    """The periods that ended, of contracts `at` their places: their interest, and what runs next.

    `ends_on` is `BEHIND` where nothing does.
    """

    at: Integers
    interest: Integers
    ends_on: Integers
    accruing: Integers


PERIODS = tuple(field.name for field in fields(Periods))


def day_number(day: date | None) -> int:
    """A day as columns have it."""
    return 0 if day is None else day.toordinal() - _EPOCH


def day_of(number: int) -> date | None:
    """The day that columns have as this number."""
    return date.fromordinal(number + _EPOCH) if number else None


def period_end(day: date | None) -> int:
    """The end of a period as columns have it."""
    return LAST_ROW if day is None else BEHIND if day == NEVER else day_number(day)


def end_of(number: int) -> date | None:
    """The end of a period that columns have as this number, of a contract that has a row."""
    return None if number == LAST_ROW else NEVER if number == BEHIND else day_of(number)


def packed(values: Integers) -> bytes:
    """A column as bytes, of the least width that holds it, little-endian; nothing where all are 0."""
    if not values.any():
        return b""
    lowest, highest = int(values.min()), int(values.max())
    kind = next(kind for kind in _WIDTHS if np.iinfo(kind).min <= lowest and highest <= np.iinfo(kind).max)
    return values.astype(kind).tobytes()


def unpacked(data: bytes, count: int) -> Integers:
    """The column of so many contracts; the width follows from the length."""
    if not data:
        return np.zeros(count, np.int64)
    return np.frombuffer(data, f"<i{len(data) // count}").astype(np.int64)


def total(values: Integers) -> int:
    """The exact sum."""
    if len(values) and max(-int(values.min()), int(values.max())) > _SUM_SAFE // len(values):
        return sum(values.tolist())
    return int(values.sum())
