"""The tables of `deposit_certificate`."""

import sqlalchemy as sa
from alembic import op

revision = "deposit_certificate_0001"
down_revision = None
branch_labels = ("deposit_certificate",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "deposit_certificate",
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id"),
        sa.UniqueConstraint("issued_on", "serial"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_deposit_certificate_customer_id"), "deposit_certificate", ["customer_id"], unique=False)
