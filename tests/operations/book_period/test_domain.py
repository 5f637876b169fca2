"""What a year carries forward, whatever stands on its accounts, and which period may be closed next."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.account.domain import Side
from zhongtai.operations.book_day.domain import BookDay, BookDayStatus
from zhongtai.operations.book_period.domain import (
    CarryForward,
    PeriodDatesMustBeClosed,
    PeriodKind,
    PeriodMustEndWhole,
    PeriodMustFollowTheLast,
    carried,
    must_be_closed,
    must_follow,
)
from zhongtai.operations.book_period.store import STEPS
from zhongtai.operations.chart.domain import AccountCategory
from zhongtai.operations.chart.store import CHART

YEAR_END = date(2026, 12, 31)
CODES = sorted(code for code, account in CHART.accounts.items() if account.takes_postings)
RESULT = (AccountCategory.INCOME, AccountCategory.EXPENSE)
BALANCES = st.dictionaries(
    st.tuples(st.sampled_from(CODES), st.sampled_from(["CNY", "USD"])), st.integers(-(10**12), 10**12), max_size=20
)


@given(BALANCES)
def test_a_year_leaves_no_income_and_no_expense_and_moves_the_profit_once(closings: dict[tuple[str, str], int]) -> None:
    drafts = carried(STEPS, CHART, closings, "general", YEAR_END)
    after = Counter(closings)
    for draft in drafts:
        draft.must_balance()
        assert (draft.booking_date, draft.book, len(draft.legs) >= 2) == (YEAR_END, "general", True)
        for leg in draft.legs:
            after[leg.account_code, leg.amount.currency] += leg.signed
    for (code, currency), closing in after.items():
        if CHART.account(code).category in RESULT or code == "4103":
            assert not closing, (code, currency)
        elif code != "4104":
            assert closing == closings.get((code, currency), 0)
    for currency in ("CNY", "USD"):
        earned = sum(
            closing
            for (code, of), closing in closings.items()
            if of == currency and (CHART.account(code).category in RESULT or code == "4103")
        )
        assert after["4104", currency] == closings.get(("4104", currency), 0) + earned


def test_a_profit_is_carried_to_its_distribution() -> None:
    profit, distribution = carried(STEPS, CHART, {("6011", "CNY"): -500, ("6411", "CNY"): 200}, "general", YEAR_END)
    assert [(leg.account_code, leg.side, leg.amount.minor_units) for leg in profit.legs] == [
        ("6011", Side.DEBIT, 500),
        ("6411", Side.CREDIT, 200),
        ("4103", Side.CREDIT, 300),
    ]
    assert [(leg.account_code, leg.side) for leg in distribution.legs] == [("4103", Side.DEBIT), ("4104", Side.CREDIT)]


def test_what_one_step_has_taken_no_later_step_takes_again() -> None:
    one = CarryForward(PeriodKind.YEAR, "4103", "first", codes=("6011",))
    other = CarryForward(PeriodKind.YEAR, "4104", "second", codes=("6011",))
    drafts = carried((one, other), CHART, {("6011", "CNY"): -500}, "general", YEAR_END)
    assert [draft.narrative for draft in drafts] == ["first"]


@pytest.mark.parametrize(
    ("kind", "through"),
    [
        (PeriodKind.MONTH, date(2026, 5, 30)),
        (PeriodKind.MONTH, YEAR_END),
        (PeriodKind.YEAR, date(2026, 5, 31)),
        (PeriodKind.MONTH, date(2024, 2, 28)),
    ],
)
def test_a_period_ends_whole(kind: PeriodKind, through: date) -> None:
    with pytest.raises(PeriodMustEndWhole):
        kind.must_end(through)


def test_periods_follow_each_other() -> None:
    PeriodKind.MONTH.must_end(date(2024, 2, 29))
    PeriodKind.YEAR.must_end(YEAR_END)
    must_follow("general", date(2026, 5, 31), None)
    must_follow("general", date(2026, 5, 31), date(2026, 4, 30))
    must_follow("general", date(2027, 1, 31), YEAR_END)
    for last in (date(2026, 3, 31), date(2026, 5, 31), date(2026, 6, 30)):
        with pytest.raises(PeriodMustFollowTheLast):
            must_follow("general", date(2026, 5, 31), last)


def test_a_period_is_closed_behind_its_dates() -> None:
    end, now = date(2026, 5, 31), datetime(2026, 6, 2, tzinfo=UTC)
    must_be_closed("general", end, BookDay("general", end, BookDayStatus.CLOSED, now))
    must_be_closed("general", end, BookDay("general", date(2026, 6, 1), BookDayStatus.CUT_OFF, now))
    for last in (None, BookDay("general", end, BookDayStatus.PROVED), BookDay("general", date(2026, 5, 30))):
        with pytest.raises(PeriodDatesMustBeClosed):
            must_be_closed("general", end, last)
