"""The RPCs of rating models. What they give is a rating like any other, on the master scale valid today."""

from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.rating import domain as rating_domain
from zhongtai.credit.rating import store as rating_store
from zhongtai.credit.rating.domain import MasterScale, Rating
from zhongtai.credit.rating_model import domain, store
from zhongtai.credit.rating_model.domain import RatedMember, RatingExplanation, RatingSegment
from zhongtai.credit.v1 import rating_model_pb2 as v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.runtime.convert import date_of, decimal_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc

_SCALE = "master"
_SEGMENTS = {
    number: RatingSegment(name.removeprefix("RATING_SEGMENT_")) for name, number in v1.RatingSegment.items() if number
}


@rpc
def publish_rating_model(request: v1.PublishRatingModelRequest, unit: Unit) -> v1.PublishRatingModelResponse:
    """Publishes one version of a model."""
    model = value_of(request.model, domain.RatingModel)
    fact = domain.publish(
        model,
        published=store.models.find(unit, model.model_id, model.version),
        latest_version=store.latest_version(unit, model.model_id),
    )
    if fact is not None:
        store.models.add(unit, model)
        unit.record(fact)
    return v1.PublishRatingModelResponse(model_id=model.model_id, version=model.version)


@rpc
def get_rating_model(request: v1.GetRatingModelRequest, view: View) -> v1.GetRatingModelResponse:
    """The model valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetRatingModelResponse(model=message_of(store.valid_model(view, request.model_id, on), v1.RatingModel))


@rpc
def rate_customer(request: v1.RateCustomerRequest, unit: Unit) -> v1.RateCustomerResponse:
    """Rates a customer by a model."""
    model = store.valid_model(unit, request.model_id, unit.business_date)
    model.must_fit(_SEGMENTS[request.segment])
    inputs = {one.name: decimal_of(one.value) for one in request.inputs}
    explanation = model.explain(unit.new_id("rat"), inputs)
    scale = rating_store.valid_scale(unit, _SCALE, unit.business_date)
    rating = _rated(unit, scale, request.customer_id, request.decision_id, explanation)
    return v1.RateCustomerResponse(
        rating_id=rating.rating_id,
        grade=rating.grade,
        rating=message_of(rating, rating_v1.Rating),
        explanation=message_of(explanation, v1.RatingExplanation),
    )


@rpc
def rate_group(request: v1.RateGroupRequest, unit: Unit) -> v1.RateGroupResponse:
    """Rates a group by its members and its support."""
    model = store.valid_model(unit, request.model_id, unit.business_date)
    model.must_fit(RatingSegment.GROUP)
    scale = rating_store.valid_scale(unit, _SCALE, unit.business_date)
    members = [_member(unit, scale, member) for member in request.members]
    supporter = rating_store.current(unit, request.supporter_id) if request.supporter_id else None
    explanation = model.explain_group(
        unit.new_id("rat"),
        members,
        scale=scale,
        support=request.support,
        supporter_grade=None if supporter is None else supporter.grade,
    )
    rating = _rated(unit, scale, request.group_id, "", explanation)
    return v1.RateGroupResponse(
        rating_id=rating.rating_id,
        grade=rating.grade,
        rating=message_of(rating, rating_v1.Rating),
        explanation=message_of(explanation, v1.RatingExplanation),
    )


@rpc
def withdraw_model_rating(request: v1.WithdrawModelRatingRequest, unit: Unit) -> v1.WithdrawModelRatingResponse:
    """Takes a rating back."""
    rating, fact = rating_store.ratings.load(unit, request.rating_id).withdraw()
    if fact is not None:
        keeping.note_customer(unit, rating.customer_id)
        rating_store.ratings.save(unit, rating)
        unit.record(fact)
    return v1.WithdrawModelRatingResponse(rating=message_of(rating, rating_v1.Rating))


@rpc
def get_rating_explanation(request: v1.GetRatingExplanationRequest, view: View) -> v1.GetRatingExplanationResponse:
    """What a rating by a model rests on."""
    explanation = store.explanations.load(view, request.rating_id)
    return v1.GetRatingExplanationResponse(explanation=message_of(explanation, v1.RatingExplanation))


def _member(view: View, scale: MasterScale, member: v1.GroupMember) -> RatedMember:
    """A member at the probability its grade stands for today, whatever the model once gave it."""
    grade = rating_store.current(view, member.customer_id).grade
    stands_for = scale.grades[scale.place_of(grade)].probability_of_default
    return RatedMember(member.customer_id, decimal_of(member.weight), stands_for)


def _rated(
    unit: Unit, scale: MasterScale, customer_id: str, decision_id: str, explanation: RatingExplanation
) -> Rating:
    rating, fact = rating_domain.assign(
        scale,
        explanation.probability_of_default,
        rating_id=explanation.rating_id,
        customer_id=customer_id,
        decision_id=decision_id,
        on=unit.business_date,
    )
    keeping.note_customer(unit, rating.customer_id)
    rating_store.ratings.add(unit, rating)
    store.explanations.add(unit, explanation)
    unit.record(fact)
    return rating
