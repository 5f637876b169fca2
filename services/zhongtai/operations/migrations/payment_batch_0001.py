"""The tables of `payment_batch`."""

import sqlalchemy as sa
from alembic import op

revision = "payment_batch_0001"
down_revision = None
branch_labels = ("payment_batch",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "payment_batch",
        sa.Column("payment_batch_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("initiating_party", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("batch_booking", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("accepted_minor", sa.BigInteger(), nullable=False),
        sa.Column("accepted_currency", sa.Text(), nullable=False),
        sa.Column("accepted_count", sa.BigInteger(), nullable=False),
        sa.Column("rejected_minor", sa.BigInteger(), nullable=False),
        sa.Column("rejected_currency", sa.Text(), nullable=False),
        sa.Column("rejected_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_batch_id"),
    )
    op.create_index(op.f("ix_payment_batch_account_id"), "payment_batch", ["account_id"], unique=False)
    op.create_index("ix_payment_batch_reference", "payment_batch", ["initiating_party", "end_to_end_id"], unique=True)
    op.create_index(op.f("ix_payment_batch_status"), "payment_batch", ["status"], unique=False)
    op.create_table(
        "payment_batch_line",
        sa.Column("payment_batch_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_batch_id", "number"),
    )
    op.create_index(
        "ix_payment_batch_line_status", "payment_batch_line", ["payment_batch_id", "status", "number"], unique=False
    )
