"""The tables of `limit`."""

import sqlalchemy as sa
from alembic import op

revision = "limit_0001"
down_revision = None
branch_labels = ("limit",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_limit",
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_line", sa.Text(), nullable=False),
        sa.Column("granted_minor", sa.BigInteger(), nullable=False),
        sa.Column("granted_currency", sa.Text(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_currency", sa.Text(), nullable=False),
        sa.Column("used_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("standing_minor", sa.BigInteger(), nullable=False),
        sa.Column("standing_currency", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.BigInteger(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=True),
        sa.Column("spent_currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("limit_id"),
    )
    op.create_index(
        "credit_limit_one_per_product_line",
        "credit_limit",
        ["customer_id", "product_line", "standing_currency"],
        unique=True,
    )
    op.create_table(
        "credit_limit_grant",
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("limit_id", "grant_id"),
    )
