"""Schedules in columns, held against the reference loan by loan."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel import schedule_columns
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import Amortisation, Instalment, repayment_schedule
from zhongtai.kernel.schedule_columns import Schedules, equal_instalments

RATES = [Decimal(rate) for rate in ("0.12", "0.0435", "0.06", "0", "0.18", "0.1", "0.036", "0.123456", "0.0000001")]


def reference(principal: int, rate: Decimal, months: int, start: date, day_count: DayCount) -> tuple[Instalment, ...]:
    return repayment_schedule(
        principal=Money("CNY", principal),
        nominal_interest_rate=rate,
        term_months=months,
        start=start,
        day_count=day_count,
        amortisation=Amortisation.EQUAL_INSTALMENT,
    )


def must_equal(found: Schedules, place: int, expected: tuple[Instalment, ...]) -> None:
    assert found.principal[:, place].tolist() == [one.principal.minor_units for one in expected]
    assert found.interest[:, place].tolist() == [one.interest.minor_units for one in expected]


@settings(max_examples=60)
@given(
    loans=st.lists(st.tuples(st.integers(5_000, 10**13), st.integers(0, len(RATES) - 1)), min_size=1, max_size=20),
    months=st.integers(1, 60),
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    day_count=st.sampled_from(DayCount),
)
def test_columns_are_the_reference_to_the_minor_unit(
    loans: list[tuple[int, int]], months: int, start: date, day_count: DayCount
) -> None:
    principal, rate_of = (np.array(column, dtype=np.int64) for column in zip(*loans, strict=True))
    found = equal_instalments(principal, RATES, rate_of, term_months=months, start=start, day_count=day_count)
    for place, (owed, rate) in enumerate(loans):
        must_equal(found, place, reference(owed, RATES[rate], months, start, day_count))


def test_neighbours_ties_and_what_lies_beyond_floats_are_the_references() -> None:
    principal = np.concatenate([np.arange(36_000, 40_000, 7), np.array([9 * 10**17 - 1, 3 * 10**15 + 1])])
    rate_of = np.arange(len(principal)) % len(RATES)
    start, day_count = date(2026, 1, 31), DayCount.THIRTY_E_360
    room = Schedules.of(36, len(principal))
    found = equal_instalments(principal, RATES, rate_of, term_months=36, start=start, day_count=day_count, out=room)
    assert found is room
    levels = 0
    for place, owed in enumerate(principal.tolist()):
        expected = reference(owed, RATES[rate_of[place]], 36, start, day_count)
        must_equal(found, place, expected)
        levels += expected[0].total.minor_units == found.level[place]
    assert levels == len(principal)


def test_what_the_reference_refuses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    principal, rate_of = np.array([1_000_000, 20], dtype=np.int64), np.zeros(2, dtype=np.int64)
    terms: Any = {"term_months": 36, "start": date(2026, 1, 5), "day_count": DayCount.THIRTY_E_360}
    with pytest.raises(Refusal) as refused:
        equal_instalments(principal, RATES, rate_of, **terms)
    assert refused.value.reason == "INSTALMENT_MUST_NOT_BE_ZERO"
    # The reference is asked for what is doubtful alone.
    monkeypatch.setattr(schedule_columns, "repayment_schedule", None)
    plain = equal_instalments(principal[:1], RATES, rate_of[:1], **terms)
    assert plain.principal.sum() == 1_000_000
