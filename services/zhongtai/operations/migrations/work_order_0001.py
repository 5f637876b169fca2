"""The tables of `work_order`."""

import sqlalchemy as sa
from alembic import op

revision = "work_order_0001"
down_revision = None
branch_labels = ("work_order",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_order",
        sa.Column("work_order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("four_eyes", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_order_id"),
    )
    op.create_index("ix_work_order_status", "work_order", ["status", "role", "work_order_id"], unique=False)
    op.create_index(op.f("ix_work_order_subject"), "work_order", ["subject"], unique=False)
