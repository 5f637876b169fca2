"""The tables of `rating_model`."""

import sqlalchemy as sa
from alembic import op

revision = "rating_model_0001"
down_revision = None
branch_labels = ("rating_model",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_rating_explanation",
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("probability_of_default", sa.Text(), nullable=False),
        sa.Column("contributions", sa.Text(), nullable=False),
        sa.Column("standalone_grade", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rating_id"),
    )
    op.create_table(
        "credit_rating_model",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intercept", sa.Text(), nullable=True),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.Column("anchor_points", sa.Text(), nullable=True),
        sa.Column("anchor_odds", sa.Text(), nullable=True),
        sa.Column("points_to_double", sa.Text(), nullable=True),
        sa.Column("supports", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirm", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", "version"),
    )
