"""The tables of `collateral`."""

import sqlalchemy as sa
from alembic import op

revision = "collateral_0001"
down_revision = None
branch_labels = ("collateral",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_collateral",
        sa.Column("collateral_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title_number", sa.Text(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("value_currency", sa.Text(), nullable=False),
        sa.Column("valued_on", sa.Text(), nullable=False),
        sa.Column("valuations", sa.BigInteger(), nullable=False),
        sa.Column("haircut", sa.Text(), nullable=False),
        sa.Column("secured_minor", sa.BigInteger(), nullable=False),
        sa.Column("secured_currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("collateral_id"),
    )
    op.create_index("credit_collateral_of_owner", "credit_collateral", ["owner_id", "collateral_id"], unique=False)
    op.create_index("credit_collateral_one_per_title", "credit_collateral", ["kind", "title_number"], unique=True)
    op.create_table(
        "credit_collateral_valuation",
        sa.Column("collateral_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("value_currency", sa.Text(), nullable=False),
        sa.Column("valued_on", sa.Text(), nullable=False),
        sa.Column("valuer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("collateral_id", "number"),
    )
