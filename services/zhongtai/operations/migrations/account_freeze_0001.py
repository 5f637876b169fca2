"""The tables of `account_freeze`."""

import sqlalchemy as sa
from alembic import op

revision = "account_freeze_0001"
down_revision = None
branch_labels = ("account_freeze",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "account_freeze",
        sa.Column("freeze_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("frozen_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("renewals", sa.BigInteger(), nullable=False),
        sa.Column("deducted_minor", sa.BigInteger(), nullable=False),
        sa.Column("deducted_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("freeze_id"),
    )
    op.create_index("ix_account_freeze_account_id", "account_freeze", ["account_id", "freeze_id"], unique=False)
    op.create_index("ix_account_freeze_status", "account_freeze", ["status", "ends_on"], unique=False)
