"""The tables of ratings and of the master scales they were given on."""

from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.rating.domain import (
    CustomerNotRated,
    MasterScale,
    MasterScaleNotFound,
    Rating,
    RatingNotFound,
    RatingStatus,
)
from zhongtai.runtime.store import Records, day, decimal, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(RATING)` is one.
MASTER_SCALE = Table(
    "credit_master_scale",
    metadata,
    text("scale_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    decimal("probability_floor"),
    json("grades"),
    json("authorities"),
    text("source"),
)
RATING = Table(
    "credit_rating",
    metadata,
    text("rating_id", primary_key=True),
    text("customer_id"),
    text("scale_id"),
    integer("scale_version"),
    decimal("probability_of_default"),
    text("model_grade"),
    text("grade"),
    text("decision_id"),
    text("status"),
    day("assigned_on"),
    json("overrides"),
    Index("credit_rating_of_customer", "customer_id", "rating_id"),
)

scales = Records(MASTER_SCALE, MasterScale)
ratings = Records(RATING, Rating, missing=RatingNotFound)

_LATEST_VERSION = select(func.coalesce(func.max(MASTER_SCALE.c.version), 0)).where(
    MASTER_SCALE.c.scale_id == bindparam("scale_id")
)
_VALID = (
    select(MASTER_SCALE)
    .where(MASTER_SCALE.c.scale_id == bindparam("scale_id"), MASTER_SCALE.c.valid_from <= bindparam("on"))
    .order_by(MASTER_SCALE.c.version.desc())
    .limit(1)
)
_CURRENT = (
    select(RATING)
    .where(RATING.c.customer_id == bindparam("customer_id"), RATING.c.status == RatingStatus.STANDING.value)
    .order_by(RATING.c.rating_id.desc())
    .limit(1)
)


def latest_version(view: View, scale_id: str) -> int:
    """The highest version number of a scale; 0 where it was never published."""
    return int(view.rows(_LATEST_VERSION, {"scale_id": scale_id})[0][0])


def valid_scale(view: View, scale_id: str, on: date) -> MasterScale:
    """The latest version valid on the day, or `MasterScaleNotFound`."""
    rows = view.rows(_VALID, {"scale_id": scale_id, "on": on.isoformat()})
    if not rows:
        raise MasterScaleNotFound(scale_id=scale_id, on=on)
    return scales.value(rows[0])


def find_current(view: View, customer_id: str) -> Rating | None:
    """The customer's newest rating that was not withdrawn (identifiers sort by time), if there is one."""
    rows = view.rows(_CURRENT, {"customer_id": customer_id})
    return ratings.value(rows[0]) if rows else None


def current(view: View, customer_id: str) -> Rating:
    """The same, or `CustomerNotRated`."""
    rating = find_current(view, customer_id)
    if rating is None:
        raise CustomerNotRated(customer_id=customer_id)
    return rating
