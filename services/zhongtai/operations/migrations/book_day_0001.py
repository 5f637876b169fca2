"""The tables of `book_day`."""

import sqlalchemy as sa
from alembic import op

revision = "book_day_0001"
down_revision = None
branch_labels = ("book_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "book_dates",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("late_entries", sa.Text(), nullable=False),
        sa.Column("next_date", sa.Text(), nullable=False),
        sa.Column("cut_off_through", sa.Text(), nullable=True),
        sa.Column("open_date", sa.Text(), nullable=True),
        sa.Column("posted_through", sa.Text(), nullable=True),
        sa.Column("period_closed_through", sa.Text(), nullable=True),
        sa.Column("closing_period", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("book"),
    )
    op.create_table(
        "book_day",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cut_off_at", sa.Text(), nullable=True),
        sa.Column("accrued_at", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.Text(), nullable=True),
        sa.Column("proved_at", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("book", "business_date"),
    )
    op.create_table(
        "book_heard_close",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
