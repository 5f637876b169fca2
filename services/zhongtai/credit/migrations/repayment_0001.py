"""The tables of `repayment`."""

import sqlalchemy as sa
from alembic import op

revision = "repayment_0001"
down_revision = None
branch_labels = ("repayment",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_repayment",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_currency", sa.Text(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_currency", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_index("credit_repayment_of_loan", "credit_repayment", ["loan_id", "payment_id"], unique=False)
