"""The commands of a service that were held, so that they stay held whatever becomes of their policies."""

import sqlalchemy as sa
from alembic import op

revision = "approvals_0002"
down_revision = "approvals_0001"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "known_held_command",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("rpc", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "rpc", "request_id"),
    )
