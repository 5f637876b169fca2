"""The tables of `policy`."""

import sqlalchemy as sa
from alembic import op

revision = "policy_0001"
down_revision = None
branch_labels = ("policy",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "risk_policy",
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("scorecard_id", sa.Text(), nullable=False),
        sa.Column("scorecard_version", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("approve_at_or_above", sa.BigInteger(), nullable=False),
        sa.Column("decline_below", sa.BigInteger(), nullable=False),
        sa.Column("amount_bands", sa.Text(), nullable=False),
        sa.Column("amount_attribute", sa.Text(), nullable=False),
        sa.Column("term_attribute", sa.Text(), nullable=False),
        sa.Column("accepted_attributes", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version"),
    )
