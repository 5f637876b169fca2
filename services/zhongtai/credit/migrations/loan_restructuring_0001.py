"""The tables of `loan_restructuring`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_restructuring_0001"
down_revision = None
branch_labels = ("loan_restructuring",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_loan_restructuring",
        sa.Column("restructuring_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("restructured_on", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("extra_months", sa.BigInteger(), nullable=False),
        sa.Column("forgiven_minor", sa.BigInteger(), nullable=False),
        sa.Column("forgiven_currency", sa.Text(), nullable=False),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=True),
        sa.Column("borrower_in_difficulty", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("restructuring_id"),
    )
    op.create_index(
        "credit_loan_restructuring_of_loan", "credit_loan_restructuring", ["loan_id", "restructuring_id"], unique=False
    )
