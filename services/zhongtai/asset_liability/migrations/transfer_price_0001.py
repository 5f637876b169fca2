"""The tables of `transfer_price`."""

import sqlalchemy as sa
from alembic import op

revision = "transfer_price_0001"
down_revision = None
branch_labels = ("transfer_price",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "curve",
        sa.Column("curve_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("curve_id", "version"),
    )
