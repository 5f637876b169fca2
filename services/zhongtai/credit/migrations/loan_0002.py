"""What the end of day asks of every loan, and what the account of a serviced loan tells of its plan."""

import sqlalchemy as sa
from alembic import op

revision = "loan_0002"
down_revision = "loan_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns and the table; every loan there is has changed on its first day, for the first end of day."""
    op.add_column("credit_loan", sa.Column("serviced", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("credit_loan", sa.Column("accrued_through", sa.Text(), nullable=True))
    op.add_column("credit_loan_instalment", sa.Column("detail", sa.Text(), nullable=True))
    op.add_column("credit_loan", sa.Column("oldest_due_date", sa.Text(), nullable=True))
    op.execute(
        """
        UPDATE credit_loan SET oldest_due_date = (
            SELECT MIN(i.due_date) FROM credit_loan_instalment AS i
            WHERE i.loan_id = credit_loan.loan_id
                AND i.principal_paid_minor + i.interest_paid_minor < i.principal_minor + i.interest_minor)
        WHERE status IN ('PENDING', 'ACTIVE')
        """
    )
    op.create_table(
        "credit_loan_change",
        sa.Column("changed_on", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("oldest_due_date", sa.Text(), nullable=True),
        sa.Column("terms_changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("changed_on", "loan_id"),
    )
    op.create_index("credit_loan_change_of_loan", "credit_loan_change", ["loan_id", "changed_on"], unique=False)
    op.execute(
        """
        INSERT INTO credit_loan_change (changed_on, loan_id, status, outstanding_minor, oldest_due_date, terms_changed)
        SELECT start_date, loan_id, 'PENDING', principal_minor, oldest_due_date, 1 FROM credit_loan
        WHERE status = 'ACTIVE'
        """
    )
