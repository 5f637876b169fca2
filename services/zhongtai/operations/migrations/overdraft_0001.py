"""The tables of `overdraft`."""

import sqlalchemy as sa
from alembic import op

revision = "overdraft_0001"
down_revision = None
branch_labels = ("overdraft",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "overdraft",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("agreed_minor", sa.BigInteger(), nullable=False),
        sa.Column("agreed_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("overdue_rate", sa.Text(), nullable=False),
        sa.Column("days_most", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("charged_through", sa.Text(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("seen_number", sa.BigInteger(), nullable=False),
        sa.Column("days_at_charge", sa.BigInteger(), nullable=False),
        sa.Column("accrued_through", sa.Text(), nullable=False),
        sa.Column("accrued_minor", sa.BigInteger(), nullable=False),
        sa.Column("accrued_currency", sa.Text(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_currency", sa.Text(), nullable=False),
        sa.Column("days_overdrawn", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index(op.f("ix_overdraft_customer_id"), "overdraft", ["customer_id"], unique=False)
    op.create_index("ix_overdraft_status", "overdraft", ["status", "accrued_through"], unique=False)
