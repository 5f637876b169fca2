"""The tables of the end of day: how far each is, and what its partitions come to."""

from collections import Counter
from datetime import date

from sqlalchemy import MetaData, Table, and_, bindparam, func, or_, select

from zhongtai.credit.allowance_movement.domain import MovementCause
from zhongtai.credit.end_of_day.domain import CloseMovement, EndOfDay, EndOfDayNotFound, PartitionFigures
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import View

metadata = MetaData()
END_OF_DAY = Table(
    "credit_end_of_day",
    metadata,
    day("business_date", primary_key=True),
    day("previous_date", nullable=True),
    integer("rule_set_version"),
    integer("model_version"),
    text("phase"),
    text("cursor"),
    integer("partitions"),
    integer("partitions_closed"),
    integer("loans"),
    integer("reclassified"),
)
PARTITION_FIGURES = Table(
    "credit_end_of_day_partition",
    metadata,
    day("business_date", primary_key=True),
    integer("partition", primary_key=True, autoincrement=False),
    text("product_id"),
    text("currency"),
    integer("loans"),
    integer("outstanding_minor"),
    integer("interest_accrued_minor"),
    integer("interest_reversed_minor"),
    integer("allowance_minor"),
    integer("allowance_raised_minor"),
    integer("allowance_released_minor"),
    integer("reclassified"),
)

MOVEMENT = Table(
    "credit_end_of_day_movement",
    metadata,
    day("business_date", primary_key=True),
    integer("partition", primary_key=True, autoincrement=False),
    text("cause", primary_key=True),
    text("product_id"),
    text("currency"),
    integer("amount_minor"),
)

ends_of_day = Records(END_OF_DAY, EndOfDay, missing=EndOfDayNotFound)
figures = Records(PARTITION_FIGURES, PartitionFigures)
movements = Records(MOVEMENT, CloseMovement)

_OF = and_(
    MOVEMENT.c.currency == bindparam("currency"),
    or_(bindparam("of_product") == "", MOVEMENT.c.product_id == bindparam("of_product")),
)
_BEFORE = select(func.coalesce(func.sum(MOVEMENT.c.amount_minor), 0)).where(
    _OF, MOVEMENT.c.business_date < bindparam("first")
)
_BY_CAUSE = (
    select(MOVEMENT.c.cause, func.sum(MOVEMENT.c.amount_minor))
    .where(_OF, MOVEMENT.c.business_date >= bindparam("first"), MOVEMENT.c.business_date <= bindparam("last"))
    .group_by(MOVEMENT.c.cause)
)
_LAST = select(END_OF_DAY).order_by(END_OF_DAY.c.business_date.desc()).limit(1)


def moved(view: View, currency: str, product_id: str, first: date, last: date) -> tuple[int, Counter[MovementCause]]:
    """What closes moved allowances by, in minor units: all before the first day, and by cause until the last."""
    asked = {
        "currency": currency,
        "of_product": product_id,
        "first": first.isoformat(),
        "last": last.isoformat(),
    }
    by_cause = {MovementCause(cause): int(amount) for cause, amount in view.rows(_BY_CAUSE, asked)}
    return int(view.rows(_BEFORE, asked)[0][0]), Counter(by_cause)


def last(view: View) -> EndOfDay | None:
    """The latest close that was begun, if any."""
    rows = view.rows(_LAST)
    return ends_of_day.value(rows[0]) if rows else None
