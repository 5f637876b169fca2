"""The tables of `notification_inbox`."""

import sqlalchemy as sa
from alembic import op

revision = "notification_inbox_0001"
down_revision = None
branch_labels = ("notification_inbox",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "notification_inbox_message",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "notification_id"),
    )
