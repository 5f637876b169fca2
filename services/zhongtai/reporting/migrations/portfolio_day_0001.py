"""The tables of `portfolio_day`."""

import sqlalchemy as sa
from alembic import op

revision = "portfolio_day_0001"
down_revision = None
branch_labels = ("portfolio_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "portfolio_day",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_date"),
    )
    op.create_table(
        "portfolio_heard_close",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
