"""The tables of `instalment_notice`."""

import sqlalchemy as sa
from alembic import op

revision = "instalment_notice_0001"
down_revision = None
branch_labels = ("instalment_notice",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_instalment_notice",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("days_past_due", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "due_on", "days_past_due"),
    )
