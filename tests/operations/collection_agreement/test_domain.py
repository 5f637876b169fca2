"""Collection agreements: what they bound, each time and in a month, and until when they stand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.operations.collection_agreement.domain import (
    CollectionAgreement,
    CollectionAgreementMustEndAhead,
    CollectionMustBeAgreed,
    CollectionMustBeWithinAgreement,
)
from zhongtai.operations.payment.domain import AccountsMustDiffer

TODAY = date(2026, 5, 8)
LAST = date(2026, 12, 31)


def cny(fen: int) -> Money:
    return Money("CNY", fen)


AGREEMENT = CollectionAgreement(
    collection_agreement_id="coll_1",
    customer_id="cus_1",
    debtor_account_id="acc_1",
    creditor_account_id="acc_2",
    purpose="electricity",
    up_to=cny(300),
    per_month=cny(500),
    ends_on=LAST,
    collected=cny(0),
)


def test_what_is_agreed_wrongly_is_refused() -> None:
    assert AGREEMENT.opened(LAST).up_to == cny(300)
    for wrong, refusal in (
        ({"creditor_account_id": "acc_1"}, AccountsMustDiffer),
        ({"up_to": Money("USD", 300)}, CurrencyMustMatch),
        ({"per_month": Money("USD", 300)}, CurrencyMustMatch),
        ({"ends_on": date(2026, 5, 7)}, CollectionAgreementMustEndAhead),
    ):
        with pytest.raises(refusal):
            replace(AGREEMENT, **wrong).opened(TODAY)


def test_a_month_is_bounded_and_the_next_one_begins_anew() -> None:
    collected = AGREEMENT.collect(cny(300), TODAY)
    with pytest.raises(CollectionMustBeWithinAgreement) as refused:
        collected.collect(cny(201), TODAY)
    assert refused.value.left == cny(200)
    collected = collected.collect(cny(200), date(2026, 5, 31))
    with pytest.raises(CollectionMustBeWithinAgreement):
        collected.collect(cny(1), date(2026, 5, 31))
    assert collected.collect(cny(300), date(2026, 6, 1)).collected == cny(300)
    # The same month of another year is another month.
    assert replace(collected, ends_on=date(2027, 12, 31)).collect(cny(300), date(2027, 5, 31)).collected == cny(300)
    with pytest.raises(CollectionMustBeWithinAgreement):
        replace(AGREEMENT, per_month=None).collect(cny(301), TODAY)


def test_nothing_is_collected_after_the_end() -> None:
    AGREEMENT.collect(cny(1), LAST)
    ended, fact = AGREEMENT.ended()
    assert fact is not None
    assert ended.ended() == (ended, None)
    for over, on in ((AGREEMENT, date(2027, 1, 1)), (ended, TODAY)):
        with pytest.raises(CollectionMustBeAgreed):
            over.collect(cny(1), on)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 40)), max_size=30))
def test_no_month_comes_to_more_than_was_agreed(wanted: list[tuple[int, int]]) -> None:
    agreement, on, months = AGREEMENT, date(2026, 5, 8), dict[tuple[int, int], int]()
    for fen, days in wanted:
        on += timedelta(days=days)
        try:
            agreement = agreement.collect(cny(fen), on)
        except (CollectionMustBeWithinAgreement, CollectionMustBeAgreed):
            continue
        assert fen <= 300
        assert on <= LAST
        months[on.year, on.month] = months.get((on.year, on.month), 0) + fen
    assert all(total <= 500 for total in months.values())
