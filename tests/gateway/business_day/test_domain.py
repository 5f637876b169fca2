"""The business date goes forward only, and only where it may be moved."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.gateway.business_day.domain import (
    BANK,
    BusinessDateMustFollowTheBank,
    BusinessDateMustNotGoBack,
    BusinessDay,
    DateMustExist,
    day_of,
)

DAY = BusinessDay(BANK, movable=True)


@given(st.lists(st.dates(), max_size=20))
def test_it_never_goes_back(dates: list[date]) -> None:
    day, present = DAY, date(2026, 5, 4)
    for to in dates:
        try:
            day, fact = day.advance(present, to)
        except BusinessDateMustNotGoBack:
            assert to < present
        else:
            assert (day.business_date, bool(fact)) == (to, to > present)
            present = to


def test_where_it_follows_the_bank_it_is_not_moved() -> None:
    with pytest.raises(BusinessDateMustFollowTheBank):
        BusinessDay(BANK, movable=False).advance(date(2026, 5, 4), date(2026, 5, 5))


def test_a_day_that_the_calendar_does_not_have() -> None:
    assert day_of(2028, 2, 29) == date(2028, 2, 29)
    with pytest.raises(DateMustExist):
        day_of(2026, 2, 29)
