"""Expected credit loss (预期信用损失) of many loans at once, in columns, exactly as `ifrs9.expected_loss` tells it.

A loan that defaults in month k owes the principal outstanding before the k-th instalment and that month's interest,
seen from now at the effective rate: Σₖ mₖ bₖ₋₁ (1 + c) vᵏ with v = 1 ÷ (1 + e). Two things make it cheap. The scenarios
go into one table beforehand, as the loss is linear in mₖ. And both balance and sum are recursions from the last month
backwards, so that loans of one grade, sorted by their months, share every mₖ: a few additions and multiplications for
each month of each loan, no power, no logarithm, the same bits however the loans are partitioned.

Shapes: columns are (n,), one row for each loan; tables (grades, months), column 0 is the first month from now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

MONTHS_OF_YEAR = 12
# So many loans at a time stay in the fastest memory.
BLOCK = 32_768
# Beyond this a float does not hold every minor unit.
EXPOSURE_MAX = 2**53


class Repayment(IntEnum):
    """How the principal comes back, as a code for columns."""

    LEVEL = 0
    """Equal instalments (等额本息)."""
    EQUAL_PRINCIPAL = 1
    """Equal principal (等额本金)."""
    AT_END = 2
    """The whole at the end (到期还本), and what is drawn of a revolving limit."""


@dataclass(frozen=True)
class Loans:
    """What decides the loss of loans, as columns.

    `grade` is a row of the table, `months` how many instalments are left, 1 to the months of the table; both rates are
    a month's: `contract_rate` amortises, `effective_rate` discounts; `exposure` is in minor units, drawn and what will
    be drawn, up to `EXPOSURE_MAX`; `loss_given_default` a share of it.
    """

    repayment: Integers
    grade: Integers
    months: Integers
    contract_rate: Floats
    effective_rate: Floats
    exposure: Integers
    loss_given_default: Floats

    def __post_init__(self) -> None:
        assert not len(self.exposure) or 0 <= self.exposure.min() <= self.exposure.max() <= EXPOSURE_MAX
        assert not len(self.months) or self.months.min() >= 1, "a loan has a month to run, past due or not"


def weighted(marginal: Floats, weights: Floats, severities: Floats) -> Floats:
    """One table for all scenarios: Σ weight × severity × probability, from (scenarios, grades, months).

    `severities` multiply the loss given default in each scenario. IFRS 9, 5.5.17(a): an unbiased amount.
    """
    assert abs(weights.sum() - 1) <= 1e-9, "the weights of the scenarios are one whole"
    table: Floats = np.tensordot(weights * severities, marginal, axes=1)
    return table


def loss_shares(loans: Loans, table: Floats) -> tuple[Floats, Floats]:
    """The expected loss over the whole life and over the next twelve months, before the loss given default.

    Both are shares of the exposure, (n,) each.
    """
    lifetime, year = np.empty(len(loans.months)), np.empty(len(loans.months))
    for rows, whole, first in _blocks(loans, table):
        lifetime[rows], year[rows] = whole, first
    return lifetime, year


def expected_losses(loans: Loans, table: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The expected loss over the whole life and over the next twelve months, in whole minor units, half to even."""
    lifetime, year = (np.empty(len(loans.months), dtype=np.int64) for _ in range(2))
    for rows, whole, first in _blocks(loans, table):
        at_risk = loans.exposure[rows] * loans.loss_given_default[rows]
        lifetime[rows], year[rows] = np.rint(at_risk * whole), np.rint(at_risk * first)
    return lifetime, year


def loss_given_default(
    *,
    exposure: Integers,
    collateral: Integers,
    guarantee: Integers,
    unsecured: Floats,
    guaranteed: Floats,
    secured: float,
) -> Floats:
    """The loss given default by what covers an exposure, (n,), after Basel Framework CRE32.10, the share of each part.

    `collateral` is its value after haircuts, `guarantee` what the guarantor owes for; each covers up to what is left.
    `unsecured` and `guaranteed` are the losses by loan and by guarantor, `secured` that of what collateral covers.
    """
    by_collateral = np.minimum(collateral, exposure)
    by_guarantee = np.minimum(guarantee, exposure - by_collateral)
    rest = exposure - by_collateral - by_guarantee
    lost = by_collateral * secured + by_guarantee * guaranteed + rest * unsecured
    share: Floats = np.divide(lost, exposure, out=np.zeros(len(exposure)), where=exposure > 0)
    return share


def _blocks(loans: Loans, table: Floats) -> Iterator[tuple[NDArray[np.intp], Floats, Floats]]:
    """The rows of some loans of one kind and grade at a time, with their two shares.

    Nothing but the order is made for all loans at once: memory that is touched for the first time costs more than the
    arithmetic.
    """
    grades, months = table.shape
    # A row beyond the table would be sorted among those of another grade.
    assert not len(loans.months) or (
        loans.months.max() <= months and 0 <= loans.grade.min() <= loans.grade.max() < grades
    )
    kinds = len(Repayment) * grades
    # Sixteen bits are sorted by radix, several times faster.
    key = ((loans.repayment.astype(np.int32) * grades + loans.grade) * (months + 1) + loans.months).astype(
        np.uint16 if kinds * (months + 1) < 2**16 else np.int32
    )
    order = np.argsort(key, kind="stable")
    bounds = np.searchsorted(key[order], np.arange(kinds + 1, dtype=np.int64) * (months + 1)).tolist()
    for kind, (start, end) in enumerate(pairwise(bounds)):
        repayment, grade = divmod(kind, grades)
        for first in range(start, end, BLOCK):
            rows = order[first : min(first + BLOCK, end)]
            yield rows, *_shares(loans, rows, Repayment(repayment), table[grade].tolist())


def _shares(
    loans: Loans, rows: NDArray[np.intp], repayment: Repayment, chances: Sequence[float]
) -> tuple[Floats, Floats]:
    """The two shares of loans of one kind in order of their months, from the last month of the longest backwards.

    `balance` is the principal before an instalment in units of the part that comes back, (b + 1) ÷ (1 + c) for a level
    instalment, b + 1 for equal principal, so that its last value is what one whole is divided by.
    """
    months, growth = loans.months[rows], 1 + loans.contract_rate[rows]
    discount, shrink = 1 / (1 + loans.effective_rate[rows]), 1 / growth
    longest = int(months[-1])
    running = np.searchsorted(months, np.arange(longest + 1)).tolist()
    balance = np.ones(len(rows)) if repayment is Repayment.AT_END else np.zeros(len(rows))
    lifetime, year, lost = np.zeros(len(rows)), np.zeros(len(rows)), np.empty(len(rows))
    for month in range(longest, 0, -1):
        still = slice(running[month], None)
        owed, part = balance[still], lost[still]
        if repayment is not Repayment.AT_END:
            owed += 1
        if repayment is Repayment.LEVEL:
            owed *= shrink[still]
        np.multiply(owed, chances[month - 1], out=part)
        for total in (lifetime, year) if month <= MONTHS_OF_YEAR else (lifetime,):
            so_far = total[still]
            so_far += part
            so_far *= discount[still]
    scale = growth / balance
    return lifetime * scale, year * scale
