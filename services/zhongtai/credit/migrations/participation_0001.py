"""The tables of `participation`."""

import sqlalchemy as sa
from alembic import op

revision = "participation_0001"
down_revision = None
branch_labels = ("participation",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_participation",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
