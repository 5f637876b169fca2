"""The table of guarantees; the guarantors rest in their guarantee's row, as they never change without it."""

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.credit.guarantee.domain import Guarantee, GuaranteeNotFound, GuaranteeStatus
from zhongtai.runtime.store import Records, day, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
SWEPT_AT_ONCE = 100

GUARANTEE = Table(
    "credit_guarantee",
    metadata,
    text("guarantee_id", primary_key=True),
    text("loan_id"),
    text("form"),
    text("sharing"),
    json("guarantors"),
    day("valid_until"),
    text("status"),
    Index("credit_guarantee_of_loan", "loan_id", "guarantee_id"),
    Index("credit_guarantee_ending", "status", "valid_until"),
)

guarantees = Records(GUARANTEE, Guarantee, missing=GuaranteeNotFound)

_PAST = guarantees.query(
    GUARANTEE.c.status == GuaranteeStatus.STANDING.value,
    GUARANTEE.c.valid_until < bindparam("today"),
    GUARANTEE.c.guarantee_id > bindparam("position"),
    order_by=GUARANTEE.c.guarantee_id,
    limit=SWEPT_AT_ONCE,
)


def past(view: View, position: str) -> list[Guarantee]:
    """The next guarantees behind a position that stand although their last day has gone by."""
    return _PAST(view, today=view.business_date.isoformat(), position=position)
