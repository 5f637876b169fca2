"""What a thing may owe over all currencies stands at its node in each."""

import sqlalchemy as sa
from alembic import op

revision = "limit_node_0002"
down_revision = "limit_node_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("credit_limit_node", sa.Column("overall_cap_minor", sa.BigInteger(), nullable=True))
    op.add_column("credit_limit_node", sa.Column("overall_cap_currency", sa.Text(), nullable=True))
