"""What one night makes of many profiles at once, in columns: the parts a balance accrues, and the rates of loss.

There are some thousands of profiles where there are millions of contracts: what is the same for many is worked out
once, here, and the store multiplies. Shapes: every column is (n,), one row for each profile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.loan_day.domain import LOSS_UNIT, NightRates, Profile, Rules
from zhongtai.kernel.money import rounded

Integers = NDArray[np.int64]


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


def by_grade(rules: Rules) -> LossModel:
    """The model of the rules' own table: a rate for each grade and stage, as a provision matrix (IFRS 9, B5.5.35)."""
    table = {losses.grade: (losses.stage_1, losses.stage_2, losses.stage_3) for losses in rules.loss_rates}

    def rates(cells: Cells) -> Integers:
        of_grade = [[_in_units(rate) for rate in table.get(str(grade), table[""])] for grade in cells.grade]
        return np.array(of_grade, dtype=np.int64).reshape(-1, 3).T

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


def _in_units(rate: Decimal) -> int:
    scaled = rate * LOSS_UNIT
    return rounded(*scaled.as_integer_ratio())
