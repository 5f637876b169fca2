"""Buckets: every day in one and only one, every minor unit in some."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.asset_liability.gap import engine, store
from zhongtai.asset_liability.gap.domain import (
    AsOfMustNotBeInTheFuture,
    GapMethod,
    Spread,
    day_of_gap,
)
from zhongtai.asset_liability.gap.engine import Balances, Column, Loans

AS_OF = date(2026, 1, 31)
BUCKETS = store.buckets()


def column(*numbers: int) -> Column:
    return np.array(numbers, dtype=np.int64)


def loan(cash: Mapping[date, tuple[int, int]], repaid: tuple[int, int] = (0, 0)) -> Loans:
    """One loan by due date: principal and interest; and the sums of both that were repaid."""
    in_order = sorted(cash.items())
    return Loans(
        due_days=column(*(day.toordinal() for day, _ in in_order)),
        principal=column(*(principal for _, (principal, _) in in_order)),
        interest=column(*(interest for _, (_, interest) in in_order)),
        instalments=column(len(cash)),
        repaid_principal=column(repaid[0]),
        repaid_interest=column(repaid[1]),
    )


def together(*loans: Loans) -> Loans:
    """Several loans in one set of columns."""
    return Loans(**{name: np.concatenate([getattr(each, name) for each in loans]) for name in Loans.__annotations__})


def gap_of(
    method: GapMethod, *loans: Loans, deposits: int = 0, undrawn_limits: int = 0, as_of: date = AS_OF
) -> dict[str, tuple[int, int, int, int, int]]:
    gap = engine.gap(
        method,
        loans,
        Balances(deposits, undrawn_limits),
        as_of=as_of,
        currency_code="CNY",
        buckets=BUCKETS,
        assumptions=store.assumptions(),
    )
    return {
        bucket.bucket_id: (
            bucket.assets.minor_units,
            bucket.liabilities.minor_units,
            bucket.off_balance_sheet.minor_units,
            bucket.gap.minor_units,
            bucket.cumulative_gap.minor_units,
        )
        for bucket in gap.buckets
    }


def test_there_are_the_nineteen_buckets_of_the_standard_and_one_for_what_is_overdue() -> None:
    assert len(BUCKETS) == 19
    assert list(gap_of(GapMethod.REPRICING))[:2] == ["overdue", "overnight"]


@pytest.mark.parametrize(
    ("due", "bucket_id"),
    [
        (date(2026, 1, 30), "overdue"),
        (date(2026, 1, 31), "overnight"),
        (date(2026, 2, 1), "overnight"),
        (date(2026, 2, 2), "up_to_1_month"),
        (date(2026, 2, 28), "up_to_1_month"),  # a month after 31 January
        (date(2026, 3, 1), "months_1_3"),
        (date(2026, 4, 30), "months_1_3"),
        (date(2026, 5, 1), "months_3_6"),
        (date(2027, 1, 31), "months_9_12"),
        (date(2027, 2, 1), "months_12_18"),
        (date(2046, 1, 31), "years_15_20"),
        (date(2046, 2, 1), "over_20_years"),
        (date(2099, 1, 1), "over_20_years"),
    ],
)
def test_a_day_falls_into_the_bucket_that_ends_on_or_after_it(due: date, bucket_id: str) -> None:
    found = gap_of(GapMethod.REPRICING, loan({due: (7, 1)}))
    assert {name: row[0] for name, row in found.items() if row[0]} == {bucket_id: 7}


def test_repricing_takes_principal_and_liquidity_takes_interest_too() -> None:
    cash = loan({date(2026, 2, 10): (10_000, 120)})
    # Deposits reprice 40 % overnight and 3 % within a month; 2 % and 8 % leave; 5 % of what is undrawn is drawn.
    repricing = gap_of(GapMethod.REPRICING, cash, deposits=10_000, undrawn_limits=10_000)
    assert repricing["overnight"] == (0, 4_000, 0, -4_000, -4_000)
    assert repricing["up_to_1_month"] == (10_000, 300, 0, 9_700, 5_700)
    liquidity = gap_of(GapMethod.LIQUIDITY, cash, deposits=10_000, undrawn_limits=10_000)
    assert liquidity["overnight"] == (0, 200, 0, -200, -200)
    assert liquidity["up_to_1_month"] == (10_120, 800, 500, 8_820, 8_620)


def test_what_was_repaid_settles_the_oldest_instalment_of_its_own_loan() -> None:
    cash = {date(2026, 1, 10): (100, 30), date(2026, 2, 10): (100, 20), date(2026, 3, 10): (100, 10)}
    late, early, paid_off = loan(cash, (150, 30)), loan(cash, (250, 60)), loan(cash, (300, 30))
    principal, interest = engine.unpaid(together(late, paid_off, early, loan(cash)))
    assert principal.tolist() == [0, 50, 100, 0, 0, 0, 0, 0, 50, 100, 100, 100]
    assert interest.tolist() == [0, 20, 10, 0, 0, 0, 0, 0, 0, 30, 20, 10]


def test_loans_may_come_in_parts() -> None:
    loans = [loan({date(2026, 2, day): (day, 1)}, (day // 2, 0)) for day in range(1, 20)]
    assert gap_of(GapMethod.LIQUIDITY, *loans) == gap_of(GapMethod.LIQUIDITY, together(*loans))


def test_the_dates_of_the_buckets_leave_no_day_out() -> None:
    gap = engine.gap(
        GapMethod.LIQUIDITY,
        [],
        Balances(0, 0),
        as_of=AS_OF,
        currency_code="CNY",
        buckets=BUCKETS,
        assumptions=store.assumptions(),
    )
    assert gap.buckets[0].first_date is None
    assert gap.buckets[-1].last_date is None
    for nearer, farther in zip(gap.buckets, gap.buckets[1:], strict=False):
        assert nearer.last_date is not None
        assert farther.first_date == nearer.last_date + timedelta(days=1)


def test_a_share_of_an_unknown_bucket_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="no bucket is called next_week"):
        engine.spread(100, Spread({"next_week": 1}), BUCKETS)


def test_a_great_balance_is_spread_to_the_last_minor_unit() -> None:
    shares = Spread({"overnight": 3_333, "up_to_1_month": 6_667})
    sums = engine.spread(900_000_000_000_000_001, shares, BUCKETS)
    # 33.33 % of it is 299,970,000,000,000,000.3333: the part of a minor unit goes to the next bucket.
    assert sums[:3].tolist() == [0, 299_970_000_000_000_000, 600_030_000_000_000_001]


def test_the_day_of_a_gap_has_come() -> None:
    assert day_of_gap(None, AS_OF) == AS_OF
    assert day_of_gap(date(2026, 1, 1), AS_OF) == date(2026, 1, 1)
    with pytest.raises(AsOfMustNotBeInTheFuture):
        day_of_gap(date(2026, 2, 1), AS_OF)


cash = st.dictionaries(
    st.dates(date(2020, 1, 1), date(2080, 1, 1)),
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**10)),
    min_size=1,
    max_size=50,
)


@settings(max_examples=100, deadline=None)
@given(cash, st.integers(-(10**14), 10**14), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.data())
def test_nothing_is_lost_between_the_buckets(
    dated: dict[date, tuple[int, int]], deposits: int, as_of: date, data: st.DataObject
) -> None:
    whole = sum(principal for principal, _ in dated.values())
    interest = sum(interest for _, interest in dated.values())
    repaid = data.draw(st.integers(0, whole))
    paid = data.draw(st.integers(0, interest))
    found = gap_of(
        GapMethod.LIQUIDITY, loan(dated, (repaid, paid)), deposits=deposits, undrawn_limits=12_345, as_of=as_of
    )
    owed = whole - repaid + (interest - paid if repaid < whole else 0)
    assert sum(row[0] for row in found.values()) == owed
    assert sum(row[1] for row in found.values()) == deposits
    assert sum(row[2] for row in found.values()) == 12_345 * 500 // 10_000
    assert sum(row[3] for row in found.values()) == list(found.values())[-1][4]
    not_due_yet = {day: amounts for day, amounts in dated.items() if day >= as_of}
    if not repaid and not paid and whole:
        assert found["overdue"][0] == owed - sum(sum(amounts) for amounts in not_due_yet.values())
