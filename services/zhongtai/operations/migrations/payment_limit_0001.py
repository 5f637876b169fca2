"""The tables of `payment_limit`."""

import sqlalchemy as sa
from alembic import op

revision = "payment_limit_0001"
down_revision = None
branch_labels = ("payment_limit",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "payment_limit",
        sa.Column("payment_limit_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("shared", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("single_minor", sa.BigInteger(), nullable=False),
        sa.Column("daily_minor", sa.BigInteger(), nullable=False),
        sa.Column("daily_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("payment_limit_id"),
    )
    op.create_table(
        "payment_limit_use",
        sa.Column("payment_limit_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("payment_limit_id", "customer_id", "business_date"),
    )
