"""The tables of `balance_history`."""

import sqlalchemy as sa
from alembic import op

revision = "balance_history_0001"
down_revision = None
branch_labels = ("balance_history",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "balance_history_sum",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tile", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("booking_date", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("moved_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book", "owner", "currency", "tile", "booking_date", "value_date"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "balance_history_extent",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book"),
    )
