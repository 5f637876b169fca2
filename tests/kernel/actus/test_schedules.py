"""Cycles, stubs, ends of months and arrays, worked out by hand."""

from datetime import datetime

import pytest

from zhongtai.kernel.actus.codes import EndOfMonthConvention
from zhongtai.kernel.actus.schedules import (
    Cycle,
    CycleStandsStill,
    Period,
    PeriodNotUnderstood,
    array_schedule,
    schedule,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(times: tuple[datetime, ...]) -> str:
    return " ".join(f"{time:%m-%d}" for time in times)


@pytest.mark.parametrize(
    ("cycle", "anchor", "end", "expected"),
    [
        ("P1ML0", "2024-01-15", "2024-04-15", "01-15 02-15 03-15 04-15"),
        ("P1ML1", "2024-01-15", "2024-04-20", "01-15 02-15 03-15 04-15 04-20"),
        ("P1ML0", "2024-01-15", "2024-04-20", "01-15 02-15 03-15 04-20"),
        ("P1ML0", "2024-01-15", "2024-01-20", "01-15 01-20"),
        ("P1ML0", "2024-01-31", "2024-05-31", "01-31 02-29 03-31 04-30 05-31"),
        ("P2WL1", "2024-01-31", "2024-02-20", "01-31 02-14 02-20"),
        ("P10DL1", "2024-01-31", "2024-02-20", "01-31 02-10 02-20"),
        ("P1QL1", "2024-01-31", "2024-08-01", "01-31 04-30 07-31 08-01"),
        ("P1HL1", "2024-01-31", "2024-08-01", "01-31 07-31 08-01"),
        ("P1YL1", "2024-02-29", "2025-03-01", "02-29 02-28 03-01"),
        ("P1ML1", "2024-05-01", "2024-04-01", ""),
        ("P1ML1", "2024-05-01", "2024-05-01", "05-01"),
    ],
)
def test_a_cycle_runs_from_its_anchor_to_its_end(cycle: str, anchor: str, end: str, expected: str) -> None:
    assert told(schedule(at(anchor), Cycle.of(cycle), at(end))) == expected


def test_an_end_that_is_not_wanted_is_left_out_and_the_stub_stays_joined() -> None:
    anchor, end = at("2024-01-15"), at("2024-04-20")
    assert told(schedule(anchor, Cycle.of("P1ML0"), end, with_end=False)) == "01-15 02-15 03-15"
    assert told(schedule(anchor, Cycle.of("P1ML1"), end, with_end=False)) == "01-15 02-15 03-15 04-15"


def test_without_a_cycle_or_an_end_or_an_anchor() -> None:
    anchor, end = at("2024-01-15"), at("2024-04-20")
    assert schedule(anchor, None, end) == (anchor, end)
    assert schedule(anchor, None, None) == (anchor,)
    assert schedule(None, Cycle.of("P1ML0"), end) == (end,)
    assert schedule(None, None, None) == ()


@pytest.mark.parametrize(
    ("anchor", "convention", "expected"),
    [
        ("2024-04-30", "EOM", "04-30 05-31 06-30 07-31"),
        ("2024-04-30", "SD", "04-30 05-30 06-30 07-30 07-31"),
        ("2024-04-29", "EOM", "04-29 05-29 06-29 07-29 07-31"),
    ],
)
def test_the_end_of_a_month_is_kept_where_it_is_agreed(anchor: str, convention: str, expected: str) -> None:
    found = schedule(at(anchor), Cycle.of("P1ML1"), at("2024-07-31"), EndOfMonthConvention(convention))
    assert told(found) == expected


def test_the_end_of_a_month_says_nothing_about_weeks() -> None:
    found = schedule(at("2024-04-30"), Cycle.of("P2WL1"), at("2024-05-28"), EndOfMonthConvention.EOM)
    assert told(found) == "04-30 05-14 05-28"


def test_an_array_has_a_row_for_each_anchor() -> None:
    anchors = [at("2024-01-01"), at("2024-07-01"), at("2025-01-01")]
    cycles = [Cycle.of("P3ML1"), Cycle.of("P2ML1"), Cycle.of("P1YL1")]
    rows = array_schedule(anchors, cycles, at("2026-06-01"))
    assert [told(row) for row in rows] == ["01-01 04-01", "07-01 09-01 11-01", "01-01 01-01"]
    assert [told(row) for row in array_schedule(anchors, [], at("2025-01-01"))] == ["01-01", "07-01", ""]
    for some in (cycles[:1], cycles[:2]):
        assert [told(row) for row in array_schedule(anchors, some, at("2025-01-01"))] == [
            "01-01 04-01",
            "07-01 10-01",
            "",
        ]


@pytest.mark.parametrize("text", ["1M", "P1", "PM", "P-1ML0", "P1ML2", ""])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodNotUnderstood):
        Period.of(text)


def test_a_cycle_that_stands_still_is_refused() -> None:
    with pytest.raises(CycleStandsStill):
        Cycle.of("P0DL1")
    assert Period.of("P0D") == Period()
