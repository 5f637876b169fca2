"""The ratings as events tell them, and the grade of each customer at the close of each day it changed."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import MetaData, Subquery, Table, and_, bindparam, func, select

from zhongtai.credit.rating_migration.domain import GivenRating, GradeAtClose, standing
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

GIVEN_RATING = Table(
    "credit_rating_given",
    metadata,
    text("customer_id", primary_key=True),
    text("rating_id", primary_key=True),
    text("grade"),
    integer("withdrawn"),
)
GRADE_AT_CLOSE = Table(
    "credit_rating_at_close",
    metadata,
    text("customer_id", primary_key=True),
    day("on_day", primary_key=True),
    text("grade"),
)

given_ratings = Records(GIVEN_RATING, GivenRating)
closes = Records(GRADE_AT_CLOSE, GradeAtClose)

_OF_CUSTOMER = select(GIVEN_RATING).where(GIVEN_RATING.c.customer_id == bindparam("customer_id"))


def _at(parameter: str) -> Subquery:
    """The grade of each customer at the close of a day: that of the last day on which it changed."""
    last = (
        select(GRADE_AT_CLOSE.c.customer_id, func.max(GRADE_AT_CLOSE.c.on_day).label("on_day"))
        .where(GRADE_AT_CLOSE.c.on_day <= bindparam(parameter))
        .group_by(GRADE_AT_CLOSE.c.customer_id)
        .subquery()
    )
    same = and_(GRADE_AT_CLOSE.c.customer_id == last.c.customer_id, GRADE_AT_CLOSE.c.on_day == last.c.on_day)
    return select(GRADE_AT_CLOSE.c.customer_id, GRADE_AT_CLOSE.c.grade).join(last, same).subquery()


_FROM, _TO = _at("from_day"), _at("to_day")
_MOVES = (
    select(_FROM.c.grade, _TO.c.grade, func.count())
    .join(_TO, _FROM.c.customer_id == _TO.c.customer_id)
    .group_by(_FROM.c.grade, _TO.c.grade)
)


def close(unit: Unit, customer_id: str) -> None:
    """Keeps the grade a customer has now as that of the day's close; a later change of the day takes its place."""
    found = [given_ratings.value(row) for row in unit.rows(_OF_CUSTOMER, {"customer_id": customer_id})]
    at_close = GradeAtClose(customer_id, unit.business_date, standing(found))
    if closes.find(unit, customer_id, unit.business_date.isoformat()) is None:
        closes.add(unit, at_close)
    else:
        closes.save(unit, at_close)


def moves(view: View, from_day: date, to_day: date) -> Mapping[tuple[str, str], int]:
    """How many customers had which grade on the first day and which on the second."""
    rows = view.rows(_MOVES, {"from_day": from_day.isoformat(), "to_day": to_day.isoformat()})
    return {(before, after): int(number) for before, after, number in rows}
