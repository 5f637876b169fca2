"""Arrears: days, ranges, pauses and charge-backs, with the figures of the cases the rules were read from."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.servicing.arrears import (
    Pause,
    lateness,
    lateness_by_instalment,
    overdue,
    paused_days,
    pauses,
    range_of,
)
from zhongtai.kernel.servicing.operations import EndDelinquencyPause, PauseDelinquency
from zhongtai.kernel.servicing.terms import Arrears, DelinquencyRange
from zhongtai.kernel.servicing.transactions import Portions, ScheduleRow, Transaction, TransactionType

RANGES = (
    DelinquencyRange("RANGE_1", 1, 3),
    DelinquencyRange("RANGE_3", 4, 30),
    DelinquencyRange("RANGE_30", 31, 60),
    DelinquencyRange("RANGE_60", 61, None),
)
ARREARS = Arrears(grace_days=3, ranges=RANGES)
OCTOBER = date(2023, 10, 1)
DAYS = st.dates(date(2023, 9, 1), date(2024, 6, 1))


def row(number: int, start: date, due: date, owed: int = 25_000, paid: int = 0) -> ScheduleRow:
    """An instalment of which `paid` of `owed` was paid."""
    met = due if paid == owed else None
    none = Portions()
    return ScheduleRow(number, start, due, met, 0, Portions(owed), Portions(paid), none, none)


def charge_back(on: date, amount: int) -> Transaction:
    portions = Portions(amount)
    return Transaction("op9", TransactionType.CHARGEBACK, on, on, amount, portions, 0, 0, False, False, "op9")


SCHEDULE = (
    row(1, OCTOBER, OCTOBER),
    row(2, OCTOBER, date(2023, 10, 16)),
    row(3, date(2023, 10, 16), date(2023, 10, 31)),
)


def test_days_count_after_grace_and_stand_still_in_a_pause() -> None:
    """SOURCE: apache/fineract, scenario C3002: due on 1 October, paused from the 6th."""
    late = lateness(SCHEDULE, (), ARREARS, date(2023, 10, 6))
    assert (late.range, late.delinquent_days, late.past_due_days, late.amount) == ("RANGE_1", 2, 5, 25_000)
    assert late.delinquent_on == date(2023, 10, 4)
    paused = (Pause(date(2023, 10, 6), date(2023, 10, 30)),)
    late = lateness(SCHEDULE, (), ARREARS, date(2023, 10, 16), paused)
    assert (late.range, late.delinquent_days, late.past_due_days) == ("RANGE_1", 2, 15)


def test_an_instalment_is_aged_without_grace() -> None:
    """SOURCE: apache/fineract, scenario C3002."""
    assert lateness_by_instalment(SCHEDULE, (), ARREARS, date(2023, 10, 6)) == {"RANGE_3": 25_000}
    assert lateness_by_instalment(SCHEDULE, (), ARREARS, date(2023, 12, 16)) == {"RANGE_60": 50_000, "RANGE_30": 25_000}


def test_a_charge_back_makes_late_what_had_been_paid() -> None:
    """SOURCE: apache/fineract, scenario C4621: a payment of 1 October is taken back on the 5th."""
    schedule = (row(1, OCTOBER, OCTOBER, paid=25_000), row(2, OCTOBER, date(2023, 10, 16), owed=50_000))
    late = lateness(schedule, (charge_back(date(2023, 10, 5), 25_000),), ARREARS, date(2023, 10, 10))
    assert (late.range, late.amount, late.past_due_on) == ("RANGE_1", 25_000, date(2023, 10, 5))
    assert (late.delinquent_on, late.delinquent_days) == (date(2023, 10, 8), 2)


def test_a_pause_that_is_ended_early_ends_that_day() -> None:
    given_ = PauseDelinquency(reference="op1", booked_on=OCTOBER, start_on=OCTOBER, end_on=date(2023, 11, 1))
    ended = EndDelinquencyPause(reference="op2", booked_on=date(2023, 10, 5))
    assert pauses([given_]) == (Pause(OCTOBER, date(2023, 11, 1)),)
    assert pauses([given_, ended]) == (Pause(OCTOBER, date(2023, 10, 5)),)


def test_nothing_is_late_on_its_due_date() -> None:
    assert lateness(SCHEDULE, (), ARREARS, OCTOBER).range is None
    assert overdue(SCHEDULE, OCTOBER) == 0
    assert overdue(SCHEDULE, OCTOBER + timedelta(days=1)) == 25_000


@given(st.lists(st.tuples(DAYS, DAYS), max_size=1), DAYS, DAYS)
def test_paused_days_are_days_of_the_pause_and_of_the_span(
    spans: list[tuple[date, date]], start: date, end: date
) -> None:
    paused = [Pause(*span) for span in spans]
    days = [start + timedelta(days=n) for n in range(max((end - start).days, 0))]
    assert paused_days(paused, start, end) == sum(any(each.start <= day < each.end for each in paused) for day in days)


@given(st.integers(0, 400))
def test_every_day_has_at_most_one_range_and_later_days_no_milder_one(days: int) -> None:
    names = [each.name for each in RANGES]
    found = range_of(days, RANGES)
    assert (found is None) == (days == 0)
    if found is not None:
        assert names.index(range_of(days + 1, RANGES) or "") >= names.index(found)
