"""The tables of `rating_review`."""

import sqlalchemy as sa
from alembic import op

revision = "rating_review_0001"
down_revision = None
branch_labels = ("rating_review",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_rated_customer",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("rated_on", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("knew_arrears_before", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index(
        op.f("ix_credit_rated_customer_valid_until"), "credit_rated_customer", ["valid_until"], unique=False
    )
    op.create_table(
        "credit_rating_guarantor",
        sa.Column("guarantor_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guarantor_id", "customer_id"),
    )
    op.create_table(
        "credit_rating_review",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("new_rating_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("credit_rating_review_of_customer", "credit_rating_review", ["customer_id", "status"], unique=False)
