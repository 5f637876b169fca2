"""Standing orders: which days, how many tries, and an end."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.kernel.money import Money
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.domain import bank_day
from zhongtai.operations.standing_order.domain import (
    FirstDateMustNotBePast,
    LastDateMustFollowFirst,
    PaymentFrequency,
    StandingOrder,
    StandingOrderEnded,
    StandingOrderMissed,
    StandingOrderStatus,
)

ACSC, RJCT = PaymentStatus.ACSC, PaymentStatus.RJCT


def standing(**parts: Any) -> StandingOrder:
    first: date = parts.pop("first_date", date(2026, 1, 31))
    known = {"frequency": PaymentFrequency.MONTHLY, "last_date": None, "tries": 1, **parts}
    return StandingOrder(
        standing_order_id="so_01ke5tp1m0y3qgeba9zs3rxq35",
        customer_id="cus_1",
        initiating_party="channel",
        debtor_account_id="acc_1",
        creditor_account_id="acc_2",
        outside_party=None,
        rail="",
        amount=Money("CNY", 100),
        remittance_information="rent",
        first_date=first,
        due_on=bank_day(first),
        **known,
    )


def test_a_short_month_does_not_shift_the_days_after_it() -> None:
    days = [PaymentFrequency.MONTHLY.date_of(date(2026, 1, 31), occasion) for occasion in range(4)]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert PaymentFrequency.YEARLY.date_of(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert PaymentFrequency.YEARLY.date_of(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert PaymentFrequency.QUARTERLY.date_of(date(2026, 11, 30), 1) == date(2027, 2, 28)
    assert PaymentFrequency.WEEKLY.date_of(date(2026, 5, 8), 2) == date(2026, 5, 22)


@given(st.sampled_from(PaymentFrequency), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 300))
def test_days_only_go_on(frequency: PaymentFrequency, first: date, occasion: int) -> None:
    assert frequency.date_of(first, 0) == first
    gap = frequency.date_of(first, occasion + 1) - frequency.date_of(first, occasion)
    assert timedelta(days=7) <= gap <= timedelta(days=366)


def test_it_pays_on_bank_days_until_its_last_date() -> None:
    order = standing(first_date=date(2026, 5, 2), last_date=date(2026, 6, 30))
    # The second of May is in the holidays, which end on the fifth.
    assert order.due_on == date(2026, 5, 6)
    order, facts = order.after(ACSC, "", order.due_on)
    assert (order.next_date, order.due_on, facts) == (date(2026, 6, 2), date(2026, 6, 2), ())
    order, (ended,) = order.after(PaymentStatus.ACSP, "", order.due_on)
    assert isinstance(ended, StandingOrderEnded)
    assert (order.status, order.paid_count) == (StandingOrderStatus.ENDED, 2)
    assert order.ended() == (order, ())


def test_a_failed_occasion_is_tried_on_bank_days_in_a_row_and_then_given_up() -> None:
    order = standing(first_date=date(2026, 5, 8), tries=2)
    references = {order.asked(order.due_on).end_to_end_id}
    order, facts = order.after(RJCT, "AM04", order.due_on)
    assert (order.due_on, facts) == (CHINA_INTERBANK.next_business_day(date(2026, 5, 8)), ())
    references.add(order.asked(order.due_on).end_to_end_id)
    order, (missed,) = order.after(RJCT, "AM04", order.due_on)
    assert isinstance(missed, StandingOrderMissed)
    assert (missed.occasion, order.missed_count, order.next_date) == (0, 1, date(2026, 6, 8))
    references.add(order.asked(order.due_on).end_to_end_id)
    assert len(references) == 3
    assert max(map(len, references)) <= 35


def test_dates_that_cannot_be_are_refused() -> None:
    with pytest.raises(FirstDateMustNotBePast):
        standing().must_begin(date(2026, 2, 1))
    with pytest.raises(LastDateMustFollowFirst):
        standing(last_date=date(2026, 1, 30)).must_begin(date(2026, 1, 1))
