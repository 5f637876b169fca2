"""The tables of `allowance_model`."""

import sqlalchemy as sa
from alembic import op

revision = "allowance_model_0001"
down_revision = None
branch_labels = ("allowance_model",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_allowance_model",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("grades", sa.Text(), nullable=False),
        sa.Column("scenarios", sa.Text(), nullable=False),
        sa.Column("unsecured_loss", sa.Text(), nullable=False),
        sa.Column("secured_loss", sa.Text(), nullable=False),
        sa.Column("guaranteed_loss", sa.Text(), nullable=False),
        sa.Column("undrawn_conversion", sa.Text(), nullable=False),
        sa.Column("absolute_increase", sa.Text(), nullable=False),
        sa.Column("relative_increase", sa.Text(), nullable=False),
        sa.Column("relative_floor", sa.Text(), nullable=False),
        sa.Column("low_risk_probability", sa.Text(), nullable=False),
        sa.Column("backstop_days", sa.BigInteger(), nullable=False),
        sa.Column("default_days", sa.BigInteger(), nullable=False),
        sa.Column("cure_months", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", "version"),
    )
