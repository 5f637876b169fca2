"""Guarantees are found by the day they end."""

from alembic import op

revision = "guarantee_0002"
down_revision = "guarantee_0001"
branch_labels = None


def upgrade() -> None:
    """Makes the index."""
    op.create_index("credit_guarantee_ending", "credit_guarantee", ["status", "valid_until"], unique=False)
