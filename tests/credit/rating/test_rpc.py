"""Ratings through the door."""

from tests.credit.examples import plant_seeds, rate, request_id
from zhongtai.credit.v1 import rating_pb2 as v1
from zhongtai.testing.doors import Door


def assign(probability: str = "0.02", customer: str = "cus_1") -> v1.AssignRatingRequest:
    return v1.AssignRatingRequest(
        request_id=request_id(), customer_id=customer, probability_of_default=rate(probability), decision_id="dec_1"
    )


def override(rating_id: str, grade: str, authority: str = "senior_credit_officer") -> v1.OverrideRatingRequest:
    return v1.OverrideRatingRequest(
        request_id=request_id(),
        rating_id=rating_id,
        grade=grade,
        reason="the audited accounts arrived",
        authority=authority,
    )


async def test_a_rating_says_what_it_rests_on(door: Door) -> None:
    await plant_seeds(door)
    reply = await door.call(assign("0.0212345"))
    assert reply.grade == "BB"
    assert reply.rating.probability_of_default.value == "0.0212345"
    assert (reply.rating.scale_id, reply.rating.scale_version, reply.rating.decision_id) == ("master", 1, "dec_1")
    fact = v1.RatingAssigned(
        rating_id=reply.rating_id,
        customer_id="cus_1",
        grade="BB",
        probability_of_default=rate("0.0212345"),
        decision_id="dec_1",
    )
    assert await door.facts(v1.RatingAssigned) == [fact]
    assert (await door.call(v1.GetRatingRequest(rating_id=reply.rating_id))).rating == reply.rating


async def test_without_a_scale_nobody_is_rated(door: Door) -> None:
    assert (await door.refused(assign())).reason == "MASTER_SCALE_NOT_FOUND"


async def test_a_probability_is_between_none_and_certain(door: Door) -> None:
    await plant_seeds(door)
    for text in ("1.0001", "-0.1", "2", "0,5", "NaN", ""):
        assert (await door.refused(assign(text))).kind == "Invalid", text


async def test_an_undo_gives_the_rating_before_back(door: Door) -> None:
    await plant_seeds(door)
    first, second = await door.call(assign("0.02")), await door.call(assign("0.3"))
    current = v1.GetCurrentRatingRequest(customer_id="cus_1")
    assert (await door.call(current)).rating.rating_id == second.rating_id
    for _ in range(2):
        undo = v1.WithdrawRatingRequest(request_id=request_id(), rating_id=second.rating_id)
        assert (await door.call(undo)).rating.status == v1.RATING_STATUS_WITHDRAWN
    assert (await door.call(current)).rating == first.rating
    assert len(await door.facts(v1.RatingWithdrawn)) == 1
    listed = await door.call(v1.ListRatingsRequest(customer_id="cus_1"))
    assert [rating.rating_id for rating in listed.ratings] == [first.rating_id, second.rating_id]


async def test_a_customer_without_a_standing_rating_is_not_rated(door: Door) -> None:
    await plant_seeds(door)
    reply = await door.call(assign())
    await door.call(v1.WithdrawRatingRequest(request_id=request_id(), rating_id=reply.rating_id))
    refusal = await door.refused(v1.GetCurrentRatingRequest(customer_id="cus_1"))
    assert refusal.reason == "CUSTOMER_NOT_RATED"


async def test_an_override_is_kept_with_who_and_why(door: Door) -> None:
    await plant_seeds(door)
    rating_id = (await door.call(assign())).rating_id
    door.as_caller("li.na", "credit.rating.override", "credit.rating.authority.senior_credit_officer")
    reply = await door.call(override(rating_id, "BBB"))
    assert reply.grade == "BBB"
    kept = reply.rating.overrides[0]
    assert (kept.overridden_by, kept.reason) == ("li.na", "the audited accounts arrived")
    fact = (await door.facts(v1.RatingOverridden))[0]
    assert (fact.from_grade, fact.grade, fact.authority) == ("BB", "BBB", "senior_credit_officer")


async def test_an_authority_must_be_held_by_who_names_it(door: Door) -> None:
    await plant_seeds(door)
    rating_id = (await door.call(assign())).rating_id
    door.as_caller("li.na", "credit.rating.override", "credit.rating.authority.senior_credit_officer")
    refusal = await door.refused(override(rating_id, "A", "credit_committee"))
    assert (refusal.reason, refusal.kind) == ("AUTHORITY_MUST_BE_HELD", "Denied")
    assert (await door.refused(override(rating_id, "A"))).reason == "AUTHORITY_EXCEEDED"
    assert not await door.facts(v1.RatingOverridden)
