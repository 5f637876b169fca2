"""How loans of a product are serviced."""

import sqlalchemy as sa
from alembic import op

revision = "product_0002"
down_revision = "product_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the conventions; products published before have none."""
    op.add_column("credit_product", sa.Column("servicing", sa.Text(), nullable=True))
