"""The tables of `receivable`."""

import sqlalchemy as sa
from alembic import op

revision = "receivable_0001"
down_revision = None
branch_labels = ("receivable",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_receivable",
        sa.Column("receivable_id", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Text(), nullable=False),
        sa.Column("debtor_id", sa.Text(), nullable=False),
        sa.Column("invoice_code", sa.Text(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("face_minor", sa.BigInteger(), nullable=False),
        sa.Column("face_currency", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=False),
        sa.Column("confirmed_minor", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("settlement_payment_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("receivable_id"),
    )
    op.create_index("credit_receivable_of_debtor", "credit_receivable", ["debtor_id", "receivable_id"], unique=False)
    op.create_index("credit_receivable_of_seller", "credit_receivable", ["seller_id", "receivable_id"], unique=False)
    op.create_table(
        "credit_receivable_invoice",
        sa.Column("invoice_code", sa.Text(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("receivable_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_code", "invoice_number"),
    )
