"""The tables of `screening`."""

import sqlalchemy as sa
from alembic import op

revision = "screening_0001"
down_revision = None
branch_labels = ("screening",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_asked_screening",
        sa.Column("screening_id", sa.Text(), nullable=False),
        sa.Column("payment_order_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("screening_id"),
    )
    op.create_index(
        "ix_gateway_asked_screening_next", "gateway_asked_screening", ["failures", "event_id"], unique=False
    )
