"""The tables of `matching_rule`."""

import sqlalchemy as sa
from alembic import op

revision = "matching_rule_0001"
down_revision = None
branch_labels = ("matching_rule",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "matching_rules",
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule_set", "version"),
    )
