"""The approval policies a service has heard of."""

import sqlalchemy as sa
from alembic import op

revision = "approvals_0001"
down_revision = None
branch_labels = ("approvals",)


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "known_approval_policy",
        sa.Column("rpc", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rpc"),
    )
