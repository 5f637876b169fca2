"""The tables of `grant_formula`."""

import sqlalchemy as sa
from alembic import op

revision = "grant_formula_0001"
down_revision = None
branch_labels = ("grant_formula",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_grant_formula",
        sa.Column("formula_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("step_minor", sa.BigInteger(), nullable=False),
        sa.Column("step_currency", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("formula_id", "version"),
    )
