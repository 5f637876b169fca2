"""The writer's turn: whose memory of the store is true."""

import sqlalchemy as sa
from alembic import op

revision = "runtime_0002"
down_revision = "runtime_0001"
branch_labels = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "writer_turn",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
