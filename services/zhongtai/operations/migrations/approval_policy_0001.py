"""The tables of `approval_policy`."""

import sqlalchemy as sa
from alembic import op

revision = "approval_policy_0001"
down_revision = None
branch_labels = ("approval_policy",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "approval_policy",
        sa.Column("rpc", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("active", sa.BigInteger(), nullable=False),
        sa.Column("clients", sa.Text(), nullable=False),
        sa.Column("amount_field", sa.Text(), nullable=False),
        sa.Column("tiers", sa.Text(), nullable=False),
        sa.Column("valid_minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rpc"),
    )
