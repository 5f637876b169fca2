"""The tables of floating loans and of the re-pricing days they passed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.loan_repricing.domain import FloatingLoan, FloatingLoanNotFound, LoanRepricing
from zhongtai.credit.reference_rate.domain import ReferenceRate
from zhongtai.runtime.store import Records, day, decimal, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the values' fields, so that a row of `select(…)` is one.
FLOATING_LOAN = Table(
    "credit_floating_loan",
    metadata,
    text("loan_id", primary_key=True),
    text("benchmark", index=True),
    day("next_on", nullable=True),
    text("refused"),
    Index("credit_floating_loan_due", "refused", "next_on", "loan_id"),
)
LOAN_REPRICING = Table(
    "credit_loan_repricing",
    metadata,
    text("loan_id", primary_key=True),
    day("repriced_on", primary_key=True),
    text("benchmark"),
    day("quoted_on"),
    integer("quote_version"),
    decimal("quote"),
    decimal("rate_before"),
    decimal("rate"),
    text("operation_id"),
    Index("credit_loan_repricing_by_quote", "benchmark", "quoted_on"),
)

floating_loans = Records(FLOATING_LOAN, FloatingLoan, missing=FloatingLoanNotFound)
repricings = Records(LOAN_REPRICING, LoanRepricing)

_DUE = (
    select(FLOATING_LOAN)
    .where(FLOATING_LOAN.c.refused == "", FLOATING_LOAN.c.next_on <= bindparam("on"))
    .order_by(FLOATING_LOAN.c.next_on, FLOATING_LOAN.c.loan_id)
    .limit(bindparam("maximum"))
)
_FOLLOWERS = FLOATING_LOAN.c.benchmark == bindparam("of_benchmark")
_TRY_AGAIN = FLOATING_LOAN.update().where(_FOLLOWERS, FLOATING_LOAN.c.refused != "").values(refused="")
# A loan took an older quote, or an older version, on a day on which this one was in force.
_TOOK_ANOTHER = (
    LOAN_REPRICING.c.benchmark == bindparam("of_benchmark"),
    LOAN_REPRICING.c.quoted_on <= bindparam("begins"),
    LOAN_REPRICING.c.repriced_on >= bindparam("begins"),
)
_FIRST_DAY = (
    select(func.min(LOAN_REPRICING.c.repriced_on))
    .where(LOAN_REPRICING.c.loan_id == FLOATING_LOAN.c.loan_id, *_TOOK_ANOTHER)
    .scalar_subquery()
)
_GO_BACK = (
    FLOATING_LOAN.update()
    .where(FLOATING_LOAN.c.loan_id.in_(select(LOAN_REPRICING.c.loan_id).where(*_TOOK_ANOTHER)))
    .values(next_on=_FIRST_DAY)
)


def due(view: View, on: date, maximum: int) -> Sequence[FloatingLoan]:
    """The loans whose re-pricing day has come, the longest due first."""
    return [floating_loans.value(row) for row in view.rows(_DUE, {"on": on.isoformat(), "maximum": maximum})]


def published(unit: Unit, quote: ReferenceRate) -> None:
    """Lets those who follow the quote's benchmark be tried again, and go back where they took another quote."""
    unit.execute(_TRY_AGAIN, {"of_benchmark": quote.benchmark})
    unit.execute(_GO_BACK, {"of_benchmark": quote.benchmark, "begins": quote.effective_on.isoformat()})
