"""The tables of `held_command`."""

import sqlalchemy as sa
from alembic import op

revision = "held_command_0001"
down_revision = None
branch_labels = ("held_command",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "held_command",
        sa.Column("held_command_id", sa.Text(), nullable=False),
        sa.Column("rpc", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("command_request_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("command", sa.LargeBinary(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("held_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("work_order_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=False),
        sa.Column("refusal_sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("held_command_id"),
    )
    op.create_index("ix_held_command_status", "held_command", ["status", "held_command_id"], unique=False)
    op.create_index("ux_held_command_request", "held_command", ["client_id", "rpc", "command_request_id"], unique=True)
