"""The tables of `term_deposit`."""

import sqlalchemy as sa
from alembic import op

revision = "term_deposit_0001"
down_revision = None
branch_labels = ("term_deposit",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "term_deposit",
        sa.Column("term_deposit_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("settlement_account_id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("matures_on", sa.Text(), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("renewals", sa.BigInteger(), nullable=False),
        sa.Column("partial_withdrawals", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("forfeited", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("term_deposit_id"),
    )
    op.create_index(op.f("ix_term_deposit_customer_id"), "term_deposit", ["customer_id"], unique=False)
    op.create_index("ix_term_deposit_status", "term_deposit", ["status", "matures_on"], unique=False)
    op.create_table(
        "term_deposit_total",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product", "currency_code"),
    )
