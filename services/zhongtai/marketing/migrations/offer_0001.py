"""The tables of `offer`."""

import sqlalchemy as sa
from alembic import op

revision = "offer_0001"
down_revision = None
branch_labels = ("offer",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "marketing_product",
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("minimum_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("minimum_amount_currency", sa.Text(), nullable=False),
        sa.Column("maximum_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("maximum_amount_currency", sa.Text(), nullable=False),
        sa.Column("minimum_term_months", sa.BigInteger(), nullable=False),
        sa.Column("maximum_term_months", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("customer_kinds", sa.Text(), nullable=False),
        sa.Column("required_consents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "version"),
    )
    op.create_table(
        "marketing_product_retirement",
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("retired_from", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )
