"""The tables of `business_day`."""

import sqlalchemy as sa
from alembic import op

revision = "business_day_0001"
down_revision = None
branch_labels = ("business_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_business_day",
        sa.Column("day_id", sa.Text(), nullable=False),
        sa.Column("movable", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day_id"),
    )
