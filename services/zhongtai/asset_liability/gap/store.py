"""What a gap reads: the positions of one currency at the close of a day, and the buckets and assumptions that ship
as data.
"""

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from sqlalchemy import bindparam, case, func, select

from zhongtai.asset_liability.gap.domain import Assumptions, Bucket, GapMethod, Spread
from zhongtai.asset_liability.gap.engine import Ladder
from zhongtai.asset_liability.position.domain import PositionKind
from zhongtai.asset_liability.position.store import CASH_FLOW, MOVEMENT, POSITION
from zhongtai.runtime.unit import View

_REPAID = (
    select(
        MOVEMENT.c.position_id,
        func.sum(MOVEMENT.c.repaid_principal_minor).label("principal"),
        func.sum(MOVEMENT.c.repaid_interest_minor).label("interest"),
    )
    .where(MOVEMENT.c.on <= bindparam("as_of"))
    .group_by(MOVEMENT.c.position_id)
    .subquery()
)
_PRINCIPAL_UNPAID = CASH_FLOW.c.principal_to_date_minor - func.coalesce(_REPAID.c.principal, 0)
_INTEREST_UNPAID = CASH_FLOW.c.interest_to_date_minor - func.coalesce(_REPAID.c.interest, 0)


def _left(whole: Any, unpaid_to_date: Any) -> Any:
    """What is left of an instalment when the oldest is settled first: between nothing and the whole of it."""
    return case((unpaid_to_date <= 0, 0), (unpaid_to_date < whole, unpaid_to_date), else_=whole)


# One row for each due date, whatever the number of loans. A loan that is paid back whole owes no further interest.
_CASH_BY_DAY = (
    select(
        CASH_FLOW.c.due_date,
        func.sum(_left(CASH_FLOW.c.principal_minor, _PRINCIPAL_UNPAID)).label("principal"),
        func.sum(_left(CASH_FLOW.c.interest_minor, _INTEREST_UNPAID)).label("interest"),
    )
    .join(POSITION, POSITION.c.position_id == CASH_FLOW.c.position_id)
    .outerjoin(_REPAID, _REPAID.c.position_id == CASH_FLOW.c.position_id)
    .where(
        POSITION.c.outstanding_currency == bindparam("currency_code"),
        POSITION.c.start_date <= bindparam("as_of"),
        func.coalesce(_REPAID.c.principal, 0) < POSITION.c.contracted_minor,
    )
    .group_by(CASH_FLOW.c.due_date)
)
_BALANCES = (
    select(POSITION.c.kind, func.sum(MOVEMENT.c.amount_minor).label("balance"))
    .join(MOVEMENT, MOVEMENT.c.position_id == POSITION.c.position_id)
    .where(POSITION.c.outstanding_currency == bindparam("currency_code"), MOVEMENT.c.on <= bindparam("as_of"))
    .group_by(POSITION.c.kind)
)


def ladder(view: View, as_of: date, currency_code: str) -> Ladder:
    """What the positions in a currency come to at the close of a day."""
    parameters = {"as_of": as_of.isoformat(), "currency_code": currency_code}
    cash = view.rows(_CASH_BY_DAY, parameters)
    balances = {row.kind: int(row.balance) for row in view.rows(_BALANCES, parameters)}
    return Ladder(
        due_days=np.array([date.fromisoformat(row.due_date).toordinal() for row in cash], dtype=np.int64),
        principal=np.array([int(row.principal) for row in cash], dtype=np.int64),
        interest=np.array([int(row.interest) for row in cash], dtype=np.int64),
        deposits=balances.get(PositionKind.DEPOSIT, 0),
        undrawn_limits=balances.get(PositionKind.UNDRAWN_LIMIT, 0),
    )


@cache
def buckets() -> tuple[Bucket, ...]:
    """The buckets, nearest first; the last one is open."""
    return tuple(Bucket(**bucket) for bucket in _data("buckets.json")["buckets"])


@cache
def assumptions() -> Assumptions:
    """The behavioural assumptions in force."""
    data = _data("assumptions.json")
    return Assumptions(
        version=data["version"],
        deposits={method: Spread(data[method.value.lower()]["deposit"]) for method in GapMethod},
        undrawn_limits={method: Spread(data[method.value.lower()]["undrawn_limit"]) for method in GapMethod},
    )


def _data(name: str) -> Any:
    return json.loads((files("zhongtai.asset_liability.gap") / name).read_text(encoding="utf-8"))
