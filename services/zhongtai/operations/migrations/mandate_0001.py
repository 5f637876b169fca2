"""The tables of `mandate`."""

import sqlalchemy as sa
from alembic import op

revision = "mandate_0001"
down_revision = None
branch_labels = ("mandate",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "mandate",
        sa.Column("mandate_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customers", sa.Text(), nullable=False),
        sa.Column("together", sa.BigInteger(), nullable=False),
        sa.Column("up_to_minor", sa.BigInteger(), nullable=True),
        sa.Column("up_to_currency", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mandate_id"),
    )
    op.create_index("ix_mandate_account_id", "mandate", ["account_id", "mandate_id"], unique=False)
