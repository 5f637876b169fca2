"""The tables of `deposit_accrual`."""

import sqlalchemy as sa
from alembic import op

revision = "deposit_accrual_0001"
down_revision = None
branch_labels = ("deposit_accrual",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "deposit_accrual",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("seen_number", sa.BigInteger(), nullable=False),
        sa.Column("accounts_moved", sa.BigInteger(), nullable=False),
        sa.Column("accounts_settled", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_date"),
    )
