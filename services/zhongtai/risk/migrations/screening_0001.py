"""The tables of `screening`."""

import sqlalchemy as sa
from alembic import op

revision = "screening_0001"
down_revision = None
branch_labels = ("screening",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "risk_screening",
        sa.Column("screening_id", sa.Text(), nullable=False),
        sa.Column("payment_order_id", sa.Text(), nullable=False),
        sa.Column("debtor_name", sa.Text(), nullable=False),
        sa.Column("creditor_name", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("matches", sa.Text(), nullable=False),
        sa.Column("screened_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("screening_id"),
    )
    op.create_index("ix_risk_screening_order", "risk_screening", ["payment_order_id", "screening_id"], unique=False)
    op.create_index("ix_risk_screening_outcome", "risk_screening", ["outcome", "screening_id"], unique=False)
