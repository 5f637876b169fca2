"""The tables of `exposure_proof`."""

import sqlalchemy as sa
from alembic import op

revision = "exposure_proof_0001"
down_revision = None
branch_labels = ("exposure_proof",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_exposure_break",
        sa.Column("break_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counted_minor", sa.BigInteger(), nullable=False),
        sa.Column("counted_currency", sa.Text(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Text(), nullable=False),
        sa.Column("resolved_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("break_id"),
    )
    op.create_index(op.f("ix_credit_exposure_break_status"), "credit_exposure_break", ["status"], unique=False)
    op.create_table(
        "credit_exposure_proof",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("limits", sa.BigInteger(), nullable=False),
        sa.Column("loans", sa.BigInteger(), nullable=False),
        sa.Column("nodes", sa.BigInteger(), nullable=False),
        sa.Column("open_breaks", sa.BigInteger(), nullable=False),
        sa.Column("differences_left", sa.BigInteger(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_date"),
    )
    op.create_table(
        "credit_ledger_exposure",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "currency_code"),
    )
