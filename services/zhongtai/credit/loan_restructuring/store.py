"""The table of what was agreed anew, and the rules of extensions that ship with the component."""

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.loan_restructuring.domain import ExtensionRule, LoanRestructuring, RestructuringKind
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, decimal, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

RESTRUCTURING = Table(
    "credit_loan_restructuring",
    metadata,
    text("restructuring_id", primary_key=True),
    text("loan_id"),
    text("kind"),
    day("restructured_on"),
    text("operation_id"),
    integer("extra_months"),
    *money("forgiven"),
    decimal("nominal_interest_rate", nullable=True),
    integer("borrower_in_difficulty"),
    text("reason"),
    text("rule_id"),
    Index("credit_loan_restructuring_of_loan", "loan_id", "restructuring_id"),
)
restructurings = Records(RESTRUCTURING, LoanRestructuring)

RULES: tuple[ExtensionRule, ...] = tuple(
    map(
        reader(ExtensionRule),
        shipped(__package__, "extension_rules.json"),
    )
)

_EXTENDED = select(func.coalesce(func.sum(RESTRUCTURING.c.extra_months), 0)).where(
    RESTRUCTURING.c.loan_id == bindparam("loan_id"), RESTRUCTURING.c.kind == RestructuringKind.EXTENSION.value
)


def extended(view: View, loan_id: str) -> int:
    """By how many months a loan was extended so far."""
    return int(view.rows(_EXTENDED, {"loan_id": loan_id})[0][0])
