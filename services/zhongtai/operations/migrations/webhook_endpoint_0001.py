"""The tables of `webhook_endpoint`."""

import sqlalchemy as sa
from alembic import op

revision = "webhook_endpoint_0001"
down_revision = None
branch_labels = ("webhook_endpoint",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "webhook_endpoint",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_index(op.f("ix_webhook_endpoint_partner_id"), "webhook_endpoint", ["partner_id"], unique=False)
    op.create_index(op.f("ix_webhook_endpoint_status"), "webhook_endpoint", ["status"], unique=False)
