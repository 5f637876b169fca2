"""The table of allowance models: every version ever published."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.credit.allowance_model.domain import AllowanceModel, AllowanceModelNotFound
from zhongtai.runtime.store import Records, day, decimal, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

DEFAULT_MODEL = "ifrs9"

# The columns stand in the order of the value's fields, so that a row of `select(MODEL)` is one.
MODEL = Table(
    "credit_allowance_model",
    metadata,
    text("model_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    json("grades"),
    json("scenarios"),
    decimal("unsecured_loss"),
    decimal("secured_loss"),
    decimal("guaranteed_loss"),
    decimal("undrawn_conversion"),
    decimal("absolute_increase"),
    decimal("relative_increase"),
    decimal("relative_floor"),
    decimal("low_risk_probability"),
    integer("backstop_days"),
    integer("default_days"),
    integer("cure_months"),
    json("bands"),
    text("source"),
)
models = Records(MODEL, AllowanceModel)

_LATEST_VERSION = select(func.coalesce(func.max(MODEL.c.version), 0)).where(MODEL.c.model_id == bindparam("model_id"))
_VALID = (
    select(MODEL)
    .where(MODEL.c.model_id == bindparam("model_id"), MODEL.c.valid_from <= bindparam("on"))
    .order_by(MODEL.c.version.desc())
    .limit(1)
)


def latest_version(view: View, model_id: str) -> int:
    """The highest version of a model; 0 where it was never published."""
    return int(view.rows(_LATEST_VERSION, {"model_id": model_id})[0][0])


def valid_on(view: View, model_id: str, on: date) -> AllowanceModel:
    """The latest version valid on the day, or `AllowanceModelNotFound`."""
    rows = view.rows(_VALID, {"model_id": model_id, "on": on.isoformat()})
    if not rows:
        raise AllowanceModelNotFound(model_id=model_id, on=on)
    return models.value(rows[0])
