"""How the gaps of dates rest: a row for each date and currency; and the currencies that positions are in."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.asset_liability.gap_day.domain import GapDay
from zhongtai.asset_liability.position.store import POSITION
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
GAP_DAY = Table(
    "gap_day",
    metadata,
    day("business_date", primary_key=True),
    text("currency_code", primary_key=True),
    json("repricing"),
    json("liquidity"),
    integer("agrees"),
    text("curve_id"),
    integer("curve_version"),
    text("shock_version"),
    json("value_changes"),
)
gap_days = Records(GAP_DAY, GapDay)

_OF_DATE = gap_days.query(GAP_DAY.c.business_date == bindparam("of_date"), order_by=GAP_DAY.c.currency_code)
_NEXT_CURRENCY = select(func.min(POSITION.c.outstanding_currency)).where(
    POSITION.c.outstanding_currency > bindparam("after")
)


def of_date(view: View, business_date: date) -> dict[str, GapDay]:
    """What was taken of a date, by currency."""
    return {found.currency_code: found for found in _OF_DATE(view, of_date=business_date.isoformat())}


def next_currency(view: View, after: str) -> str:
    """The next currency that a position is in; "" behind the last."""
    return view.rows(_NEXT_CURRENCY, {"after": after})[0][0] or ""
