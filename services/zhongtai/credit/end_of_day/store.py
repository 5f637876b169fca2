"""The tables of the end of day: how far each is, and what its partitions come to."""

from sqlalchemy import MetaData, Table, select

from zhongtai.credit.end_of_day.domain import EndOfDay, EndOfDayNotFound, PartitionFigures
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

ends_of_day = Records(END_OF_DAY, EndOfDay, missing=EndOfDayNotFound)
figures = Records(PARTITION_FIGURES, PartitionFigures)

_LAST = select(END_OF_DAY).order_by(END_OF_DAY.c.business_date.desc()).limit(1)


def last(view: View) -> EndOfDay | None:
    """The latest close that was begun, if any."""
    rows = view.rows(_LAST)
    return ends_of_day.value(rows[0]) if rows else None
