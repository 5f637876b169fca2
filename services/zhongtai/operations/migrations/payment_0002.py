"""Payments in full ISO 20022 terms, their charges and refunds, and when their rail is asked about them."""

import sqlalchemy as sa
from alembic import op

revision = "payment_0002"
down_revision = "payment_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns; a payment from before has no UETR, and one without an outcome is asked about at once."""
    for name in ("uetr", "instruction_id", "purpose_code", "contradiction"):
        op.add_column("payment", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("payment", sa.Column("inquiries", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("requested_execution_date", "charge_bearer", "charges_currency", "refunded_currency", "inquire_at"):
        op.add_column("payment", sa.Column(name, sa.Text(), nullable=True))
    for name in ("charges_minor", "refunded_minor"):
        op.add_column("payment", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index("ix_payment_inquire_at", "payment", ["inquire_at"], unique=False)
    op.execute("UPDATE payment SET inquire_at = created_at WHERE status IN ('ACSP', 'PDNG')")
