"""The tables of `account_class`."""

import sqlalchemy as sa
from alembic import op

revision = "account_class_0001"
down_revision = None
branch_labels = ("account_class",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "account_class_usage",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("day_minor", sa.BigInteger(), nullable=False),
        sa.Column("day_currency", sa.Text(), nullable=False),
        sa.Column("year_minor", sa.BigInteger(), nullable=False),
        sa.Column("year_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "use"),
    )
    op.create_table(
        "account_classification",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("bound_accounts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index(
        op.f("ix_account_classification_customer_id"), "account_classification", ["customer_id"], unique=False
    )
