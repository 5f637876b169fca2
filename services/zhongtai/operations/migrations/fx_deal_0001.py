"""The tables of `fx_deal`."""

import sqlalchemy as sa
from alembic import op

revision = "fx_deal_0001"
down_revision = None
branch_labels = ("fx_deal",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "fx_deal",
        sa.Column("fx_deal_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("sold_account_id", sa.Text(), nullable=False),
        sa.Column("bought_account_id", sa.Text(), nullable=False),
        sa.Column("sold_minor", sa.BigInteger(), nullable=False),
        sa.Column("sold_currency", sa.Text(), nullable=False),
        sa.Column("bought_minor", sa.BigInteger(), nullable=False),
        sa.Column("bought_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("sold_fixed", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quoted_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fx_deal_id"),
    )
    op.create_index(op.f("ix_fx_deal_customer_id"), "fx_deal", ["customer_id"], unique=False)
    op.create_table(
        "fx_rate",
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("quote_currency", sa.Text(), nullable=False),
        sa.Column("bid", sa.Text(), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("quoted_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("base_currency", "quote_currency"),
    )
