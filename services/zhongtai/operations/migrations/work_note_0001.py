"""The tables of `work_note`."""

import sqlalchemy as sa
from alembic import op

revision = "work_note_0001"
down_revision = None
branch_labels = ("work_note",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_attachment",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "work_note",
        sa.Column("work_note_id", sa.Text(), nullable=False),
        sa.Column("work_order_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("work_note_id"),
    )
    op.create_index("ix_work_note_order", "work_note", ["work_order_id", "work_note_id"], unique=False)
