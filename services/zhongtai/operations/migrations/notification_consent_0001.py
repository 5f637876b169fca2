"""The tables of `notification_consent`."""

import sqlalchemy as sa
from alembic import op

revision = "notification_consent_0001"
down_revision = None
branch_labels = ("notification_consent",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "notification_consent",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("stated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "category", "channel"),
    )
