"""The tables of `guarantee_claim`."""

import sqlalchemy as sa
from alembic import op

revision = "guarantee_claim_0001"
down_revision = None
branch_labels = ("guarantee_claim",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_guarantee_claim",
        sa.Column("guarantee_id", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("uncovered_minor", sa.BigInteger(), nullable=False),
        sa.Column("uncovered_currency", sa.Text(), nullable=False),
        sa.Column("claimed_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guarantee_id", "claim_id"),
    )
    op.create_table(
        "credit_guarantee_payment",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("guarantor_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id"),
    )
