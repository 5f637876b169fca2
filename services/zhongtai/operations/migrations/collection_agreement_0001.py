"""The tables of `collection_agreement`."""

import sqlalchemy as sa
from alembic import op

revision = "collection_agreement_0001"
down_revision = None
branch_labels = ("collection_agreement",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "collection_agreement",
        sa.Column("collection_agreement_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("debtor_account_id", sa.Text(), nullable=False),
        sa.Column("creditor_account_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("up_to_minor", sa.BigInteger(), nullable=False),
        sa.Column("up_to_currency", sa.Text(), nullable=False),
        sa.Column("per_month_minor", sa.BigInteger(), nullable=True),
        sa.Column("per_month_currency", sa.Text(), nullable=True),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("collected_on", sa.Text(), nullable=True),
        sa.Column("collected_minor", sa.BigInteger(), nullable=False),
        sa.Column("collected_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("collection_agreement_id"),
    )
    op.create_index("ix_collection_agreement_customer_id", "collection_agreement", ["customer_id"], unique=False)
    op.create_index(
        "ix_collection_agreement_parties",
        "collection_agreement",
        ["creditor_account_id", "debtor_account_id"],
        unique=False,
    )
