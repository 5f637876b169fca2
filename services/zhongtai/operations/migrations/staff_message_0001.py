"""The tables of `staff_message`."""

import sqlalchemy as sa
from alembic import op

revision = "staff_message_0001"
down_revision = None
branch_labels = ("staff_message",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "staff_message",
        sa.Column("notification_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=True),
        sa.Column("read_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("notification_id"),
    )
    op.create_index("ix_staff_message_recipient", "staff_message", ["recipient", "notification_id"], unique=False)
