"""The gap engine: dated cash and undated balances into buckets, in columns of whole minor units.

Shapes: `due_days`, `amounts` (n,) int64; everything by bucket (b + 1,) int64, where place 0 holds what is
overdue. The arithmetic is exact: no weight and no amount is a float.
"""

from collections.abc import Iterable, Sequence
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
class Loans:
    """The schedules of some loans, one behind the other, and what was repaid of each.

    `due_days` are ordinals of dates (`date.toordinal`); with `principal` and `interest` they have one row for each
    instalment, (n,), in the order of the loans. `instalments`, `repaid_principal` and `repaid_interest` have one row
    for each loan, (m,); the instalments add up to n. Amounts in minor units.
    """

    due_days: Column
    principal: Column
    interest: Column
    instalments: Column
    repaid_principal: Column
    repaid_interest: Column


@dataclass(frozen=True)
class Balances:
    """What has no date: the balances of the deposits and of the undrawn limits, in minor units."""

    deposits: int
    undrawn_limits: int


def gap(
    method: GapMethod,
    loans: Iterable[Loans],
    balances: Balances,
    *,
    as_of: date,
    currency_code: str,
    buckets: Sequence[Bucket],
    assumptions: Assumptions,
) -> Gap:
    """The gap of the positions in one currency.

    Repricing: a loan at a fixed rate reprices as its principal comes back. Liquidity: principal and interest come in
    as due; a part of the undrawn limits goes out. What was due before `as_of` stands in a bucket of its own, for
    nobody knows when it comes.
    """
    assets = np.zeros(len(buckets) + 1, dtype=np.int64)
    for part in loans:
        principal, interest = unpaid(part)
        amounts = principal if method is GapMethod.REPRICING else principal + interest
        assets += bucketed(part.due_days, amounts, as_of, buckets)
    liabilities = spread(balances.deposits, assumptions.deposits[method], buckets)
    off_balance_sheet = spread(balances.undrawn_limits, assumptions.undrawn_limits[method], buckets)
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


def unpaid(loans: Loans) -> tuple[Column, Column]:
    """What is left of the principal and of the interest of every instalment, both (n,).

    What was repaid settles the oldest instalment first; a loan that is paid back whole owes no further interest.
    """
    principal = _left(loans.principal, loans.instalments, loans.repaid_principal)
    interest = _left(loans.interest, loans.instalments, loans.repaid_interest)
    owing = _sums(principal, loans.instalments) > 0
    return principal, np.where(np.repeat(owing, loans.instalments), interest, 0)


def bucketed(due_days: Column, amounts: Column, as_of: date, buckets: Sequence[Bucket]) -> Column:
    """The sum of the amounts by bucket, overdue first; a day belongs to the first bucket that ends on or after it."""
    # The open bucket takes every day after the last bound, so it needs none of its own.
    bounds = [last.toordinal() for bucket in buckets if (last := bucket.last_date(as_of)) is not None]
    places = np.searchsorted(np.array([as_of.toordinal() - 1, *bounds], dtype=np.int64), due_days, side="left")
    sums = np.zeros(len(buckets) + 1, dtype=np.int64)
    np.add.at(sums, places, amounts)
    return sums


def spread(balance: int, shares: Spread, buckets: Sequence[Bucket]) -> Column:
    """A balance without dates by bucket, after its shares, losing no minor unit.

    Each bucket takes the difference of two cumulative shares, so that what one loses by rounding the next one gets.
    """
    unknown = shares.shares_bp.keys() - {bucket.bucket_id for bucket in buckets}
    assert not unknown, f"no bucket is called {', '.join(sorted(unknown))}"
    cumulative = accumulate(shares.shares_bp.get(bucket.bucket_id, 0) for bucket in buckets)
    reached = [balance * share // WHOLE_BP for share in cumulative]
    return np.array([0, *(end - start for start, end in pairwise([0, *reached]))], dtype=np.int64)


def _left(amounts: Column, instalments: Column, repaid: Column) -> Column:
    """Between nothing and the whole of each amount: what the sum up to it exceeds what was repaid by."""
    to_date = np.cumsum(amounts)
    before_loan = np.repeat((to_date - amounts)[np.cumsum(instalments) - instalments], instalments)
    left: Column = np.clip(to_date - before_loan - np.repeat(repaid, instalments), 0, amounts)
    return left


def _sums(amounts: Column, instalments: Column) -> Column:
    """The sum of the amounts of each loan."""
    sums: Column = np.add.reduceat(amounts, np.cumsum(instalments) - instalments)
    return sums


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
