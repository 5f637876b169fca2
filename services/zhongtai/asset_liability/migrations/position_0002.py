"""Movements are found by their day: what a date is, is what is now without what came later."""

from alembic import op

revision = "position_0002"
down_revision = "position_0001"


def upgrade() -> None:
    """Makes the index."""
    op.create_index(op.f("ix_position_movement_on"), "position_movement", ["on"], unique=False)
