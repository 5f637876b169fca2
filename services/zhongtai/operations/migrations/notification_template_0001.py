"""The tables of `notification_template`."""

import sqlalchemy as sa
from alembic import op

revision = "notification_template_0001"
down_revision = None
branch_labels = ("notification_template",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "notification_template",
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("template_id", "version"),
    )
