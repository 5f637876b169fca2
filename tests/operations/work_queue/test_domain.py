"""Queues: business minutes go by on the bank's calendar alone, and what contradicts itself is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.operations.work_queue.domain import (
    ZONE,
    EscalationMustGoOn,
    EscalationStep,
    WarningMustComeBeforeDue,
    WorkingHoursMustFollow,
    WorkQueue,
)
from zhongtai.operations.work_queue.store import SHIPPED

QUEUE = WorkQueue(
    "q", "Queue", "队列", "officer", sla_minutes=480, warn_minutes=60, opens_minute=540, closes_minute=1020
)


def china(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZONE)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "minutes", "ends"),
    [
        (china(2026, 5, 6, 9), 480, china(2026, 5, 6, 17)),
        (china(2026, 5, 6, 16), 61, china(2026, 5, 7, 9, 1)),
        # Before opening and after closing the clock stands still.
        (china(2026, 5, 6, 3), 1, china(2026, 5, 6, 9, 1)),
        (china(2026, 5, 6, 23), 1, china(2026, 5, 7, 9, 1)),
        # 1 to 5 May 2026 are holidays, and Saturday 9 May is worked for them (State Council notice for 2026).
        (china(2026, 4, 30, 16, 30), 60, china(2026, 5, 6, 9, 30)),
        (china(2026, 5, 8, 16, 30), 60, china(2026, 5, 9, 9, 30)),
        (china(2026, 5, 9, 16, 30), 60, china(2026, 5, 11, 9, 30)),
        # National Day: 1 to 7 October 2026, Sunday 20 September and Saturday 10 October worked for it; in 2025, with
        # Mid-Autumn, 1 to 8 October, Sunday 28 September and Saturday 11 October worked.
        (china(2026, 9, 30, 16, 30), 60, china(2026, 10, 8, 9, 30)),
        (china(2026, 10, 3, 12), 1, china(2026, 10, 8, 9, 1)),
        (china(2026, 9, 18, 16, 30), 60, china(2026, 9, 20, 9, 30)),
        (china(2026, 10, 9, 9), 481, china(2026, 10, 10, 9, 1)),
        (china(2025, 9, 27, 12), 481, china(2025, 9, 29, 9, 1)),
        (china(2025, 9, 30, 16), 600, china(2025, 10, 10, 10)),
        (china(2025, 10, 10, 16, 30), 60, china(2025, 10, 11, 9, 30)),
    ],
)
def test_business_minutes_go_by_in_working_hours_alone(start: datetime, minutes: int, ends: datetime) -> None:
    found = QUEUE.after(start, minutes)
    assert found == ends
    assert found.tzinfo is UTC


def test_beyond_the_calendar_weekdays_are_worked_so_that_an_order_is_always_opened() -> None:
    year = CHINA_INTERBANK.last_year + 1
    friday = next(date(year, 6, day) for day in range(1, 8) if date(year, 6, day).weekday() == 4)
    evening = datetime(friday.year, friday.month, friday.day, 16, 30, tzinfo=ZONE)
    assert QUEUE.after(evening, 60) == evening + timedelta(days=2, hours=17)


@given(
    st.integers(0, 240 * 24 * 60).map(lambda minutes: china(2026, 1, 1) + timedelta(minutes=minutes)),
    st.integers(0, 5_000),
    st.integers(0, 5_000),
)
def test_the_clock_only_runs_on_and_adds_up(start: datetime, first: int, second: int) -> None:
    halfway = QUEUE.after(start, first)
    assert halfway >= start
    assert QUEUE.after(halfway, second) == QUEUE.after(start, first + second)
    moment = halfway.astimezone(ZONE)
    assert CHINA_INTERBANK.is_business_day(moment.date())
    assert 540 <= moment.hour * 60 + moment.minute <= 1020


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(WorkingHoursMustFollow):
        replace(QUEUE, closes_minute=540).must_be_whole()
    with pytest.raises(WarningMustComeBeforeDue):
        replace(QUEUE, warn_minutes=480).must_be_whole()
    first = EscalationStep(10, role="chief")
    for steps in (
        (first, EscalationStep(10, role="head")),
        (EscalationStep(10),),
        (EscalationStep(10, queue_id="q"),),
    ):
        with pytest.raises(EscalationMustGoOn):
            replace(QUEUE, steps=steps).must_be_whole()
    replace(QUEUE, steps=(first, EscalationStep(11, priority=1))).must_be_whole()


@pytest.mark.parametrize("queue", SHIPPED.values(), ids=lambda queue: queue.queue_id)
def test_every_shipped_queue_is_whole_and_said_in_both_languages(queue: WorkQueue) -> None:
    queue.must_be_whole()
    assert queue.title
    assert queue.title_zh
    assert all(step.queue_id in {"", *SHIPPED} for step in queue.steps)
