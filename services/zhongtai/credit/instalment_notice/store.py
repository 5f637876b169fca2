"""Which notices were given, which loans are to be told of, and the rules that ship."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.credit.instalment_notice.domain import AT_ONCE, InstalmentNotice, NoticeRules
from zhongtai.credit.loan.domain import Instalment, LoanStatus, LoanSummary
from zhongtai.credit.loan.store import INSTALMENT, LOAN, instalments, summaries
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import View

metadata = MetaData()
NOTICE = Table(
    "credit_instalment_notice",
    metadata,
    text("loan_id", primary_key=True),
    day("due_on", primary_key=True),
    integer("days_past_due", primary_key=True, autoincrement=False),
)
notices = Records(NOTICE, InstalmentNotice)
_TO_TELL = (
    select(LOAN)
    .where(
        LOAN.c.loan_id > bindparam("position"),
        LOAN.c.status == LoanStatus.ACTIVE.value,
        LOAN.c.oldest_due_date.in_(bindparam("due_dates", expanding=True)),
    )
    .order_by(LOAN.c.loan_id)
    .limit(AT_ONCE)
)
_GIVEN = select(NOTICE).where(NOTICE.c.loan_id.in_(bindparam("loan_ids", expanding=True)))
_OWED = select(*INSTALMENT.columns[:-1]).where(
    INSTALMENT.c.loan_id.in_(bindparam("loan_ids", expanding=True)),
    INSTALMENT.c.number > 0,
    INSTALMENT.c.due_date <= bindparam("last"),
)

RULES: NoticeRules = reader(NoticeRules)(shipped(__package__, "notices.json"))


def to_tell(view: View, on: date, position: str) -> list[LoanSummary]:
    """The next loans behind a position whose oldest unpaid instalment has such a due date as is told of on a day."""
    asked = {"position": position, "due_dates": [each.isoformat() for each in RULES.due_dates(on)]}
    return [summaries.value(row) for row in view.rows(_TO_TELL, asked)]


def given(view: View, loans: Sequence[LoanSummary]) -> set[InstalmentNotice]:
    """The notices that loans were given."""
    rows = view.rows(_GIVEN, {"loan_ids": [loan.loan_id for loan in loans]})
    return {notices.value(row) for row in rows}


def owed(view: View, loans: Sequence[LoanSummary], last: date) -> list[Instalment]:
    """The instalments of loans that are due by a date."""
    asked = {"loan_ids": [loan.loan_id for loan in loans], "last": last.isoformat()}
    return [instalments.value(row) for row in view.rows(_OWED, asked)]
