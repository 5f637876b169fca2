"""How the versions of the curves rest: one row each, never changed."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.asset_liability.transfer_price.domain import Curve, CurveNotPublished, valid_on
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
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
