"""The tables of `standing_order`."""

import sqlalchemy as sa
from alembic import op

revision = "standing_order_0001"
down_revision = None
branch_labels = ("standing_order",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "standing_order",
        sa.Column("standing_order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("initiating_party", sa.Text(), nullable=False),
        sa.Column("debtor_account_id", sa.Text(), nullable=False),
        sa.Column("creditor_account_id", sa.Text(), nullable=False),
        sa.Column("outside_party", sa.Text(), nullable=True),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Text(), nullable=False),
        sa.Column("last_date", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("occasion", sa.BigInteger(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("paid_count", sa.BigInteger(), nullable=False),
        sa.Column("missed_count", sa.BigInteger(), nullable=False),
        sa.Column("last_reason_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("standing_order_id"),
    )
    op.create_index(op.f("ix_standing_order_customer_id"), "standing_order", ["customer_id"], unique=False)
    op.create_index("ix_standing_order_due", "standing_order", ["status", "due_on"], unique=False)
