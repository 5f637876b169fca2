"""The tables of `confirmed_credit`."""

import sqlalchemy as sa
from alembic import op

revision = "confirmed_credit_0001"
down_revision = None
branch_labels = ("confirmed_credit",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_receivable_financing",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("receivable_id", sa.Text(), nullable=False),
        sa.Column("holding_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_index(
        "credit_receivable_financing_of", "credit_receivable_financing", ["receivable_id", "loan_id"], unique=False
    )
    op.create_table(
        "credit_receivable_holding",
        sa.Column("receivable_id", sa.Text(), nullable=False),
        sa.Column("holding_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("from_holding_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("locked_minor", sa.BigInteger(), nullable=False),
        sa.Column("locked_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("receivable_id", "holding_id"),
    )
    op.create_index(
        "credit_receivable_holding_of",
        "credit_receivable_holding",
        ["holder_id", "receivable_id", "holding_id"],
        unique=False,
    )
