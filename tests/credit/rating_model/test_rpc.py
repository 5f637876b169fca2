"""Rating models through the door: what they give is a rating like any other, with its explanation."""

from typing import Any

import pytest

from tests.credit.examples import plant_seeds, rate, request_id
from zhongtai.credit.v1 import rating_model_pb2 as v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.testing.doors import Door

HEALTHY = {
    "log_total_assets_to_price_index": "9",
    "total_liabilities_to_total_assets": "0.4",
    "working_capital_to_total_assets": "0.3",
    "current_liabilities_to_current_assets": "0.5",
    "liabilities_exceed_assets": "0",
    "net_income_to_total_assets": "0.08",
    "funds_from_operations_to_total_liabilities": "0.3",
    "loss_in_both_years": "0",
}


def rating(model_id: str = "company_ohlson", **changes: Any) -> v1.RateCustomerRequest:
    inputs = {**HEALTHY, **changes.pop("inputs", {})}
    fields: dict[str, Any] = {
        "customer_id": "cus_1",
        "segment": v1.RATING_SEGMENT_COMPANY,
        "inputs": [v1.RatingInput(name=name, value=rate(text)) for name, text in inputs.items()],
    }
    return v1.RateCustomerRequest(request_id=request_id(), model_id=model_id, **{**fields, **changes})


async def assigned(door: Door, customer: str, probability: str) -> str:
    request = rating_v1.AssignRatingRequest(
        request_id=request_id(), customer_id=customer, probability_of_default=rate(probability)
    )
    return str((await door.call(request)).grade)


async def test_a_company_is_rated_by_its_statements_and_told_why(door: Door) -> None:
    await plant_seeds(door)
    reply = await door.call(rating())
    # −1.32 − 0.407 · 9 + 6.03 · 0.4 − 1.43 · 0.3 + 0.0757 · 0.5 − 2.37 · 0.08 − 1.83 · 0.3
    assert reply.explanation.score.value == "-3.70075"
    assert reply.explanation.probability_of_default.value.startswith("0.0241")
    assert (reply.grade, reply.rating.model_grade) == ("BB", "BB")
    found = await door.call(v1.GetRatingExplanationRequest(rating_id=reply.rating_id))
    assert found.explanation == reply.explanation
    assert len(found.explanation.contributions) == 9, "a missing factor counts as the model says"
    current = await door.call(rating_v1.GetCurrentRatingRequest(customer_id="cus_1"))
    assert current.rating == reply.rating
    assert len(await door.facts(rating_v1.RatingAssigned)) == 1
    worse = await door.call(rating(inputs={"total_liabilities_to_total_assets": "0.9"}))
    assert worse.grade == "CC"


async def test_an_undo_gives_the_rating_before_back(door: Door) -> None:
    await plant_seeds(door)
    first = await door.call(rating())
    second = await door.call(rating(inputs={"total_liabilities_to_total_assets": "0.9"}))
    for _ in range(2):
        undo = v1.WithdrawModelRatingRequest(request_id=request_id(), rating_id=second.rating_id)
        assert (await door.call(undo)).rating.status == rating_v1.RATING_STATUS_WITHDRAWN
    current = await door.call(rating_v1.GetCurrentRatingRequest(customer_id="cus_1"))
    assert current.rating == first.rating
    assert len(await door.facts(rating_v1.RatingWithdrawn)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_id": "none"}, "RATING_MODEL_NOT_FOUND"),
        ({"segment": v1.RATING_SEGMENT_PERSON}, "RATING_MODEL_MUST_FIT_SEGMENT"),
        ({"model_id": "person_card", "segment": v1.RATING_SEGMENT_PERSON}, "RATING_INPUT_MISSING"),
        ({"inputs": {"total_liabilities_to_total_assets": "much"}}, "NUMBER_MUST_BE_DECIMAL"),
    ],
)
async def test_nobody_is_rated_by_what_does_not_fit(door: Door, changes: dict[str, Any], reason: str) -> None:
    await plant_seeds(door)
    assert (await door.refused(rating(**changes))).reason == reason
    assert not await door.facts(rating_v1.RatingAssigned)


async def test_a_group_is_rated_by_the_grades_that_count(door: Door) -> None:
    await plant_seeds(door)
    assert await assigned(door, "cus_1", "0.02") == "BB"
    assert await assigned(door, "cus_2", "0.02") == "BB"
    assert await assigned(door, "parent", "0.002") == "AA"
    members = [v1.GroupMember(customer_id=customer, weight=rate("1")) for customer in ("cus_1", "cus_2")]
    fields: dict[str, Any] = {"model_id": "group_support", "group_id": "grp_1", "members": members}
    alone = await door.call(v1.RateGroupRequest(request_id=request_id(), **fields))
    assert (alone.grade, alone.explanation.standalone_grade) == ("BB", "BB")
    fields |= {"supporter_id": "parent", "support": "strong"}
    supported = await door.call(v1.RateGroupRequest(request_id=request_id(), **fields))
    assert (supported.grade, supported.explanation.standalone_grade) == ("A", "BB")
    current = await door.call(rating_v1.GetCurrentRatingRequest(customer_id="grp_1"))
    assert current.rating == supported.rating
    unknown = v1.RateGroupRequest(request_id=request_id(), **{**fields, "support": "lavish"})
    assert (await door.refused(unknown)).reason == "SUPPORT_MUST_BE_IN_MODEL"
    stranger = v1.RateGroupRequest(request_id=request_id(), **{**fields, "supporter_id": "cus_9"})
    assert (await door.refused(stranger)).reason == "CUSTOMER_NOT_RATED"
    by_company = v1.RateGroupRequest(request_id=request_id(), **{**fields, "model_id": "company_ohlson"})
    assert (await door.refused(by_company)).reason == "RATING_MODEL_MUST_FIT_SEGMENT"
    nothing = [v1.GroupMember(customer_id="cus_1", weight=rate("0"))]
    weightless = v1.RateGroupRequest(request_id=request_id(), **{**fields, "members": nothing})
    assert (await door.refused(weightless)).reason == "WEIGHTS_MUST_BE_POSITIVE"


async def test_a_model_is_published_by_version_and_says_what_to_confirm(door: Door) -> None:
    await plant_seeds(door)
    await plant_seeds(door)
    assert len(await door.facts(v1.RatingModelPublished)) == 4
    model = (await door.call(v1.GetRatingModelRequest(model_id="company_ohlson"))).model
    assert (model.confirm, model.version, len(model.factors)) == (True, 1, 9)
    model.version = 3
    skipped = v1.PublishRatingModelRequest(request_id=request_id(), model=model)
    assert (await door.refused(skipped)).reason == "RATING_MODEL_VERSION_MUST_FOLLOW_LATEST"
    unknown = v1.GetRatingExplanationRequest(rating_id="rat_x")
    assert (await door.refused(unknown)).reason == "RATING_EXPLANATION_NOT_FOUND"
