"""The states of a date, and which date an entry belongs to whatever the close is doing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.book_day.domain import (
    BookDates,
    BookDay,
    BookDayBeforeMustBeClosed,
    BookDayMustAdvanceInOrder,
    BookDayMustHaveBegun,
    BookDayStatus,
    LateEntries,
    LateEntryMustBeAllowed,
    LateEntryMustSayWhy,
    NextDate,
    PeriodMustBeOpen,
)

NOW = datetime(2026, 5, 5, 1, tzinfo=UTC)
MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)
DAY = timedelta(days=1)
CLOSING = tuple(BookDayStatus)[1:]


def dates(late: LateEntries = LateEntries.BACK_DATED, **known: object) -> BookDates:
    return replace(BookDates("general", late, NextDate.EVERY_DAY), **known)  # type: ignore[arg-type]


def cut(late: LateEntries = LateEntries.BACK_DATED, **known: object) -> BookDates:
    return dates(late, cut_off_through=MAY_4, open_date=MAY_5, **known)


def test_a_date_goes_through_its_states_and_keeps_when() -> None:
    day = BookDay("general", MAY_4)
    for hours, status in enumerate(CLOSING):
        day = day.advance(status, None, MAY_5, NOW + timedelta(hours=hours))
        assert day.advance(status, None, MAY_5, NOW + DAY) is day
    assert day.advance(BookDayStatus.CUT_OFF, None, MAY_5, NOW) is day
    moments = [day.cut_off_at, day.accrued_at, day.posted_at, day.proved_at, day.closed_at]
    assert moments == [NOW + timedelta(hours=hours) for hours in range(5)]


def test_a_date_skips_no_state_and_no_date() -> None:
    with pytest.raises(BookDayMustAdvanceInOrder):
        BookDay("general", MAY_4).advance(BookDayStatus.ACCRUED, None, MAY_5, NOW)
    with pytest.raises(BookDayMustHaveBegun):
        BookDay("general", MAY_5).advance(BookDayStatus.CUT_OFF, None, MAY_4, NOW)
    for status in CLOSING[:-1]:
        with pytest.raises(BookDayBeforeMustBeClosed):
            BookDay("general", MAY_5).advance(BookDayStatus.CUT_OFF, BookDay("general", MAY_4, status), MAY_5, NOW)
    closed = BookDay("general", MAY_5, BookDayStatus.CLOSED)
    with pytest.raises(BookDayMustAdvanceInOrder):
        BookDay("general", MAY_4).advance(BookDayStatus.CUT_OFF, closed, MAY_5, NOW)


def test_a_book_that_is_never_cut_off_takes_every_date_as_it_is() -> None:
    assert dates().booking_date(None, MAY_5, "ann", "") == MAY_5
    assert dates(LateEntries.REFUSE).booking_date(MAY_4 - 300 * DAY, MAY_5, "ann", "") == MAY_4 - 300 * DAY


def test_after_cut_off_entries_go_to_the_next_date_while_the_bank_is_still_on_the_old_one() -> None:
    assert cut().booking_date(None, MAY_4, "ann", "") == MAY_5
    assert cut().booking_date(None, MAY_5, "ann", "") == MAY_5
    assert cut().booking_date(None, MAY_5 + DAY, "ann", "") == MAY_5 + DAY


def test_a_weekend_belongs_to_monday_where_the_next_bank_day_opens() -> None:
    friday, monday = date(2026, 5, 15), date(2026, 5, 18)
    book = replace(dates(), next_date=NextDate.BANK_DAY)
    book = book.followed(BookDay("general", friday, BookDayStatus.CUT_OFF))
    assert [book.booking_date(None, friday + ahead * DAY, "ann", "") for ahead in range(4)] == [monday] * 4


@pytest.mark.parametrize("subject", ["event:credit", "jobs"])
@pytest.mark.parametrize("late", list(LateEntries))
def test_the_steps_of_the_close_book_on_its_date_until_it_is_posted(subject: str, late: LateEntries) -> None:
    assert cut(late).booking_date(MAY_4, MAY_5, subject, "") == MAY_4


def test_late_entries_follow_the_policy_of_the_book() -> None:
    with pytest.raises(LateEntryMustBeAllowed):
        cut(LateEntries.REFUSE).booking_date(MAY_4, MAY_5, "ann", "forgotten")
    assert cut(LateEntries.NEXT_DAY).booking_date(MAY_4, MAY_4, "ann", "") == MAY_5
    assert cut().booking_date(MAY_4, MAY_5, "ann", "forgotten") == MAY_4
    with pytest.raises(LateEntryMustSayWhy):
        cut().booking_date(MAY_4, MAY_5, "ann", " ")
    posted = cut(LateEntries.REFUSE, posted_through=MAY_4)
    with pytest.raises(LateEntryMustBeAllowed):
        posted.booking_date(MAY_4, MAY_5, "jobs", "")
    assert posted.booking_date(MAY_4, MAY_5, "event:credit", "") == MAY_5


def test_a_closed_period_takes_nothing_but_its_own_carry_forward() -> None:
    closed = cut(period_closed_through=MAY_4 - DAY, posted_through=MAY_4)
    with pytest.raises(PeriodMustBeOpen):
        closed.booking_date(MAY_4 - DAY, MAY_5, "ann", "forgotten")
    assert closed.booking_date(MAY_4 - DAY, MAY_5, "event:credit", "") == MAY_5
    assert replace(closed, closing_period=MAY_4).booking_date(MAY_4, MAY_5, "ann", "") == MAY_4


@given(
    late=st.sampled_from(LateEntries),
    following=st.sampled_from(NextDate),
    subject=st.sampled_from(["ann", "jobs", "event:credit"]),
    reason=st.sampled_from(["", "forgotten"]),
    asked=st.integers(-5, 3),
    ahead=st.integers(0, 3),
    posted=st.booleans(),
    closed=st.integers(-5, 0),
)
def test_no_entry_ever_lands_in_a_closed_period_and_no_event_is_refused(
    *,
    late: LateEntries,
    following: NextDate,
    subject: str,
    reason: str,
    asked: int,
    ahead: int,
    posted: bool,
    closed: int,
) -> None:
    period = MAY_4 + closed * DAY
    book = replace(dates(late, period_closed_through=period), next_date=following)
    book = book.followed(BookDay("general", MAY_4, BookDayStatus.CUT_OFF))
    if posted:
        book = book.followed(BookDay("general", MAY_4, BookDayStatus.POSTED))
    try:
        answer = book.booking_date(MAY_4 + asked * DAY, MAY_4 + ahead * DAY, subject, reason)
    except Refusal:
        assert not subject.startswith("event:")
        return
    assert answer > period
    assert answer in (MAY_4 + asked * DAY, book.present(MAY_4 + ahead * DAY))
    assert book.booking_date(None, MAY_4 + ahead * DAY, subject, reason) > MAY_4
