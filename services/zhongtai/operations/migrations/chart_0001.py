"""The table of `chart`."""

import sqlalchemy as sa
from alembic import op

revision = "chart_0001"
down_revision = None
branch_labels = ("chart",)


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "chart_release",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
