"""The tables of `guarantee`."""

import sqlalchemy as sa
from alembic import op

revision = "guarantee_0001"
down_revision = None
branch_labels = ("guarantee",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_guarantee",
        sa.Column("guarantee_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sharing", sa.Text(), nullable=False),
        sa.Column("guarantors", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guarantee_id"),
    )
    op.create_index("credit_guarantee_of_loan", "credit_guarantee", ["loan_id", "guarantee_id"], unique=False)
