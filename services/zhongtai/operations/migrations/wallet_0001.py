"""The tables of `wallet`."""

import sqlalchemy as sa
from alembic import op

revision = "wallet_0001"
down_revision = None
branch_labels = ("wallet",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "wallet",
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=True),
        sa.Column("alias_bound_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("wallet_id"),
        sa.UniqueConstraint("phone_number"),
    )
    op.create_index(op.f("ix_wallet_customer_id"), "wallet", ["customer_id"], unique=False)
    op.create_table(
        "wallet_alias_proof",
        sa.Column("alias_proof_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alias_proof_id"),
    )
    op.create_index(
        "ix_wallet_alias_proof_phone_number", "wallet_alias_proof", ["phone_number", "started_at"], unique=False
    )
