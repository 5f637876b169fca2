"""The tables of `loan`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_0001"
down_revision = None
branch_labels = ("loan",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_loan",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("product_version", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_currency", sa.Text(), nullable=False),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=False),
        sa.Column("transfer_rate", sa.Text(), nullable=True),
        sa.Column("annual_percentage_rate", sa.Text(), nullable=False),
        sa.Column("amortisation", sa.Text(), nullable=False),
        sa.Column("day_count", sa.Text(), nullable=False),
        sa.Column("term_months", sa.BigInteger(), nullable=False),
        sa.Column("start_date", sa.Text(), nullable=False),
        sa.Column("maturity_date", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_currency", sa.Text(), nullable=False),
        sa.Column("disbursement_payment_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_index("credit_loan_of_customer", "credit_loan", ["customer_id", "loan_id"], unique=False)
    op.create_index("credit_loan_of_hold", "credit_loan", ["hold_id"], unique=False)
    op.create_table(
        "credit_loan_instalment",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_date", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_currency", sa.Text(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_currency", sa.Text(), nullable=False),
        sa.Column("principal_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_paid_currency", sa.Text(), nullable=False),
        sa.Column("interest_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_paid_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "number"),
    )
