"""The tables of `payment_order`."""

import sqlalchemy as sa
from alembic import op

revision = "payment_order_0001"
down_revision = None
branch_labels = ("payment_order",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "payment_order",
        sa.Column("payment_order_id", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("initiating_party", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("debtor_account_id", sa.Text(), nullable=False),
        sa.Column("creditor_account_id", sa.Text(), nullable=False),
        sa.Column("outside_party", sa.Text(), nullable=True),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("requested_execution_date", sa.Text(), nullable=False),
        sa.Column("charge_bearer", sa.Text(), nullable=True),
        sa.Column("purpose_code", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("instruction_id", sa.Text(), nullable=False),
        sa.Column("uetr", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("execution_date", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("duplicate_of", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payment_order_id"),
    )
    op.create_index("ix_payment_order_alike", "payment_order", ["debtor_account_id", "created_at"], unique=False)
    op.create_index(op.f("ix_payment_order_customer_id"), "payment_order", ["customer_id"], unique=False)
    op.create_index("ix_payment_order_due", "payment_order", ["status", "execution_date"], unique=False)
    op.create_index(op.f("ix_payment_order_payment_id"), "payment_order", ["payment_id"], unique=False)
    op.create_index("ix_payment_order_reference", "payment_order", ["initiating_party", "end_to_end_id"], unique=True)
