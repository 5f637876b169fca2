"""The table of accruals, one row a business date."""

from sqlalchemy import MetaData, Table, select

from zhongtai.operations.deposit_accrual.domain import DepositAccrual, DepositAccrualNotFound
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
ACCRUAL = Table(
    "deposit_accrual",
    metadata,
    day("business_date", primary_key=True),
    text("phase"),
    text("cursor"),
    integer("seen_number"),
    integer("accounts_moved"),
    integer("accounts_settled"),
    json("lines"),
)
accruals = Records(ACCRUAL, DepositAccrual, missing=DepositAccrualNotFound)
_LAST = select(ACCRUAL).order_by(ACCRUAL.c.business_date.desc()).limit(1)


def last(view: View) -> DepositAccrual | None:
    """The latest accrual that was begun, if any."""
    rows = view.rows(_LAST)
    return accruals.value(rows[0]) if rows else None
