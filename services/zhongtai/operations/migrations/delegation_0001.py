"""The tables of `delegation`."""

import sqlalchemy as sa
from alembic import op

revision = "delegation_0001"
down_revision = None
branch_labels = ("delegation",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "delegation",
        sa.Column("delegation_id", sa.Text(), nullable=False),
        sa.Column("delegator", sa.Text(), nullable=False),
        sa.Column("delegate", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("delegation_id"),
    )
    op.create_index(op.f("ix_delegation_delegate"), "delegation", ["delegate"], unique=False)
    op.create_index(op.f("ix_delegation_delegator"), "delegation", ["delegator"], unique=False)
