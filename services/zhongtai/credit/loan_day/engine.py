"""What one night makes of many profiles at once, in columns: the parts a balance accrues, and the rates of loss.

There are some thousands of profiles where there are millions of contracts: what is the same for many is worked out
once, here, and the store multiplies. Shapes: every column is (n,), one row for each profile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.allowance import engine as allowance_engine
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.loan_day.domain import LOSS_UNIT, NightRates, Profile
from zhongtai.kernel import ecl
from zhongtai.kernel.schedule import TERM_MONTHS_MAX

Integers = NDArray[np.int64]

_REPAYMENTS = {amortisation.value: repayment for amortisation, repayment in allowance_engine.REPAYMENTS.items()}


@dataclass(frozen=True, slots=True)
class Cells:
    """What decides the rates of loss of contracts, as columns.

    `remaining_months` is 1 or more, `nominal_interest_rate` a year's (0.12 = 12 %), the others are names.
    """

    grade: NDArray[np.str_]
    amortisation: NDArray[np.str_]
    remaining_months: Integers
    nominal_interest_rate: NDArray[np.float64]


class LossModel(Protocol):
    """Rates of loss in `LOSS_UNIT`ths of the principal outstanding: an array (3, n) of stages 1, 2 and 3."""

    def __call__(self, cells: Cells) -> Integers:
        """The rates."""


def by_model(model: AllowanceModel) -> LossModel:
    """The rates of an allowance model, of loans that nothing covers; unknown grades are its worst.

    Stage 1 loses what twelve months do, stage 2 what the whole life does, in stage 3 the default has come.
    """
    table = allowance_engine.table(model)
    rows = {term.grade: row for row, term in enumerate(model.grades)}
    worst = max((row for row, term in enumerate(model.grades) if term.one_year < 1), default=0)
    lost, incurred = float(model.unsecured_loss), float(model.unsecured_loss * model.severity)

    def rates(cells: Cells) -> Integers:
        count = len(cells.grade)
        monthly = cells.nominal_interest_rate / ecl.MONTHS_OF_YEAR
        loans = ecl.Loans(
            repayment=np.array([_REPAYMENTS.get(str(it), ecl.Repayment.AT_END) for it in cells.amortisation], np.int8),
            grade=np.array([rows.get(str(grade), worst) for grade in cells.grade], np.int16),
            months=np.minimum(cells.remaining_months, TERM_MONTHS_MAX),
            contract_rate=monthly,
            effective_rate=monthly,
            exposure=np.ones(count, np.int64),
            loss_given_default=np.full(count, lost),
        )
        lifetime, year = ecl.loss_shares(loans, table)
        shares = np.stack([year * lost, lifetime * lost, np.full(count, incurred)])
        found: Integers = np.rint(np.clip(shares, 0, 1) * LOSS_UNIT).astype(np.int64)
        return found

    return rates


def night_rates(profiles: Sequence[Profile], on: date, model: LossModel) -> list[NightRates]:
    """What the night after a day makes of every profile, in their order."""
    if not profiles:
        return []
    month = on.year * 12 + on.month - 1
    cells = Cells(
        np.array([it.grade for it in profiles]),
        np.array([it.amortisation for it in profiles]),
        np.maximum(np.array([it.maturity_month for it in profiles], dtype=np.int64) - month, 1),
        np.array([float(it.nominal_interest_rate) for it in profiles]),
    )
    losses = model(cells).T.tolist()
    return [
        NightRates(profile.nightly(on), profile.unit, *rates) for profile, rates in zip(profiles, losses, strict=True)
    ]
