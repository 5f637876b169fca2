"""The rows of a day by place: of which contracts a posting is the sum."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlalchemy import bindparam, column, select
from sqlalchemy import text as sql

from zhongtai.credit.classification.domain import RiskCategory
from zhongtai.credit.loan_day.domain import LoanDay
from zhongtai.credit.loan_day.engine.columns import NO_ROW, unpacked
from zhongtai.credit.loan_day.store import LOAN_DAY, columns, loan_day, partition_at, places_of
from zhongtai.runtime.unit import View

_KINDS = (
    select(LOAN_DAY.c.partition, LOAN_DAY.c.places, LOAN_DAY.c.ends_on, LOAN_DAY.c.category)
    .where(
        LOAN_DAY.c.business_date == bindparam("on_date"),
        LOAN_DAY.c.partition.between(bindparam("first"), bindparam("last")),
    )
    .order_by(LOAN_DAY.c.partition)
)
# So many places are asked for at once, by one text, which is prepared once.
AT_ONCE = 128
_LOANS_AT = sql(
    "SELECT place, loan_id FROM credit_loan_day_contract WHERE place IN ("
    + ", ".join(f":p{number}" for number in range(AT_ONCE))
    + ")"
).columns(column("place"), column("loan_id"))


def at(view: View, places: Sequence[int], on: date) -> list[LoanDay]:
    """The rows of a day at places that have one, in order of place."""
    found = []
    for partition in sorted({partition_at(place) for place in places}):
        of_partition, first = columns(view, partition, on), places_of(partition)["first"]
        found += [
            loan_day(of_partition, place - first, place, on) for place in places if partition_at(place) == partition
        ]
    return found


def places_of_day(view: View, on: date, partition: int, category: RiskCategory | None) -> list[int]:
    """The places of a day's rows, of one partition (0 is any) and one category (None is any)."""
    bounds = {"first": partition or 1, "last": partition or 2**31}
    found: list[int] = []
    for row in view.rows(_KINDS, {"on_date": on.isoformat(), **bounds}):
        chosen = unpacked(row.ends_on, row.places) != NO_ROW
        if category is not None:
            chosen &= unpacked(row.category, row.places) == category.code
        found += (np.flatnonzero(chosen) + places_of(row.partition)["first"]).tolist()
    return found


def loans_at(view: View, places: Sequence[int]) -> dict[int, str]:
    """The loans that have these places."""
    found: dict[int, str] = {}
    for start in range(0, len(places), AT_ONCE):
        some = places[start : start + AT_ONCE]
        asked = {f"p{number}": some[min(number, len(some) - 1)] for number in range(AT_ONCE)}
        found |= {row.place: row.loan_id for row in view.rows(_LOANS_AT, asked)}
    return found
