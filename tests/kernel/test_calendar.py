"""The bank calendar against the notices of the State Council, and the rules that move dates."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.calendar import (
    CHINA_INTERBANK,
    BankCalendar,
    BusinessDayConvention,
    CalendarMustBeWhole,
    DateOutsideCalendar,
)

FIRST, LAST = date(2020, 1, 1), date(2026, 12, 31)
ADJUSTING = [each for each in BusinessDayConvention if each is not BusinessDayConvention.UNADJUSTED]
# A month from the ends, no holiday reaches out of the range.
inner_days = st.dates(FIRST + timedelta(31), LAST - timedelta(31))


def days(text: str) -> list[date]:
    return [date.fromisoformat(each) for each in text.split()]


# 国务院办公厅关于部分节假日安排的通知, one row a year: holidays that are weekdays, then weekends that are worked.
NOTICES = {
    "国办发明电〔2019〕16号, 〔2020〕1号": (
        "2020-01-01 2020-01-24 2020-01-30 2020-01-31 2020-04-06 2020-05-05 2020-06-25 2020-06-26 2020-10-08",
        "2020-01-19 2020-04-26 2020-05-09 2020-06-28 2020-09-27 2020-10-10",
    ),
    "国办发明电〔2020〕27号": (
        "2021-01-01 2021-02-11 2021-02-17 2021-04-05 2021-05-05 2021-06-14 2021-09-20 2021-09-21 2021-10-07",
        "2021-02-07 2021-02-20 2021-04-25 2021-05-08 2021-09-18 2021-09-26 2021-10-09",
    ),
    "国办发明电〔2021〕11号": (
        "2022-01-03 2022-01-31 2022-02-04 2022-04-04 2022-04-05 2022-05-04 2022-06-03 2022-09-12 2022-10-07",
        "2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09",
    ),
    "国办发明电〔2022〕16号": (
        "2023-01-02 2023-01-23 2023-01-27 2023-04-05 2023-05-03 2023-06-22 2023-06-23 2023-09-29 2023-10-06",
        "2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08",
    ),
    "国办发明电〔2023〕7号": (
        "2024-01-01 2024-02-12 2024-02-16 2024-04-04 2024-04-05 2024-05-03 2024-06-10 2024-09-17 2024-10-07",
        "2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12",
    ),
    "国办发明电〔2024〕12号": (
        "2025-01-01 2025-01-28 2025-02-04 2025-04-04 2025-05-05 2025-06-02 2025-10-01 2025-10-08",
        "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11",
    ),
    "国办发明电〔2025〕7号": (
        "2026-01-01 2026-01-02 2026-02-16 2026-02-23 2026-04-06 2026-05-05 2026-06-19 2026-09-25 2026-10-07",
        "2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10",
    ),
}


@pytest.mark.parametrize("notice", NOTICES)
def test_the_calendar_keeps_the_notice(notice: str) -> None:
    holidays, worked = NOTICES[notice]
    for day in days(holidays):
        assert day.weekday() < 5, day
        assert not CHINA_INTERBANK.is_business_day(day), day
    for day in days(worked):
        assert day.weekday() >= 5, day
        assert CHINA_INTERBANK.is_business_day(day), day


@pytest.mark.parametrize(
    ("year", "business_days"),
    [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_a_year_has_the_days_of_its_notice(year: int, business_days: int) -> None:
    """Counted with QuantLib 1.44, China(IB), which agrees on every single day from 2020 to 2026."""
    year_days = [date(year, 1, 1) + timedelta(place) for place in range(366)]
    assert sum(day.year == year and CHINA_INTERBANK.is_business_day(day) for day in year_days) == business_days


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2027, 1, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_date_outside_is_refused_with_the_range(day: date) -> None:
    with pytest.raises(DateOutsideCalendar) as refused:
        CHINA_INTERBANK.is_business_day(day)
    assert refused.value.metadata["first"] == "2020-01-01"
    assert refused.value.metadata["last"] == "2026-12-31"
    for convention in ADJUSTING:
        with pytest.raises(DateOutsideCalendar):
            CHINA_INTERBANK.adjust(day, convention)
    assert CHINA_INTERBANK.adjust(day, BusinessDayConvention.UNADJUSTED) == day


def test_counting_past_the_end_is_refused() -> None:
    with pytest.raises(DateOutsideCalendar):
        CHINA_INTERBANK.next_business_day(LAST)
    with pytest.raises(DateOutsideCalendar):
        CHINA_INTERBANK.add_business_days(FIRST, 10_000)


@pytest.mark.parametrize(
    ("day", "convention", "expected"),
    [
        # National Day 2025 lasts to Wednesday 8 October; Sunday 28 September is worked.
        (date(2025, 10, 1), BusinessDayConvention.FOLLOWING, date(2025, 10, 9)),
        (date(2025, 10, 1), BusinessDayConvention.PRECEDING, date(2025, 9, 30)),
        (date(2025, 10, 1), BusinessDayConvention.MODIFIED_PRECEDING, date(2025, 10, 9)),
        (date(2025, 9, 28), BusinessDayConvention.FOLLOWING, date(2025, 9, 28)),
        # Spring Festival 2022: Monday 31 January is a holiday and the last of its month, the Sunday before is worked.
        (date(2022, 1, 31), BusinessDayConvention.FOLLOWING, date(2022, 2, 7)),
        (date(2022, 1, 31), BusinessDayConvention.MODIFIED_FOLLOWING, date(2022, 1, 30)),
        (date(2022, 1, 31), BusinessDayConvention.UNADJUSTED, date(2022, 1, 31)),
        # New Year's Day 2020 is the first day known: looking back turns round at the month, before the end.
        (date(2020, 1, 1), BusinessDayConvention.MODIFIED_PRECEDING, date(2020, 1, 2)),
    ],
)
def test_adjust(day: date, convention: BusinessDayConvention, expected: date) -> None:
    assert CHINA_INTERBANK.adjust(day, convention) == expected


def test_business_days_are_counted() -> None:
    count = CHINA_INTERBANK.add_business_days
    assert CHINA_INTERBANK.next_business_day(date(2025, 9, 30)) == date(2025, 10, 9)
    assert count(date(2025, 9, 30), 3) == date(2025, 10, 11)
    assert count(date(2025, 10, 9), -1) == date(2025, 9, 30)
    assert count(date(2025, 10, 3), 0) == date(2025, 10, 9)
    assert count(date(2025, 10, 9), 0) == date(2025, 10, 9)


@settings(max_examples=100)
@given(day=inner_days, convention=st.sampled_from(ADJUSTING))
def test_adjusting_is_idempotent_and_stays_near(day: date, convention: BusinessDayConvention) -> None:
    adjusted = CHINA_INTERBANK.adjust(day, convention)
    assert CHINA_INTERBANK.is_business_day(adjusted)
    assert CHINA_INTERBANK.adjust(adjusted, convention) == adjusted
    assert abs(adjusted - day) <= timedelta(11)
    if convention.startswith("MODIFIED"):
        assert adjusted.month == day.month


@settings(max_examples=100)
@given(day=inner_days, count=st.integers(1, 15))
def test_counting_there_and_back(day: date, count: int) -> None:
    start = CHINA_INTERBANK.add_business_days(day, 0)
    end = CHINA_INTERBANK.add_business_days(start, count)
    between = [start + timedelta(place) for place in range(1, (end - start).days + 1)]
    assert sum(map(CHINA_INTERBANK.is_business_day, between)) == count
    assert CHINA_INTERBANK.add_business_days(end, -count) == start


def test_an_override_table_adds_a_year_and_changes_days() -> None:
    table = {
        "version": "bank-7",
        "years": {"2027": {"holidays": [["2027-01-01", "2027-01-03"]], "worked_weekends": ["2027-01-09"]}},
        "days": {"2026-12-31": False, "2026-12-26": True, "2026-10-10": False, "2026-10-07": True},
    }
    calendar = CHINA_INTERBANK.with_overrides(table)
    assert calendar.next_business_day(date(2026, 12, 30)) == date(2027, 1, 4)
    assert [calendar.is_business_day(day) for day in days("2026-12-26 2026-10-10 2026-10-07 2027-01-09")] == [
        True,
        False,
        True,
        True,
    ]
    assert calendar.version == "bank-7"
    assert CHINA_INTERBANK.is_business_day(date(2026, 12, 31)), "the calendar it was made from is as before"
    with pytest.raises(DateOutsideCalendar):
        calendar.is_business_day(date(2028, 1, 1))


def test_an_override_table_replaces_a_year_whole() -> None:
    calendar = CHINA_INTERBANK.with_overrides(
        {"version": "x", "years": {"2026": {"holidays": [], "worked_weekends": []}}}
    )
    assert calendar.is_business_day(date(2026, 10, 1))
    assert not calendar.is_business_day(date(2026, 10, 10))
    assert not calendar.is_business_day(date(2025, 10, 1))


@pytest.mark.parametrize(
    "years",
    [
        {"2028": {"holidays": [], "worked_weekends": []}},
        {"2027": {"holidays": [["2026-12-31", "2027-01-01"]], "worked_weekends": []}},
        {"2027": {"holidays": [], "worked_weekends": ["2027-01-04"]}},
        {"2027": {"holidays": [["2027-01-03", "2027-01-01"]], "worked_weekends": []}},
        {"2027": {"holidays": [["2027-01-01", "2027-01-03"]], "worked_weekends": ["2027-01-03"]}},
    ],
    ids=["gap", "other year", "worked weekday", "backwards", "holiday and worked"],
)
def test_a_broken_table_is_refused(years: Mapping[str, Any]) -> None:
    with pytest.raises(CalendarMustBeWhole):
        CHINA_INTERBANK.with_overrides({"version": "x", "years": years})


def test_days_are_changed_only_where_the_calendar_knows_them() -> None:
    with pytest.raises(DateOutsideCalendar):
        CHINA_INTERBANK.with_overrides({"version": "x", "days": {"2030-01-01": False}})


def test_a_calendar_is_read_from_its_table() -> None:
    calendar = BankCalendar.of(
        {
            "name": "two",
            "version": "1",
            "years": {year: {"holidays": [], "worked_weekends": []} for year in ("2031", "2030")},
        }
    )
    assert (calendar.first_year, calendar.last_year) == (2030, 2031)
    assert calendar.is_business_day(date(2030, 1, 1))
