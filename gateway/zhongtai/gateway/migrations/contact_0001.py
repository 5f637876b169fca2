"""The tables of `contact`."""

import sqlalchemy as sa
from alembic import op

revision = "contact_0001"
down_revision = None
branch_labels = ("contact",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_changed_contact",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index(op.f("ix_gateway_changed_contact_event_id"), "gateway_changed_contact", ["event_id"], unique=False)
