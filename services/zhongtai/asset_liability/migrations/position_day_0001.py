"""The tables of `position_day`."""

import sqlalchemy as sa
from alembic import op

revision = "position_day_0001"
down_revision = None
branch_labels = ("position_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "position_day",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("business_date"),
    )
    op.create_table(
        "position_day_line",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("positions", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("at_rates", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "kind", "product_id", "currency_code"),
    )
    op.create_table(
        "position_heard_close",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
