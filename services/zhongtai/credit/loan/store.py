"""The tables of loans: one row for a loan, one for each of its instalments, one for each business date it changed on.

`credit_loan_change` keeps a loan as it stood before the first change of a business date. By it the end of day sees what
was booked up to its date, whatever comes in while it runs, and need not look at the loans nothing happened to.
"""

from dataclasses import fields

from sqlalchemy import Index, MetaData, Table, bindparam, select
from sqlalchemy import text as sql

from zhongtai.credit.loan.domain import Instalment, Loan, LoanNotFound, LoanStatus, LoanSummary
from zhongtai.runtime.store import Records, day, decimal, integer, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(LOAN)` is one.
LOAN = Table(
    "credit_loan",
    metadata,
    text("loan_id", primary_key=True),
    text("customer_id"),
    text("product_id"),
    integer("product_version"),
    text("account_id"),
    text("limit_id"),
    text("hold_id"),
    text("decision_id"),
    text("grade"),
    *money("principal"),
    decimal("nominal_interest_rate"),
    decimal("transfer_rate", nullable=True),
    decimal("annual_percentage_rate"),
    text("amortisation"),
    text("day_count"),
    integer("term_months"),
    day("start_date"),
    day("maturity_date"),
    text("status"),
    *money("outstanding"),
    text("disbursement_payment_id"),
    integer("serviced"),
    day("oldest_due_date", nullable=True),
    day("accrued_through", nullable=True),
    Index("credit_loan_of_customer", "customer_id", "loan_id"),
    Index("credit_loan_of_hold", "hold_id"),
)
INSTALMENT = Table(
    "credit_loan_instalment",
    metadata,
    text("loan_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    day("due_date"),
    *money("principal"),
    *money("interest"),
    *money("total"),
    *money("balance"),
    *money("principal_paid"),
    *money("interest_paid"),
    # What the account of a serviced loan tells of the line beside this; none for the others.
    json("detail", nullable=True),
)
LOAN_CHANGE = Table(
    "credit_loan_change",
    metadata,
    day("changed_on", primary_key=True),
    text("loan_id", primary_key=True),
    text("status"),
    integer("outstanding_minor"),
    day("oldest_due_date", nullable=True),
    integer("terms_changed"),
    Index("credit_loan_change_of_loan", "loan_id", "changed_on"),
)

summaries = Records(LOAN, LoanSummary, missing=LoanNotFound)
instalments = Records(INSTALMENT, Instalment)

_SUMMARY_FIELDS = tuple(field.name for field in fields(LoanSummary))
_SCHEDULE = (
    select(*INSTALMENT.columns[:-1])
    .where(INSTALMENT.c.loan_id == bindparam("loan_id"), INSTALMENT.c.number > 0)
    .order_by(INSTALMENT.c.number)
)
_OF_HOLD = select(LOAN.c.loan_id).where(
    LOAN.c.hold_id == bindparam("hold_id"), LOAN.c.status != LoanStatus.CANCELLED.value
)
# The first change of a date keeps how the loan stood; that its terms changed is true whichever of them changed it.
_NOTE_CHANGE = sql(
    """
    INSERT INTO credit_loan_change (changed_on, loan_id, status, outstanding_minor, oldest_due_date, terms_changed)
    VALUES (:changed_on, :loan_id, :status, :outstanding_minor, :oldest_due_date, :terms_changed)
    ON CONFLICT (changed_on, loan_id) DO UPDATE SET terms_changed =
        CASE WHEN excluded.terms_changed = 1 THEN 1 ELSE credit_loan_change.terms_changed END
    """
)


def load(view: View, loan_id: str) -> Loan:
    """A loan with its instalments, or `LoanNotFound`."""
    return with_schedule(view, summaries.load(view, loan_id))


def with_schedule(view: View, summary: LoanSummary) -> Loan:
    """The loan of a row, with its instalments; of a serviced loan those of its plan as it stands."""
    schedule = tuple(instalments.value(row) for row in view.rows(_SCHEDULE, {"loan_id": summary.loan_id}))
    return Loan(**{name: getattr(summary, name) for name in _SUMMARY_FIELDS}, instalments=schedule)


def add(unit: Unit, loan: Loan) -> None:
    """Writes a new loan and its schedule."""
    summaries.add(unit, loan)
    instalments.add_all(unit, loan.instalments)


def save(unit: Unit, before: Loan, after: Loan) -> None:
    """Writes what changed of a loan: its row, the instalments that are not as they were, and how it stood before."""
    changed = [(old, new) for old, new in zip(before.instalments, after.instalments, strict=True) if new is not old]
    instalments.change_all(unit, changed)
    _save(unit, before, after, terms_changed=any(old.planned != new.planned for old, new in changed))


def save_summary(unit: Unit, before: LoanSummary, after: LoanSummary) -> None:
    """Writes the row of a loan, where it is not as it was, and how it stood before."""
    if after != before:
        _save(unit, before, after, terms_changed=False)


def _save(unit: Unit, before: LoanSummary, after: LoanSummary, *, terms_changed: bool) -> None:
    summaries.change(unit, before, after)
    unit.execute(
        _NOTE_CHANGE,
        {
            "changed_on": unit.business_date.isoformat(),
            "loan_id": before.loan_id,
            "status": before.status.value,
            "outstanding_minor": before.outstanding.minor_units,
            "oldest_due_date": before.oldest_due_date and before.oldest_due_date.isoformat(),
            "terms_changed": int(terms_changed),
        },
    )


def loan_on_hold(view: View, hold_id: str) -> str | None:
    """The loan that a hold backs already, if any; a cancelled loan gave its hold back."""
    rows = view.rows(_OF_HOLD, {"hold_id": hold_id})
    return rows[0][0] if rows else None
