"""What of a payment's charges is due to the correspondents."""

import sqlalchemy as sa
from alembic import op

revision = "payment_0003"
down_revision = "payment_0002"
branch_labels = None


def upgrade() -> None:
    """Adds the columns; payments from before had all their charges booked as the bank's own."""
    op.add_column("payment", sa.Column("correspondent_charges_minor", sa.BigInteger(), nullable=True))
    op.add_column("payment", sa.Column("correspondent_charges_currency", sa.Text(), nullable=True))
