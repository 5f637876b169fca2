"""The tables of `pledge`."""

import sqlalchemy as sa
from alembic import op

revision = "pledge_0001"
down_revision = None
branch_labels = ("pledge",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_pledge",
        sa.Column("collateral_id", sa.Text(), nullable=False),
        sa.Column("pledge_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("secured_minor", sa.BigInteger(), nullable=False),
        sa.Column("secured_currency", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("collateral_id", "pledge_id"),
    )
    op.create_index("credit_pledge_of_loan", "credit_pledge", ["loan_id", "status"], unique=False)
    op.create_table(
        "credit_pledge_shortfall",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("called_on", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
