"""Holiday rules, taxes and late interest of a product."""

import sqlalchemy as sa
from alembic import op

revision = "product_0003"
down_revision = "product_0002"
branch_labels = None


def upgrade() -> None:
    """Adds the parameters; products published before have none."""
    for name in ("holidays", "taxes", "late_interest"):
        op.add_column("credit_product", sa.Column(name, sa.Text(), nullable=True))
