"""Which accounts are to be closed for a day; there are no tables of its own."""

from sqlalchemy import and_, bindparam, select

from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan.store import LOAN, summaries
from zhongtai.credit.loan_account.store import ACCOUNT, OPERATION
from zhongtai.kernel.servicing.operations import EndOfDay
from zhongtai.runtime.unit import View

# What was last done to an account is its close by the day: there is nothing more to earn.
_CLOSED = and_(
    OPERATION.c.loan_id == ACCOUNT.c.loan_id,
    OPERATION.c.number == ACCOUNT.c.operations,
    OPERATION.c.kind == EndOfDay.__name__,
    OPERATION.c.booked_on == bindparam("today"),
)
_OPEN = (
    select(LOAN)
    .join(ACCOUNT, ACCOUNT.c.loan_id == LOAN.c.loan_id)
    .outerjoin(OPERATION, _CLOSED)
    .where(
        ACCOUNT.c.loan_id > bindparam("position"),
        LOAN.c.status == LoanStatus.ACTIVE.value,
        OPERATION.c.number.is_(None),
    )
    .order_by(ACCOUNT.c.loan_id)
    .limit(bindparam("most"))
)


def not_closed(view: View, position: str, most: int) -> list[LoanSummary]:
    """The next loans behind a position whose account is not closed for the day before today."""
    asked = {"position": position, "today": view.business_date.isoformat(), "most": most}
    return [summaries.value(row) for row in view.rows(_OPEN, asked)]
