"""The tables of `grant_proposal`."""

import sqlalchemy as sa
from alembic import op

revision = "grant_proposal_0001"
down_revision = None
branch_labels = ("grant_proposal",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_grant_proposal",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_line", sa.Text(), nullable=False),
        sa.Column("formula_id", sa.Text(), nullable=False),
        sa.Column("formula_version", sa.BigInteger(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("allowed_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowed_currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("exclusive", sa.BigInteger(), nullable=False),
        sa.Column("non_revolving", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id"),
    )
    op.create_index(
        "credit_grant_proposal_of_customer", "credit_grant_proposal", ["customer_id", "proposal_id"], unique=False
    )
    op.create_index("credit_grant_proposal_status", "credit_grant_proposal", ["status", "proposal_id"], unique=False)
