"""The tables of `exposure_rule`."""

import sqlalchemy as sa
from alembic import op

revision = "exposure_rule_0001"
down_revision = None
branch_labels = ("exposure_rule",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_capital_base",
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("net_capital_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_capital_currency", sa.Text(), nullable=False),
        sa.Column("tier_1_minor", sa.BigInteger(), nullable=False),
        sa.Column("tier_1_currency", sa.Text(), nullable=False),
        sa.Column("rates", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("as_of"),
    )
    op.create_table(
        "credit_exposure_rules",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("caps", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
