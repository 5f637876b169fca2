"""The tables of `reference_rate`."""

import sqlalchemy as sa
from alembic import op

revision = "reference_rate_0001"
down_revision = None
branch_labels = ("reference_rate",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_reference_rate",
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("benchmark", "effective_on", "version"),
    )
