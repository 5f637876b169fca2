"""The tables of `rating`."""

import sqlalchemy as sa
from alembic import op

revision = "rating_0001"
down_revision = None
branch_labels = ("rating",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_master_scale",
        sa.Column("scale_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("probability_floor", sa.Text(), nullable=False),
        sa.Column("grades", sa.Text(), nullable=False),
        sa.Column("authorities", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scale_id", "version"),
    )
    op.create_table(
        "credit_rating",
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("scale_id", sa.Text(), nullable=False),
        sa.Column("scale_version", sa.BigInteger(), nullable=False),
        sa.Column("probability_of_default", sa.Text(), nullable=False),
        sa.Column("model_grade", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assigned_on", sa.Text(), nullable=False),
        sa.Column("overrides", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rating_id"),
    )
    op.create_index("credit_rating_of_customer", "credit_rating", ["customer_id", "rating_id"], unique=False)
