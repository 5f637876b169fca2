"""The tables of `payment_request`."""

import sqlalchemy as sa
from alembic import op

revision = "payment_request_0001"
down_revision = None
branch_labels = ("payment_request",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "payment_request",
        sa.Column("payment_request_id", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("initiating_party", sa.Text(), nullable=False),
        sa.Column("debtor_account_id", sa.Text(), nullable=False),
        sa.Column("creditor_account_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("presented_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("payment_order_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_request_id"),
    )
    op.create_index(
        op.f("ix_payment_request_debtor_account_id"), "payment_request", ["debtor_account_id"], unique=False
    )
    op.create_index(
        "ix_payment_request_reference", "payment_request", ["initiating_party", "end_to_end_id"], unique=True
    )
