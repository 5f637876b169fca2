"""Reviews of ratings: when a rating is old, when it fell, and what ends a review."""

from datetime import date

import pytest

from zhongtai.credit.rating_review import domain
from zhongtai.credit.rating_review.domain import GuarantorLink, RatedCustomer, ReviewStatus, ReviewTrigger
from zhongtai.credit.rating_review.store import RULES

DAY = date(2026, 1, 31)


def rated(place: int = 3, on: date = DAY) -> RatedCustomer:
    return domain.rated(RULES, customer_id="cus_1", rating_id="rat_1", grade=f"G{place}", place=place, on=on)


def test_a_rating_is_valid_for_a_year() -> None:
    assert rated().valid_until == date(2027, 1, 31)
    assert rated(on=date(2024, 2, 29)).valid_until == date(2025, 2, 28)


def test_every_trigger_has_its_days() -> None:
    assert set(RULES.due_days) == set(ReviewTrigger)


def test_only_a_worse_grade_fell() -> None:
    assert rated(4).fell_since(rated(3))
    assert not rated(3).fell_since(rated(3))
    assert not rated(2).fell_since(rated(3))
    assert not rated(9).fell_since(None)


def test_a_review_ends_by_a_newer_rating_only() -> None:
    review, opened = domain.open_review(RULES, "rev_1", rated(), ReviewTrigger.ARREARS, "loan_1", on=DAY)
    assert (opened.due_on, review.status) == (date(2026, 2, 5), ReviewStatus.OPEN)
    for old in ("rat_1", "rat_0"):
        assert review.ended_by(old) == (review, None)
    done, fact = review.ended_by("rat_2")
    assert (done.status, done.new_rating_id) == (ReviewStatus.DONE, "rat_2")
    assert fact == domain.RatingReviewDone("rev_1", "cus_1", "rat_2")


def test_nobody_leans_on_itself() -> None:
    with pytest.raises(domain.GuarantorMustBeAnother):
        GuarantorLink("cus_1", "cus_1").must_be_of_two()
