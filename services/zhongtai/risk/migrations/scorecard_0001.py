"""The tables of `scorecard`."""

import sqlalchemy as sa
from alembic import op

revision = "scorecard_0001"
down_revision = None
branch_labels = ("scorecard",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "risk_scorecard",
        sa.Column("scorecard_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("initial_points", sa.BigInteger(), nullable=False),
        sa.Column("base_score", sa.BigInteger(), nullable=False),
        sa.Column("base_odds", sa.Text(), nullable=False),
        sa.Column("points_to_double_odds", sa.BigInteger(), nullable=False),
        sa.Column("characteristics", sa.Text(), nullable=False),
        sa.Column("development", sa.Text(), nullable=True),
        sa.Column("holdout", sa.Text(), nullable=True),
        sa.Column("population_stability_index", sa.Text(), nullable=True),
        sa.Column("training", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scorecard_id", "version"),
    )
