"""The tables of `late_interest`."""

import sqlalchemy as sa
from alembic import op

revision = "late_interest_0001"
down_revision = None
branch_labels = ("late_interest",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_late_interest",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("reckoned_through", sa.Text(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
