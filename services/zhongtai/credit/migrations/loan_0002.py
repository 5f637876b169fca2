"""What the end of day asks of every loan, and what the account of a serviced loan tells of its instalments."""

import sqlalchemy as sa
from alembic import op

revision = "loan_0002"
down_revision = "loan_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns; the oldest due date of the loans there are is worked out from their instalments."""
    op.add_column("credit_loan", sa.Column("serviced", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("credit_loan", sa.Column("oldest_due_date", sa.Text(), nullable=True))
    op.add_column("credit_loan", sa.Column("accrued_through", sa.Text(), nullable=True))
    op.add_column("credit_loan_instalment", sa.Column("detail", sa.Text(), nullable=True))
    op.execute(
        "UPDATE credit_loan SET oldest_due_date = ("
        "SELECT min(due_date) FROM credit_loan_instalment AS one WHERE one.loan_id = credit_loan.loan_id"
        " AND (principal_paid_minor < one.principal_minor OR interest_paid_minor < interest_minor))"
        " WHERE status IN ('PENDING', 'ACTIVE')"
    )
