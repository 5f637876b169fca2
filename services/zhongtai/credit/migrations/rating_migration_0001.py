"""The tables of `rating_migration`."""

import sqlalchemy as sa
from alembic import op

revision = "rating_migration_0001"
down_revision = None
branch_labels = ("rating_migration",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_rating_at_close",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "on_day"),
    )
    op.create_table(
        "credit_rating_given",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "rating_id"),
    )
