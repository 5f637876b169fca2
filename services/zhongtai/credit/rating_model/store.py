"""The tables of rating models, and of what each rating by one rests on."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.credit.rating_model.domain import (
    RatingExplanation,
    RatingExplanationNotFound,
    RatingModel,
    RatingModelNotFound,
)
from zhongtai.runtime.store import Records, day, decimal, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(RATING_MODEL)` is one.
RATING_MODEL = Table(
    "credit_rating_model",
    metadata,
    text("model_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    text("segment"),
    text("kind"),
    decimal("intercept", nullable=True),
    json("factors"),
    decimal("anchor_points", nullable=True),
    decimal("anchor_odds", nullable=True),
    decimal("points_to_double", nullable=True),
    json("supports"),
    text("source"),
    integer("confirm"),
)
RATING_EXPLANATION = Table(
    "credit_rating_explanation",
    metadata,
    text("rating_id", primary_key=True),
    text("model_id"),
    integer("model_version"),
    decimal("score"),
    decimal("probability_of_default"),
    json("contributions"),
    text("standalone_grade"),
)

models = Records(RATING_MODEL, RatingModel)
explanations = Records(RATING_EXPLANATION, RatingExplanation, missing=RatingExplanationNotFound)

_LATEST_VERSION = select(func.coalesce(func.max(RATING_MODEL.c.version), 0)).where(
    RATING_MODEL.c.model_id == bindparam("model_id")
)
_VALID = (
    select(RATING_MODEL)
    .where(RATING_MODEL.c.model_id == bindparam("model_id"), RATING_MODEL.c.valid_from <= bindparam("on"))
    .order_by(RATING_MODEL.c.version.desc())
    .limit(1)
)


def latest_version(view: View, model_id: str) -> int:
    """The highest version number of a model; 0 where it was never published."""
    return int(view.rows(_LATEST_VERSION, {"model_id": model_id})[0][0])


def valid_model(view: View, model_id: str, on: date) -> RatingModel:
    """The latest version valid on the day, or `RatingModelNotFound`."""
    rows = view.rows(_VALID, {"model_id": model_id, "on": on.isoformat()})
    if not rows:
        raise RatingModelNotFound(model_id=model_id, on=on)
    return models.value(rows[0])
