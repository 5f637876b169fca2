"""What the world is told of loans that were taken over: one fact for a piece and currency, with every loan in it."""

from zhongtai.credit.limit.domain import Limit
from zhongtai.credit.loan_import.domain import ImportedLoan, LoanRow, Names
from zhongtai.credit.loan_import.engine import Flows, unpaid
from zhongtai.kernel.money import Money


def told(names: Names, row: LoanRow, to_come: Flows, limit: Limit, granted: Money | None) -> ImportedLoan:
    """What is told of a loan; `granted` is what its limit grants, where that was changed for it."""
    flows = unpaid(row, to_come)
    days = [0, *(later - earlier for earlier, later in zip(_ordinals(flows), _ordinals(flows)[1:], strict=False))]
    return ImportedLoan(
        loan_id=names.name("loan", row.line),
        reference=row.reference,
        customer_id=row.customer_id,
        product_id=row.product.product_id,
        account_id=row.account_id,
        limit_id=limit.limit_id,
        limit_granted=granted,
        product_line=limit.product_line,
        grade=row.grade,
        principal=row.principal,
        outstanding=row.outstanding,
        nominal_interest_rate=row.nominal_interest_rate,
        transfer_rate=row.transfer_rate,
        day_count=row.product.day_count,
        start_date=row.start_date,
        first_due_date=flows.due[0],
        due_days_later=tuple(days),
        principal_minor_units=tuple(flows.principal),
        interest_minor_units=tuple(flows.interest),
    )


def _ordinals(flows: Flows) -> list[int]:
    return [due.toordinal() for due in flows.due]
