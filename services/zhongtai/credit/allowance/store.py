"""The tables of allowances: what stands for each loan, and every movement that led to it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, and_, bindparam, func, or_, select

from zhongtai.credit.allowance.domain import (
    Allowance,
    AllowanceNotAssessed,
)
from zhongtai.credit.allowance_movement.domain import AllowanceMovement, MovementCause
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

ALLOWANCE = Table(
    "credit_allowance",
    metadata,
    text("loan_id", primary_key=True),
    text("customer_id"),
    text("product_id"),
    text("previous_stage", nullable=True),
    json("reasons"),
    text("origination_grade"),
    json("position"),
    *money("twelve_month_loss"),
    *money("lifetime_loss"),
    *money("allowance"),
    text("model_id"),
    integer("model_version"),
    day("assessed_on"),
)
MOVEMENT = Table(
    "credit_allowance_movement",
    metadata,
    text("movement_id", primary_key=True),
    text("loan_id"),
    text("product_id"),
    day("assessed_on"),
    text("cause"),
    *money("amount"),
    Index("credit_allowance_movement_on", "amount_currency", "assessed_on", "product_id"),
    Index("credit_allowance_movement_of_loan", "loan_id", "assessed_on"),
)

allowances = Records(ALLOWANCE, Allowance, missing=AllowanceNotAssessed)

_ADD_MOVEMENT = MOVEMENT.insert()
_OF = and_(
    MOVEMENT.c.amount_currency == bindparam("currency"),
    or_(bindparam("of_loan") == "", MOVEMENT.c.loan_id == bindparam("of_loan")),
    or_(bindparam("of_product") == "", MOVEMENT.c.product_id == bindparam("of_product")),
)
_OPENING = select(func.coalesce(func.sum(MOVEMENT.c.amount_minor), 0)).where(
    _OF, MOVEMENT.c.assessed_on < bindparam("first")
)
_BY_CAUSE = (
    select(MOVEMENT.c.cause, func.sum(MOVEMENT.c.amount_minor))
    .where(_OF, MOVEMENT.c.assessed_on >= bindparam("first"), MOVEMENT.c.assessed_on <= bindparam("last"))
    .group_by(MOVEMENT.c.cause)
    .order_by(MOVEMENT.c.cause)
)
_MOVED = (
    select(MOVEMENT.c.loan_id, func.sum(MOVEMENT.c.amount_minor).label("moved"))
    .where(
        MOVEMENT.c.loan_id.in_(bindparam("loan_ids", expanding=True)),
        MOVEMENT.c.assessed_on > bindparam("after"),
        MOVEMENT.c.assessed_on <= bindparam("through"),
    )
    .group_by(MOVEMENT.c.loan_id)
)


def keep(unit: Unit, allowance: Allowance, movements: tuple[AllowanceMovement, ...]) -> None:
    """Writes what stands now, and what moved it."""
    if allowances.find(unit, allowance.loan_id) is None:
        allowances.add(unit, allowance)
    else:
        allowances.save(unit, allowance)
    add_movements(unit, allowance.loan_id, allowance.product_id, movements)


def add_movements(unit: Unit, loan_id: str, product_id: str, movements: Sequence[AllowanceMovement]) -> None:
    """Writes what moved an allowance today."""
    for movement_id, movement in zip(unit.new_ids("mov", len(movements)), movements, strict=True):
        row = {
            "movement_id": movement_id,
            "loan_id": loan_id,
            "product_id": product_id,
            "assessed_on": unit.business_date.isoformat(),
            "cause": movement.cause.value,
            "amount_minor": movement.amount.minor_units,
            "amount_currency": movement.amount.currency,
        }
        unit.execute(_ADD_MOVEMENT, row)


def moved_between(view: View, loan_ids: Sequence[str], after: date | None, through: date) -> dict[str, int]:
    """What moved the allowances of loans behind one day, None for all days, up to another; in minor units."""
    asked = {"loan_ids": loan_ids, "after": after.isoformat() if after else "", "through": through.isoformat()}
    return {row.loan_id: int(row.moved) for row in view.rows(_MOVED, asked) if row.moved}


def moved(
    view: View, currency: str, *, loan_id: str, product_id: str, first: date, last: date
) -> tuple[int, Counter[MovementCause]]:
    """What moved allowances beside closes, in minor units: all before the first day, and by cause until the last."""
    asked = {
        "currency": currency,
        "of_loan": loan_id,
        "of_product": product_id,
        "first": first.isoformat(),
        "last": last.isoformat(),
    }
    by_cause = {MovementCause(cause): int(amount) for cause, amount in view.rows(_BY_CAUSE, asked)}
    return int(view.rows(_OPENING, asked)[0][0]), Counter(by_cause)
