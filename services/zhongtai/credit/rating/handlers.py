"""The RPCs of ratings and master scales."""

from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.rating import domain, store
from zhongtai.credit.v1 import rating_pb2 as v1
from zhongtai.runtime.convert import date_of, decimal_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc

DEFAULT_SCALE = "master"


@rpc
def publish_master_scale(request: v1.PublishMasterScaleRequest, unit: Unit) -> v1.PublishMasterScaleResponse:
    """Publishes one version of a master scale."""
    scale = value_of(request.scale, domain.MasterScale)
    fact = domain.publish(
        scale,
        published=store.scales.find(unit, scale.scale_id, scale.version),
        latest_version=store.latest_version(unit, scale.scale_id),
    )
    if fact is not None:
        store.scales.add(unit, scale)
        unit.record(fact)
    return v1.PublishMasterScaleResponse(scale_id=scale.scale_id, version=scale.version)


@rpc
def get_master_scale(request: v1.GetMasterScaleRequest, view: View) -> v1.GetMasterScaleResponse:
    """The master scale valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetMasterScaleResponse(scale=message_of(store.valid_scale(view, request.scale_id, on), v1.MasterScale))


@rpc
def assign_rating(request: v1.AssignRatingRequest, unit: Unit) -> v1.AssignRatingResponse:
    """Gives a customer the grade of a probability of default."""
    rating, fact = domain.assign(
        store.valid_scale(unit, request.scale_id or DEFAULT_SCALE, unit.business_date),
        decimal_of(request.probability_of_default),
        rating_id=unit.new_id("rat"),
        customer_id=request.customer_id,
        decision_id=request.decision_id,
        on=unit.business_date,
    )
    keeping.note_customer(unit, rating.customer_id)
    store.ratings.add(unit, rating)
    unit.record(fact)
    return v1.AssignRatingResponse(rating_id=rating.rating_id, grade=rating.grade, rating=message_of(rating, v1.Rating))


@rpc
def override_rating(request: v1.OverrideRatingRequest, unit: Unit) -> v1.OverrideRatingResponse:
    """Moves the grade of a standing rating by judgement."""
    rating = store.ratings.load(unit, request.rating_id)
    scale = store.scales.load(unit, rating.scale_id, rating.scale_version)
    rating, fact = rating.override(
        request.grade,
        scale=scale,
        reason=request.reason,
        authority=request.authority,
        holds_authority=unit.caller.may(f"credit.rating.authority.{request.authority}"),
        by=unit.caller.acting,
        at=unit.now,
    )
    keeping.note_customer(unit, rating.customer_id)
    store.ratings.save(unit, rating)
    unit.record(fact)
    return v1.OverrideRatingResponse(
        rating_id=rating.rating_id, grade=rating.grade, rating=message_of(rating, v1.Rating)
    )


@rpc
def withdraw_rating(request: v1.WithdrawRatingRequest, unit: Unit) -> v1.WithdrawRatingResponse:
    """Takes a rating back; the one before it stands again."""
    rating, fact = store.ratings.load(unit, request.rating_id).withdraw()
    if fact is not None:
        keeping.note_customer(unit, rating.customer_id)
        store.ratings.save(unit, rating)
        unit.record(fact)
    return v1.WithdrawRatingResponse(rating=message_of(rating, v1.Rating))


@rpc
def get_rating(request: v1.GetRatingRequest, view: View) -> v1.GetRatingResponse:
    """One rating with its overrides."""
    return v1.GetRatingResponse(rating=message_of(store.ratings.load(view, request.rating_id), v1.Rating))


@rpc
def get_current_rating(request: v1.GetCurrentRatingRequest, view: View) -> v1.GetCurrentRatingResponse:
    """The rating of a customer that stands now."""
    return v1.GetCurrentRatingResponse(rating=message_of(store.current(view, request.customer_id), v1.Rating))


@rpc
def list_ratings(request: v1.ListRatingsRequest, view: View) -> v1.ListRatingsResponse:
    """Every rating a customer was ever given."""
    of_customer = store.RATING.c.customer_id == request.customer_id
    found, page = store.ratings.page(view, request.page, of_customer)
    return v1.ListRatingsResponse(ratings=[message_of(rating, v1.Rating) for rating in found], page=page)
