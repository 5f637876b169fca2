"""The tables of `work_queue`."""

import sqlalchemy as sa
from alembic import op

revision = "work_queue_0001"
down_revision = None
branch_labels = ("work_queue",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_queue",
        sa.Column("queue_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("four_eyes", sa.BigInteger(), nullable=False),
        sa.Column("approvers_needed", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("sla_minutes", sa.BigInteger(), nullable=False),
        sa.Column("warn_minutes", sa.BigInteger(), nullable=False),
        sa.Column("opens_minute", sa.BigInteger(), nullable=False),
        sa.Column("closes_minute", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("queue_id"),
    )
