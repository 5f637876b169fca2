"""The tables of `escrow`."""

import sqlalchemy as sa
from alembic import op

revision = "escrow_0001"
down_revision = None
branch_labels = ("escrow",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "escrow",
        sa.Column("escrow_id", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("initiating_party", sa.Text(), nullable=False),
        sa.Column("payer_account_id", sa.Text(), nullable=False),
        sa.Column("payee_account_id", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Text(), nullable=False),
        sa.Column("released_minor", sa.BigInteger(), nullable=False),
        sa.Column("released_currency", sa.Text(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("entry_ids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("escrow_id"),
    )
    op.create_index("ix_escrow_expiry", "escrow", ["status", "expires_on"], unique=False)
    op.create_index(op.f("ix_escrow_payee_account_id"), "escrow", ["payee_account_id"], unique=False)
    op.create_index(op.f("ix_escrow_payer_account_id"), "escrow", ["payer_account_id"], unique=False)
    op.create_index("ix_escrow_reference", "escrow", ["initiating_party", "end_to_end_id"], unique=True)
