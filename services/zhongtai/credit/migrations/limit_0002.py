"""Temporary increases are found by the day they end."""

from alembic import op

revision = "limit_0002"
down_revision = "limit_0001"
branch_labels = None


def upgrade() -> None:
    """Makes the index."""
    op.create_index("credit_limit_grant_ending", "credit_limit_grant", ["until", "status"], unique=False)
