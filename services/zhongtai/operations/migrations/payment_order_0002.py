"""The last screening of an order, and who placed it."""

import sqlalchemy as sa
from alembic import op

revision = "payment_order_0002"
down_revision = "payment_order_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns; of orders from before it is not known who placed them."""
    for name in ("screening_id", "placed_by"):
        op.add_column("payment_order", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    # The branch of payment_screening gives each order that waits for people a screening of this name.
    op.execute("UPDATE payment_order SET screening_id = 'scr_' || payment_order_id WHERE status = 'ACTC'")
