"""The tables of `watchlist`."""

import sqlalchemy as sa
from alembic import op

revision = "watchlist_0001"
down_revision = None
branch_labels = ("watchlist",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "risk_watchlist_entry",
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("put_on", sa.Text(), nullable=False),
        sa.Column("taken_off", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("watchlist_id", "entry_id"),
    )
    op.create_table(
        "risk_watchlist_key",
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("found_by", "watchlist_id", "entry_id"),
    )
    op.create_index("ix_risk_watchlist_key_entry", "risk_watchlist_key", ["watchlist_id", "entry_id"], unique=False)
