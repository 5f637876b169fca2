"""The table of the business day: one row, and whether it may be moved."""

from datetime import date

from sqlalchemy import MetaData, Table

from zhongtai.gateway.business_day.domain import BANK, BusinessDay
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

BUSINESS_DAY = Table(
    "gateway_business_day",
    metadata,
    text("day_id", primary_key=True),
    integer("movable"),
    day("business_date", nullable=True),
)

days = Records(BUSINESS_DAY, BusinessDay)


def load(view: View) -> BusinessDay:
    """The bank's day; one that may not be moved where nobody has said that it may."""
    return days.find(view, BANK) or BusinessDay(BANK, movable=False)


def save(unit: Unit, value: BusinessDay) -> None:
    """Keeps the bank's day."""
    if days.find(unit, BANK):
        days.save(unit, value)
    else:
        days.add(unit, value)


def open_day(unit: Unit, *, movable: bool) -> date | None:
    """Says at a start whether the date may be moved here; answers the date to go on with, if it was moved before."""
    found = load(unit)
    kept = found.business_date if movable else None
    save(unit, BusinessDay(BANK, movable, kept))
    return kept
