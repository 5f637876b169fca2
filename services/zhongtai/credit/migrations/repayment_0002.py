"""What of a payment on a serviced loan was fees and penalties, or not owed."""

import sqlalchemy as sa
from alembic import op

revision = "repayment_0002"
down_revision = "repayment_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the amount; payments applied before have none."""
    op.add_column("credit_repayment", sa.Column("other_minor", sa.BigInteger(), nullable=True))
    op.add_column("credit_repayment", sa.Column("other_currency", sa.Text(), nullable=True))
