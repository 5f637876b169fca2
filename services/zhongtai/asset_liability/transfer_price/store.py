"""How the versions of the curves rest: one row each, never changed."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, or_, select

from zhongtai.asset_liability.transfer_price.domain import Curve, CurveNotPublished
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
# The columns stand in the order of the value's fields, so that a row of `select(CURVE)` is one.
CURVE = Table(
    "curve",
    metadata,
    text("curve_id", primary_key=True),
    integer("version", primary_key=True),
    text("name"),
    text("name_zh"),
    text("currency_code"),
    day("valid_from"),
    json("points"),
)
curves = Records(CURVE, Curve)

_OF_CURVE = select(CURVE).where(CURVE.c.curve_id == bindparam("of_curve"))
_LAST_BEGUN = _OF_CURVE.where(CURVE.c.valid_from <= bindparam("on_day")).order_by(CURVE.c.valid_from.desc()).limit(1)
_OF_CURRENCY = (
    select(CURVE)
    .where(CURVE.c.currency_code == bindparam("of_currency"), CURVE.c.valid_from <= bindparam("on_day"))
    .order_by(CURVE.c.curve_id, CURVE.c.valid_from.desc())
    .limit(1)
)
_CLASHING = _OF_CURVE.where(or_(CURVE.c.version == bindparam("of_version"), CURVE.c.valid_from == bindparam("on_day")))


def valid_on(view: View, curve_id: str, on: date) -> Curve:
    """The version valid on a day: of those that have begun, the last to begin. Raises `CurveNotPublished`."""
    begun = view.rows(_LAST_BEGUN, {"of_curve": curve_id, "on_day": on.isoformat()})
    if not begun:
        raise CurveNotPublished(curve_id=curve_id, on=on)
    return curves.value(begun[0])


def of_currency(view: View, currency_code: str, on: date) -> Curve | None:
    """The version valid on a day of the first curve of a currency, by name; None where none had begun."""
    begun = view.rows(_OF_CURRENCY, {"of_currency": currency_code, "on_day": on.isoformat()})
    return curves.value(begun[0]) if begun else None


def clashing(view: View, curve: Curve) -> list[Curve]:
    """The versions of the same curve that have the number or the first day of this one."""
    parameters = {"of_curve": curve.curve_id, "of_version": curve.version, "on_day": curve.valid_from.isoformat()}
    return [curves.value(row) for row in view.rows(_CLASHING, parameters)]
