"""Reviews of ratings through the door: each trigger opens one, the next rating ends it."""

from datetime import date
from typing import Any

from tests.credit.examples import day, disbursed, fen, plant_seeds, rate, request_id
from tests.credit.guarantee.promises import given, guarantor
from zhongtai.credit.v1 import guarantee_pb2 as guarantee_v1
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.credit.v1 import rating_review_pb2 as v1
from zhongtai.credit.v1 import repayment_pb2 as repayment_v1
from zhongtai.testing.doors import Door

JANUARY = date(2026, 1, 5)


async def tell(door: Door, kind: Any) -> None:
    """Brings the newest event of a kind."""
    await door.deliver((await door.facts(kind))[-1])


async def rated(door: Door, customer: str = "cus_1", probability: str = "0.02") -> str:
    request = rating_v1.AssignRatingRequest(
        request_id=request_id(), customer_id=customer, probability_of_default=rate(probability)
    )
    rating_id = (await door.call(request)).rating_id
    await tell(door, rating_v1.RatingAssigned)
    return str(rating_id)


async def swept(door: Door) -> tuple[int, int]:
    reply = await door.call(v1.SweepRatingsRequest(request_id=request_id()))
    return reply.expired, reply.arrears


async def open_reviews(door: Door) -> list[tuple[str, int, str]]:
    reply = await door.call(v1.ListRatingReviewsRequest(status=v1.REVIEW_STATUS_OPEN))
    return [(one.customer_id, one.trigger, one.cause) for one in reply.reviews]


async def test_a_rating_expires_after_its_last_day_and_the_next_one_ends_the_review(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    first = await rated(door)
    validity = v1.GetRatingValidityRequest(customer_id="cus_1")
    found = await door.call(validity)
    assert (found.rating_id, found.grade, found.expired) == (first, "BB", False)
    assert found.valid_until == day(2027, 1, 5)
    door.today(date(2027, 1, 5))
    assert await swept(door) == (0, 0)
    door.today(date(2027, 1, 6))
    assert await swept(door) == (1, 0)
    assert await swept(door) == (0, 0), "once"
    assert (await door.call(validity)).expired
    assert (await door.call(validity)).review.trigger == v1.REVIEW_TRIGGER_EXPIRED
    second = await rated(door)
    assert not (await door.call(validity)).HasField("review")
    (done,) = await door.facts(v1.RatingReviewDone)
    assert (done.customer_id, done.new_rating_id) == ("cus_1", second)
    assert len(await door.facts(v1.RatingReviewOpened)) == 1


async def test_arrears_of_more_than_thirty_days_open_one_review_until_a_rating_knows_of_them(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    loan = await disbursed(door)
    await rated(door)
    due = date(2026, 2, 5)
    assert loan.instalments[0].due_date == day(2026, 2, 5)
    door.today(date(2026, 3, 7))  # thirty days
    assert await swept(door) == (0, 0)
    door.today(date(2026, 3, 8))
    assert await swept(door) == (0, 1)
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_ARREARS, loan.loan_id)]
    await rated(door, probability="0.2")
    assert await swept(door) == (0, 0), "the new rating knows of them"
    door.today(date(2026, 4, 5))  # the second instalment, of 5 March, is thirty-one days late
    assert await swept(door) == (0, 1)
    assert due < date(2026, 3, 5)


async def test_what_is_paid_sets_nothing_off(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    loan = await disbursed(door)
    await rated(door)
    door.today(date(2026, 2, 20))
    quote = await door.call(repayment_v1.QuoteRepaymentRequest(loan_id=loan.loan_id, on=day(2026, 2, 20)))
    repay = repayment_v1.RepayLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=quote.due.total, payment_id="pay_1"
    )
    await door.call(repay)
    door.today(date(2026, 3, 8))
    assert await swept(door) == (0, 0)


async def test_when_a_guarantor_falls_who_leans_on_it_is_reviewed(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    for customer in ("cus_1", "cus_2", "free"):
        await rated(door, customer)
    guarantor = await rated(door, "guarantor", "0.002")
    for customer in ("cus_1", "cus_2"):
        for _ in range(2):
            lean = v1.LeanOnGuarantorRequest(request_id=request_id(), customer_id=customer, guarantor_id="guarantor")
            await door.call(lean)
    undo = v1.LetGoOfGuarantorRequest(request_id=request_id(), customer_id="cus_2", guarantor_id="guarantor")
    await door.call(undo)
    override = rating_v1.OverrideRatingRequest(
        request_id=request_id(),
        rating_id=guarantor,
        grade="A",
        reason="the parent was sold",
        authority="senior_credit_officer",
    )
    await door.call(override)
    await tell(door, rating_v1.RatingOverridden)
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GUARANTOR_FELL, "guarantor")]
    await rated(door, "guarantor", "0.3")
    assert len(await open_reviews(door)) == 1, "one at a time"
    itself = v1.LeanOnGuarantorRequest(request_id=request_id(), customer_id="cus_1", guarantor_id="cus_1")
    assert (await door.refused(itself)).reason == "GUARANTOR_MUST_BE_ANOTHER"


async def test_a_withdrawal_is_no_new_rating_and_may_be_a_fall(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    await rated(door, "guarantor", "0.02")
    newest = await rated(door, "guarantor", "0.002")
    await rated(door)
    lean = v1.LeanOnGuarantorRequest(request_id=request_id(), customer_id="cus_1", guarantor_id="guarantor")
    await door.call(lean)
    ask = v1.RequestRatingReviewRequest(request_id=request_id(), customer_id="guarantor", reason="news in the press")
    opened = (await door.call(ask)).review
    again = v1.RequestRatingReviewRequest(request_id=request_id(), customer_id="guarantor", reason="more news")
    assert (await door.call(again)).review == opened
    await door.call(rating_v1.WithdrawRatingRequest(request_id=request_id(), rating_id=newest))
    await tell(door, rating_v1.RatingWithdrawn)
    assert await open_reviews(door) == [
        ("guarantor", v1.REVIEW_TRIGGER_REQUESTED, "news in the press"),
        ("cus_1", v1.REVIEW_TRIGGER_GUARANTOR_FELL, "guarantor"),
    ]


async def test_nobody_is_reviewed_who_is_not_rated(door: Door) -> None:
    ask = v1.RequestRatingReviewRequest(request_id=request_id(), customer_id="cus_1", reason="news in the press")
    assert (await door.refused(ask)).reason == "CUSTOMER_NOT_RATED"
    assert (await door.refused(v1.GetRatingValidityRequest(customer_id="cus_1"))).reason == "CUSTOMER_NOT_RATED"
    await plant_seeds(door)
    only = await rated(door)
    await door.call(rating_v1.WithdrawRatingRequest(request_id=request_id(), rating_id=only))
    await tell(door, rating_v1.RatingWithdrawn)
    assert (await door.refused(v1.GetRatingValidityRequest(customer_id="cus_1"))).reason == "CUSTOMER_NOT_RATED"


async def test_guarantors_of_loans_are_known_by_their_guarantees(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    loan = await disbursed(door)
    await rated(door)
    await rated(door, "guarantor", "0.005")
    guarantee_id = await given(door, loan.loan_id, guarantor("guarantor"), guarantor("another"))
    await tell(door, guarantee_v1.GuaranteeGiven)
    await rated(door, "guarantor", "0.05")
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GUARANTOR_FELL, "guarantor")]
    await rated(door)
    release = guarantee_v1.ReleaseGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id)
    await door.call(release)
    await tell(door, guarantee_v1.GuaranteeReleased)
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GUARANTOR_LEFT, guarantee_id)]
    await rated(door)
    await rated(door, "guarantor", "0.2")
    assert await open_reviews(door) == [], "nobody leans on who was let go"


async def test_a_guarantor_who_is_rated_no_more_opens_reviews(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    await rated(door)
    rating_id = await rated(door, "guarantor", "0.005")
    await door.call(v1.LeanOnGuarantorRequest(request_id=request_id(), customer_id="cus_1", guarantor_id="guarantor"))
    await door.call(rating_v1.WithdrawRatingRequest(request_id=request_id(), rating_id=rating_id))
    await tell(door, rating_v1.RatingWithdrawn)
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GUARANTOR_FELL, "guarantor")]


async def test_a_customer_is_reviewed_with_its_group(door: Door) -> None:
    await plant_seeds(door)
    door.today(JANUARY)
    await rated(door)
    joins = node_v1.OpenLimitNodeRequest(
        request_id=request_id(), kind=node_v1.NODE_KIND_CUSTOMER, subject="cus_1", cap=fen(100), parent="grp_1"
    )
    await door.call(joins)
    await tell(door, node_v1.LimitNodeMoved)
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GROUP_CHANGED, "grp_1")]
    await rated(door)
    await rated(door, "grp_1", "0.005")
    await rated(door, "grp_1", "0.05")
    assert await open_reviews(door) == [("cus_1", v1.REVIEW_TRIGGER_GROUP_FELL, "grp_1")]
