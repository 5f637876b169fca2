"""Versions of the chart of accounts: what one may change of the one before."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account.domain import Side
from zhongtai.operations.chart.domain import (
    AccountCategory,
    AccountCodeMustBeOpen,
    ChartHistory,
    ChartRelease,
    ChartVersionNotFound,
    GeneralAccount,
)

TODAY = date(2026, 5, 6)
CASH = GeneralAccount("1001", "Cash", "库存现金", AccountCategory.ASSET, Side.DEBIT)
FEES = GeneralAccount("6021", "Fees", "手续费收入", AccountCategory.INCOME, Side.CREDIT)
GOLD = GeneralAccount("1431", "Gold", "贵金属", AccountCategory.ASSET, Side.DEBIT)
SHIPPED = ChartRelease(1, date.min, (CASH, FEES))
ONLY_SHIPPED = ChartHistory((SHIPPED,))


def second(*lines: GeneralAccount, **changed: Any) -> ChartRelease:
    return replace(ChartRelease(2, TODAY, lines or (GOLD,), TODAY, "tester"), **changed)


def test_a_version_is_in_force_from_its_date_and_the_one_before_until_then() -> None:
    later = second(GOLD, replace(CASH, name="Notes"), effective_from=TODAY + timedelta(1))
    fact = ONLY_SHIPPED.release(later)
    assert fact
    assert (fact.version, fact.account_codes) == (2, ("1431", "1001"))
    history = ChartHistory((SHIPPED, later))
    assert [*history.on(TODAY).accounts] == ["1001", "6021"]
    now = history.on(TODAY + timedelta(1))
    assert ([*now.accounts], now.account("1001").name) == (["1001", "1431", "6021"], "Notes")
    assert history.version(2) == (later, now)
    with pytest.raises(ChartVersionNotFound):
        history.version(3)


def test_the_same_version_again_changes_nothing() -> None:
    history = ChartHistory((SHIPPED, second()))
    assert history.release(second(released_on=TODAY + timedelta(9), released_by="another")) is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (second(version=1), "CHART_VERSION_ALREADY_RELEASED"),
        (second(version=3), "CHART_VERSION_MUST_FOLLOW"),
        (second(effective_from=TODAY - timedelta(1)), "CHART_MUST_NOT_TAKE_EFFECT_EARLIER"),
        (second(replace(CASH, side=Side.CREDIT)), "ACCOUNT_CODE_MUST_KEEP_ITS_MEANING"),
        (second(replace(CASH, category=AccountCategory.EQUITY)), "ACCOUNT_CODE_MUST_KEEP_ITS_MEANING"),
        (second(replace(CASH, takes_postings=False)), "ACCOUNT_CODE_MUST_KEEP_ITS_MEANING"),
        (second(replace(CASH, closed_from=TODAY - timedelta(1))), "ACCOUNT_CODE_MUST_NOT_CLOSE_EARLIER"),
        (second(replace(FEES, closed_from=date(2026, 7, 1))), "ACCOUNT_CODE_MUST_CLOSE_WITH_ITS_YEAR"),
    ],
)
def test_what_would_take_away_what_a_code_stands_for_is_refused(asked: ChartRelease, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        ONLY_SHIPPED.release(asked)
    assert refused.value.reason == reason


def test_no_version_is_in_force_before_the_one_before_it() -> None:
    ahead = second(effective_from=TODAY + timedelta(9))
    with pytest.raises(Refusal) as refused:
        ChartHistory((SHIPPED, ahead)).release(second(CASH, version=3, effective_from=TODAY + timedelta(8)))
    assert refused.value.reason == "CHART_MUST_NOT_TAKE_EFFECT_EARLIER"


def test_a_code_closes_from_its_date_on_and_opens_again_by_another_version() -> None:
    closing = second(replace(CASH, closed_from=TODAY + timedelta(2)), replace(FEES, closed_from=date(2027, 1, 1)))
    assert ONLY_SHIPPED.release(closing)
    history = ChartHistory((SHIPPED, closing))
    chart = history.on(TODAY)
    chart.must_be_open("1001", TODAY + timedelta(1))
    with pytest.raises(AccountCodeMustBeOpen):
        chart.must_be_open("1001", TODAY + timedelta(2))
    again = ChartRelease(3, TODAY + timedelta(5), (CASH,), TODAY, "tester")
    assert history.release(again)
    ChartHistory((SHIPPED, closing, again)).on(TODAY + timedelta(5)).must_be_open("1001", TODAY + timedelta(9))
    # A closed code may have another name and stay closed as it is.
    renamed = replace(closing.lines[0], name="Old cash")
    assert history.release(ChartRelease(3, TODAY + timedelta(5), (renamed,), TODAY, "tester"))


LINES = st.builds(
    replace,
    st.sampled_from([CASH, FEES, GOLD]),
    name=st.sampled_from(["a", "b"]),
    side=st.sampled_from([Side.DEBIT, Side.DEBIT, Side.CREDIT]),
    closed_from=st.sampled_from([None, TODAY, date(2027, 1, 1)]),
)


@given(st.lists(st.tuples(LINES, st.integers(-1, 2)), max_size=8))
def test_no_release_loses_a_code_or_what_it_stands_for(
    asked: list[tuple[GeneralAccount, int]],
) -> None:
    history, effective_from = ONLY_SHIPPED, TODAY
    for line, days in asked:
        last = history.releases[-1].version
        release = ChartRelease(last + 1, effective_from + timedelta(days), (line,), TODAY, "tester")
        try:
            history.release(release)
        except Refusal:
            continue
        effective_from = release.effective_from
        history = ChartHistory((*history.releases, release))
    charts = [history.version(number + 1)[1].accounts for number in range(len(history.releases))]
    for earlier, later in pairwise(charts):
        assert earlier.keys() <= later.keys()
        assert all(
            (line.category, line.side, line.takes_postings)
            == (later[code].category, later[code].side, later[code].takes_postings)
            for code, line in earlier.items()
        )
    dates = [release.effective_from for release in history.releases]
    assert dates == sorted(dates)
