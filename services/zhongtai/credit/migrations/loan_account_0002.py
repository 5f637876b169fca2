"""The table of checkpoints of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "loan_account_0002"
down_revision = "loan_account_0001"
branch_labels = None


def upgrade() -> None:
    """Makes the table; accounts get their first checkpoint as they are serviced."""
    op.create_table(
        "credit_loan_checkpoint",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
