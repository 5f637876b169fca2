"""The clocks, the buckets of arrears, and the arithmetic of the report."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.reporting.portfolio import domain, engine
from zhongtai.reporting.portfolio.domain import (
    ArrearsBucketMustBeKnown,
    DayClock,
    Decided,
    FigureMustBeKnown,
    Outcome,
    Rating,
)
from zhongtai.reporting.portfolio.engine import ArrearsGroup, BalanceDays, LoanGroup

DATES = st.dates(date(1999, 12, 1), date(2105, 1, 1))


@settings(max_examples=200, deadline=None)
@given(DATES, DATES, st.sampled_from(DayCount), st.integers(0, 10**12))
def test_the_clocks_give_every_day_count_of_the_kernel(
    one: date, other: date, day_count: DayCount, balance: int
) -> None:
    start, end = min(one, other), max(one, other)
    first, last = DayClock.at(start), DayClock.at(end)
    days = BalanceDays(
        actual=balance * (last.actual - first.actual),
        thirty=balance * (last.thirty - first.thirty),
        leap=balance * (last.leap - first.leap),
    )
    assert days.balance_years(day_count) == balance * day_count.year_fraction(start, end)


def group(grade: str, rate: str, actual: int, **fields: int) -> LoanGroup:
    amounts = dict.fromkeys(
        ("disbursed", "repaid_principal", "repaid_interest", "loans_outstanding", "principal_outstanding"), 0
    ) | {"loans_disbursed": 1}
    return LoanGroup(
        product_id="consumer_instalment",
        grade=grade,
        currency_code="CNY",
        nominal_interest_rate=Decimal(rate),
        transfer_rate=Decimal("0.01"),
        day_count=DayCount.ACT_365,
        balance_days=BalanceDays(actual, 0, 0),
        **amounts | fields,
    )


def test_a_line_rounds_once_and_a_total_is_the_sum_of_its_lines() -> None:
    # 36,500 × 0.00001 / 365 = 0.001 of a fen each: 500 of them make half a fen, which goes to the even 0.
    many = [group("A", "0.00001", 36_500)] * 500
    lines, totals = engine.loan_lines(many, [])
    assert lines[0].interest_income.value == Money("CNY", 0)
    # With one more the half is passed.
    lines, totals = engine.loan_lines([*many, group("A", "0.00001", 36_500), group("B", "0.1", 36_500)], [])
    assert [line.interest_income.value.minor_units for line in lines] == [1, 10]
    assert totals[0].interest_income.value == Money("CNY", 11)
    assert (totals[0].product_id, totals[0].grade, totals[0].loans_disbursed.value) == ("", "", 502)


def test_arrears_fall_into_buckets_by_days_past_due() -> None:
    as_of = date(2026, 5, 31)
    days = {1: "days_1_30", 30: "days_1_30", 31: "days_31_60", 60: "days_31_60", 61: "days_61_90", 90: "days_61_90",
            91: "days_over_90", 999: "days_over_90"}  # fmt: skip
    for past_due, bucket_id in days.items():
        oldest = date.fromordinal(as_of.toordinal() - past_due)
        (line,) = engine.arrears_lines([ArrearsGroup("consumer_instalment", "A", "CNY", oldest, 1, 5, 50)], as_of)
        assert line.bucket_id == bucket_id
        first, last = domain.oldest_due_dates(bucket_id, as_of)
        assert first <= oldest <= last
    with pytest.raises(ArrearsBucketMustBeKnown):
        domain.oldest_due_dates("days_7", as_of)


def test_figures_are_known_by_their_names() -> None:
    lines, _ = engine.loan_lines([group("A", "0.1", 1)], [])
    names = {getattr(lines[0], name).figure for name in (*engine._COUNTS, *engine._AMOUNTS)}
    assert names <= domain.FIGURES.keys()
    with pytest.raises(FigureMustBeKnown):
        domain.sources_of("profit")


def test_only_declines_are_counted_by_reason_and_each_reason_once() -> None:
    reasons = ("SCORE_TOO_LOW", "INCOME_TOO_LOW", "SCORE_TOO_LOW")
    declined = domain.decline_reasons("dec_1", Decided(Outcome.DECLINE, reasons))
    assert [found.reason for found in declined] == ["SCORE_TOO_LOW", "INCOME_TOO_LOW"]
    assert domain.decline_reasons("dec_1", Decided(Outcome.REFER, reasons)) == ()


def test_an_override_counts_whenever_it_came() -> None:
    day = date(2026, 3, 2)
    after = Rating("rat_1").assigned("dec_1", "A", day).overridden("C")
    before = Rating("rat_1").overridden("C").assigned("dec_1", "A", day)
    assert after == before
    assert after.grade == "C"
