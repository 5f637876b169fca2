"""The tables of `posting_rule`."""

import sqlalchemy as sa
from alembic import op

revision = "posting_rule_0001"
down_revision = None
branch_labels = ("posting_rule",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "posting_rule",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "version"),
    )
