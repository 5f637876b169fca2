"""The tables of `allowance`."""

import sqlalchemy as sa
from alembic import op

revision = "allowance_0001"
down_revision = None
branch_labels = ("allowance",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_allowance",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("previous_stage", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("origination_grade", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("twelve_month_loss_minor", sa.BigInteger(), nullable=False),
        sa.Column("twelve_month_loss_currency", sa.Text(), nullable=False),
        sa.Column("lifetime_loss_minor", sa.BigInteger(), nullable=False),
        sa.Column("lifetime_loss_currency", sa.Text(), nullable=False),
        sa.Column("allowance_minor", sa.BigInteger(), nullable=False),
        sa.Column("allowance_currency", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.BigInteger(), nullable=False),
        sa.Column("assessed_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_table(
        "credit_allowance_movement",
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("assessed_on", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("movement_id"),
    )
    op.create_index(
        "credit_allowance_movement_of_loan", "credit_allowance_movement", ["loan_id", "assessed_on"], unique=False
    )
    op.create_index(
        "credit_allowance_movement_on",
        "credit_allowance_movement",
        ["amount_currency", "assessed_on", "product_id"],
        unique=False,
    )
