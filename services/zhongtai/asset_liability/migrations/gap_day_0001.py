"""The tables of `gap_day`."""

import sqlalchemy as sa
from alembic import op

revision = "gap_day_0001"
down_revision = None
branch_labels = ("gap_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gap_day",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("repricing", sa.Text(), nullable=False),
        sa.Column("liquidity", sa.Text(), nullable=False),
        sa.Column("agrees", sa.BigInteger(), nullable=False),
        sa.Column("curve_id", sa.Text(), nullable=False),
        sa.Column("curve_version", sa.BigInteger(), nullable=False),
        sa.Column("shock_version", sa.Text(), nullable=False),
        sa.Column("value_changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "currency_code"),
    )
