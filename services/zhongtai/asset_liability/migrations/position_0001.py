"""The tables of `position`."""

import sqlalchemy as sa
from alembic import op

revision = "position_0001"
down_revision = None
branch_labels = ("position",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "position",
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("contracted_minor", sa.BigInteger(), nullable=False),
        sa.Column("contracted_currency", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_currency", sa.Text(), nullable=False),
        sa.Column("repaid_principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("repaid_principal_currency", sa.Text(), nullable=False),
        sa.Column("repaid_interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("repaid_interest_currency", sa.Text(), nullable=False),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=True),
        sa.Column("transfer_rate", sa.Text(), nullable=True),
        sa.Column("start_date", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position_id"),
    )
    op.create_index(op.f("ix_position_customer_id"), "position", ["customer_id"], unique=False)
    op.create_table(
        "position_movement",
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("repaid_principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("repaid_principal_currency", sa.Text(), nullable=False),
        sa.Column("repaid_interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("repaid_interest_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position_id", "event_id"),
    )
    op.create_table(
        "position_schedule",
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("flows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position_id"),
    )
