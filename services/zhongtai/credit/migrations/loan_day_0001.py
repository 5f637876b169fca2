"""The tables of `loan_day`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_day_0001"
down_revision = None
branch_labels = ("loan_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_loan_day",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("profile", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=True),
        sa.Column("accruing_minor", sa.BigInteger(), nullable=False),
        sa.Column("accrued_minor", sa.BigInteger(), nullable=False),
        sa.Column("remainder", sa.BigInteger(), nullable=False),
        sa.Column("recognised_minor", sa.BigInteger(), nullable=False),
        sa.Column("accrual_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("oldest_due_date", sa.Text(), nullable=True),
        sa.Column("days_past_due", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.BigInteger(), nullable=False),
        sa.Column("allowance_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowance_change_minor", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "credit_loan_day_contract",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.BigInteger(), nullable=False),
        sa.Column("ended_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("place"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "credit_loan_day_contract_by_hand", "credit_loan_day_contract", ["by_hand", "loan_id"], unique=False
    )
    op.create_index("credit_loan_day_contract_of_loan", "credit_loan_day_contract", ["loan_id"], unique=True)
    op.create_table(
        "credit_loan_day_places",
        sa.Column("partition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.create_index(
        "credit_loan_day_places_of_product",
        "credit_loan_day_places",
        ["product_id", "currency", "partition"],
        unique=False,
    )
    op.create_table(
        "credit_loan_day_profile",
        sa.Column("profile", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=False),
        sa.Column("day_count", sa.Text(), nullable=False),
        sa.Column("amortisation", sa.Text(), nullable=False),
        sa.Column("maturity_month", sa.BigInteger(), nullable=False),
        sa.Column("nightly", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("loss_1", sa.BigInteger(), nullable=False),
        sa.Column("loss_2", sa.BigInteger(), nullable=False),
        sa.Column("loss_3", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("profile"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "credit_loan_day_profile_of",
        "credit_loan_day_profile",
        ["product_id", "currency", "grade", "nominal_interest_rate", "day_count", "amortisation", "maturity_month"],
        unique=True,
    )
