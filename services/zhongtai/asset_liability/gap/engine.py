"""The gap engine: dated cash and undated balances into buckets, in columns of whole minor units.

Shapes: `due_days`, `amounts` (n,) int64; everything by bucket (b + 1,) int64, where place 0 holds what is
overdue. The arithmetic is exact: no weight and no amount is a float.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from zhongtai.asset_liability.gap.domain import WHOLE_BP, Assumptions, Bucket, Gap, GapBucket, GapMethod, Spread
from zhongtai.kernel.money import Money

Column = NDArray[np.int64]

OVERDUE = ("overdue", "Overdue", "逾期")


@dataclass(frozen=True)
class Ladder:
    """What the positions in one currency come to.

    `due_days` are ordinals of dates (`date.toordinal`), one row for each due date; `principal` and `interest`
    are what loans still owe on it; `deposits` and `undrawn_limits` are balances without a date. All amounts in
    minor units.
    """

    due_days: Column
    principal: Column
    interest: Column
    deposits: int
    undrawn_limits: int


def gap(
    method: GapMethod,
    ladder: Ladder,
    *,
    as_of: date,
    currency_code: str,
    buckets: Sequence[Bucket],
    assumptions: Assumptions,
) -> Gap:
    """The gap of a ladder.

    Repricing: a loan at a fixed rate reprices as its principal comes back. Liquidity: principal and interest
    come in as due; a part of the undrawn limits goes out. What was due before `as_of` stands in a bucket of its
    own, for nobody knows when it comes.
    """
    amounts = ladder.principal if method is GapMethod.REPRICING else ladder.principal + ladder.interest
    assets = bucketed(ladder.due_days, amounts, as_of, buckets)
    liabilities = spread(ladder.deposits, assumptions.deposits[method], buckets)
    off_balance_sheet = spread(ladder.undrawn_limits, assumptions.undrawn_limits[method], buckets)
    gaps = assets - liabilities - off_balance_sheet
    columns = (assets, liabilities, off_balance_sheet, gaps, np.cumsum(gaps))
    rows = [[Money(currency_code, int(amount)) for amount in row] for row in np.stack(columns, axis=1)]
    return Gap(
        as_of=as_of,
        currency_code=currency_code,
        assumptions=assumptions.version,
        buckets=tuple(
            GapBucket(*names, *dates, *row) for (names, dates), row in zip(_frame(as_of, buckets), rows, strict=True)
        ),
    )


def bucketed(due_days: Column, amounts: Column, as_of: date, buckets: Sequence[Bucket]) -> Column:
    """The sum of the amounts by bucket, overdue first; a day belongs to the first bucket whose last day is not
    before it.
    """
    # The open bucket takes every day after the last bound, so it needs none of its own.
    bounds = [last.toordinal() for bucket in buckets if (last := bucket.last_date(as_of)) is not None]
    places = np.searchsorted(np.array([as_of.toordinal() - 1, *bounds], dtype=np.int64), due_days, side="left")
    sums = np.zeros(len(buckets) + 1, dtype=np.int64)
    np.add.at(sums, places, amounts)
    return sums


def spread(balance: int, shares: Spread, buckets: Sequence[Bucket]) -> Column:
    """A balance without dates by bucket, after its shares, losing no minor unit: each bucket takes the difference
    of two rounded cumulative shares, so that the rounding of one is made good by the next.
    """
    unknown = shares.shares_bp.keys() - {bucket.bucket_id for bucket in buckets}
    assert not unknown, f"no bucket is called {', '.join(sorted(unknown))}"
    cumulative = accumulate(shares.shares_bp.get(bucket.bucket_id, 0) for bucket in buckets)
    reached = [balance * share // WHOLE_BP for share in cumulative]
    return np.array([0, *(end - start for start, end in pairwise([0, *reached]))], dtype=np.int64)


def _frame(
    as_of: date, buckets: Sequence[Bucket]
) -> list[tuple[tuple[str, str, str], tuple[date | None, date | None]]]:
    """The names and the dates of every bucket, overdue first."""
    frame: list[tuple[tuple[str, str, str], tuple[date | None, date | None]]] = []
    frame.append((OVERDUE, (None, as_of - timedelta(days=1))))
    first = as_of
    for bucket in buckets:
        last = bucket.last_date(as_of)
        frame.append(((bucket.bucket_id, bucket.title, bucket.title_zh), (first, last)))
        first = last + timedelta(days=1) if last is not None else first
    return frame
