"""The tables of `notification_rule`."""

import sqlalchemy as sa
from alembic import op

revision = "notification_rule_0001"
down_revision = None
branch_labels = ("notification_rule",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "notification_rule_pause",
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id"),
    )
