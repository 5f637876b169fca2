"""The tables of `limit_hold`."""

import sqlalchemy as sa
from alembic import op

revision = "limit_hold_0001"
down_revision = None
branch_labels = ("limit_hold",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_limit_hold",
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("counterparty_id", sa.Text(), nullable=False),
        sa.Column("scenario_id", sa.Text(), nullable=False),
        sa.Column("restored_minor", sa.BigInteger(), nullable=True),
        sa.Column("restored_currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("limit_id", "hold_id"),
    )
    op.create_index("credit_limit_hold_due", "credit_limit_hold", ["limit_id", "status", "expires_at"], unique=False)
    op.create_index("credit_limit_hold_lapsing", "credit_limit_hold", ["status", "expires_at"], unique=False)
