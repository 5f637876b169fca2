"""The tables of `loan_repricing`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_repricing_0001"
down_revision = None
branch_labels = ("loan_repricing",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_floating_loan",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_index("credit_floating_loan_due", "credit_floating_loan", ["refused", "next_on", "loan_id"], unique=False)
    op.create_index(op.f("ix_credit_floating_loan_benchmark"), "credit_floating_loan", ["benchmark"], unique=False)
    op.create_table(
        "credit_loan_repricing",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("repriced_on", sa.Text(), nullable=False),
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("quoted_on", sa.Text(), nullable=False),
        sa.Column("quote_version", sa.BigInteger(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate_before", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "repriced_on"),
    )
    op.create_index("credit_loan_repricing_by_quote", "credit_loan_repricing", ["benchmark", "quoted_on"], unique=False)
