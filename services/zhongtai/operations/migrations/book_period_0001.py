"""The tables of `book_period`."""

import sqlalchemy as sa
from alembic import op

revision = "book_period_0001"
down_revision = None
branch_labels = ("book_period",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "book_period",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry_ids", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", "through"),
    )
