"""The tables of `end_of_day`."""

import sqlalchemy as sa
from alembic import op

revision = "end_of_day_0001"
down_revision = None
branch_labels = ("end_of_day",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_end_of_day",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("previous_date", sa.Text(), nullable=True),
        sa.Column("rule_set_version", sa.BigInteger(), nullable=False),
        sa.Column("model_version", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("partitions", sa.BigInteger(), nullable=False),
        sa.Column("partitions_closed", sa.BigInteger(), nullable=False),
        sa.Column("loans", sa.BigInteger(), nullable=False),
        sa.Column("reclassified", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date"),
    )
    op.create_table(
        "credit_end_of_day_partition",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("partition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("loans", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_accrued_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_reversed_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowance_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowance_raised_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowance_released_minor", sa.BigInteger(), nullable=False),
        sa.Column("reclassified", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "partition"),
    )
