"""Why closes moved allowances: one row for each partition and cause."""

import sqlalchemy as sa
from alembic import op

revision = "end_of_day_0002"
down_revision = "end_of_day_0001"
branch_labels = None


def upgrade() -> None:
    """Makes the table; what closes before it moved is told as one movement of theirs, as their figures have it."""
    op.create_table(
        "credit_end_of_day_movement",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("partition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "partition", "cause"),
    )
    op.execute(
        """
        INSERT INTO credit_end_of_day_movement (business_date, partition, cause, product_id, currency, amount_minor)
        SELECT business_date, partition, 'REPAID', product_id, currency,
            allowance_raised_minor - allowance_released_minor
        FROM credit_end_of_day_partition WHERE allowance_raised_minor <> allowance_released_minor
        """
    )
