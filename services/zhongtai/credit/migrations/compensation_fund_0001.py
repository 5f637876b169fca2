"""The tables of `compensation_fund`."""

import sqlalchemy as sa
from alembic import op

revision = "compensation_fund_0001"
down_revision = None
branch_labels = ("compensation_fund",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_compensation_cover",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.Text(), nullable=False),
        sa.Column("share", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("lost_minor", sa.BigInteger(), nullable=False),
        sa.Column("lost_currency", sa.Text(), nullable=False),
        sa.Column("lent_minor", sa.BigInteger(), nullable=False),
        sa.Column("lent_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_table(
        "credit_compensation_fund",
        sa.Column("fund_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("layers", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fund_id"),
    )
    op.create_table(
        "credit_compensation_loss",
        sa.Column("fund_id", sa.Text(), nullable=False),
        sa.Column("loss_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("claimed_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fund_id", "loss_id"),
    )
