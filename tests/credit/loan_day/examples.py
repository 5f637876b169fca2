"""What the tests of the days of loans share: a profile, the rules that are planted, columns of some contracts."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import RuleSet
from zhongtai.credit.loan_day.domain import Profile
from zhongtai.credit.loan_day.engine.columns import (
    COLUMNS,
    NEWS,
    PERIODS,
    TERMS,
    Columns,
    Integers,
    News,
    Periods,
    Terms,
)
from zhongtai.credit.loan_day.engine.provisioning import Night
from zhongtai.credit.v1.allowance_model_pb2 import PublishAllowanceModelRequest
from zhongtai.credit.v1.classification_pb2 import PublishClassificationRulesRequest
from zhongtai.kernel.rates import DayCount
from zhongtai.runtime.convert import value_of
from zhongtai.runtime.seeds import seeds

NIGHT = timedelta(days=1)
TODAY = date(2026, 7, 1)
RULE_SET = next(
    value_of(seed.rule_set, RuleSet) for seed in seeds("credit") if isinstance(seed, PublishClassificationRulesRequest)
)
MODEL = next(
    value_of(seed.model, AllowanceModel) for seed in seeds("credit") if isinstance(seed, PublishAllowanceModelRequest)
)
RATES_OF_YEARS = st.decimals("0", "0.36", places=6)


def profile(
    rate: Decimal, day_count: DayCount, grade: str = "BB", agreed: str = "", amortisation: str = "EQUAL_INSTALMENT"
) -> Profile:
    """A profile of one product."""
    return Profile("p", "CNY", grade, agreed or grade, rate, day_count, amortisation)


def night(profiles: Sequence[Profile], on: date = TODAY, old_model: int | None = MODEL.version) -> Night:
    """The night of a day, with profiles numbered from 1."""
    return Night(on, on - NIGHT, RULE_SET, MODEL, old_model, list(enumerate(profiles, start=1)))


def columns(rows: Sequence[dict[str, int]]) -> Columns:
    """Columns of rows, 0 where nothing is said, in stage 1."""
    return Columns(*_arrays(COLUMNS, [{"stage": 1} | row for row in rows]))


def terms(rows: Sequence[dict[str, int]]) -> Terms:
    """Terms of rows."""
    return Terms(*_arrays(TERMS, rows))


def news(rows: Sequence[dict[str, int]] = ()) -> News:
    """News of rows."""
    return News(*_arrays(NEWS, rows))


def periods(rows: Sequence[dict[str, int]] = ()) -> Periods:
    """Periods of rows."""
    return Periods(*_arrays(PERIODS, rows))


def _arrays(names: Sequence[str], rows: Sequence[dict[str, int]]) -> list[Integers]:
    return [np.array([row.get(name, 0) for row in rows], np.int64) for name in names]
