"""The tables of `deposit_interest`."""

import sqlalchemy as sa
from alembic import op

revision = "deposit_interest_0001"
down_revision = None
branch_labels = ("deposit_interest",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "deposit_interest",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("settled_through", sa.Text(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("adjustments", sa.Text(), nullable=False),
        sa.Column("seen_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_deposit_interest_plan", "deposit_interest", ["plan", "account_id"], unique=False)
    op.create_table(
        "deposit_interest_movement",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("moved_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "value_date"),
    )
    op.create_index(
        "ix_deposit_interest_movement_value_date",
        "deposit_interest_movement",
        ["value_date", "account_id"],
        unique=False,
    )
    op.create_table(
        "deposit_interest_total",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "currency_code"),
    )
