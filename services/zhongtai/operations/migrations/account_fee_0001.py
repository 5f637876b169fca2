"""The tables of `account_fee`."""

import sqlalchemy as sa
from alembic import op

revision = "account_fee_0001"
down_revision = None
branch_labels = ("account_fee",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "account_fee",
        sa.Column("account_fee_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("tariff", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("basis_minor", sa.BigInteger(), nullable=False),
        sa.Column("basis_currency", sa.Text(), nullable=False),
        sa.Column("listed_minor", sa.BigInteger(), nullable=False),
        sa.Column("listed_currency", sa.Text(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_currency", sa.Text(), nullable=False),
        sa.Column("waived_for", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("arose_on", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_fee_id"),
        sa.UniqueConstraint("tariff", "subject"),
    )
    op.create_index("ix_account_fee_account_id", "account_fee", ["account_id", "tariff", "arose_on"], unique=False)
    op.create_index("ix_account_fee_status", "account_fee", ["status", "account_fee_id"], unique=False)
    op.create_table(
        "account_fee_waiver",
        sa.Column("fee_waiver_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fee_waiver_id"),
    )
    op.create_index("ix_account_fee_waiver_account_id", "account_fee_waiver", ["account_id", "ends_on"], unique=False)
