"""The matrix, and the events of ratings it is made of."""

from zhongtai.credit.rating import store as rating_store
from zhongtai.credit.rating_migration import domain, store
from zhongtai.credit.rating_migration.domain import GivenRating
from zhongtai.credit.v1 import rating_migration_pb2 as v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.runtime.convert import date_message, date_of, message_of
from zhongtai.runtime.unit import Unit, View, on, rpc

_SCALE = "master"


@rpc
def get_migration_matrix(request: v1.GetMigrationMatrixRequest, view: View) -> v1.GetMigrationMatrixResponse:
    """Which grade became which between two days."""
    from_day = date_of(request.from_day)
    to_day = date_of(request.to_day) if request.HasField("to_day") else view.business_date
    matrix = domain.matrix(
        rating_store.valid_scale(view, request.scale_id or _SCALE, view.business_date).names,
        store.moves(view, from_day, to_day),
        from_day=from_day,
        to_day=to_day,
        today=view.business_date,
    )
    days = {"from_day": date_message(from_day), "to_day": date_message(to_day)}
    return message_of(matrix, v1.GetMigrationMatrixResponse, **days)


@on
def rating_assigned(event: rating_v1.RatingAssigned, unit: Unit) -> None:
    """Keeps a rating that was given."""
    store.given_ratings.add(unit, GivenRating(event.customer_id, event.rating_id, event.grade))
    store.close(unit, event.customer_id)


@on
def rating_overridden(event: rating_v1.RatingOverridden, unit: Unit) -> None:
    """Keeps the grade that somebody put over it."""
    rating = store.given_ratings.load(unit, event.customer_id, event.rating_id)
    store.given_ratings.save(unit, rating.overridden(event.grade))
    store.close(unit, event.customer_id)


@on
def rating_withdrawn(event: rating_v1.RatingWithdrawn, unit: Unit) -> None:
    """Lets the rating before count again."""
    rating = store.given_ratings.load(unit, event.customer_id, event.rating_id)
    store.given_ratings.save(unit, rating.taken_back())
    store.close(unit, event.customer_id)
