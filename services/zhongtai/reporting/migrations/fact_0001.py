"""The tables of `fact`."""

import sqlalchemy as sa
from alembic import op

revision = "fact_0001"
down_revision = None
branch_labels = ("fact",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "fact",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("fact_key", "fact", ["key", "event_id"], unique=False)
    op.create_index("fact_subject", "fact", ["subject", "event_id"], unique=False)
