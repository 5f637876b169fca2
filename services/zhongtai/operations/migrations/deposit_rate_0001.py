"""The tables of `deposit_rate`."""

import sqlalchemy as sa
from alembic import op

revision = "deposit_rate_0001"
down_revision = None
branch_labels = ("deposit_rate",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "deposit_rate",
        sa.Column("rate_code", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Text(), nullable=False),
        sa.Column("tiers", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirm", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rate_code", "currency_code", "effective_on"),
    )
