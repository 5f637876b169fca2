"""The tables of `notification_contact`."""

import sqlalchemy as sa
from alembic import op

revision = "notification_contact_0001"
down_revision = None
branch_labels = ("notification_contact",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "notification_contact",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
