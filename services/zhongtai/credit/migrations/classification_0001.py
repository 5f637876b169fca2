"""The tables of `classification`."""

import sqlalchemy as sa
from alembic import op

revision = "classification_0001"
down_revision = None
branch_labels = ("classification",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_classification",
        sa.Column("classification_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("previous_category", sa.Text(), nullable=True),
        sa.Column("upgrade_withheld", sa.BigInteger(), nullable=False),
        sa.Column("days_past_due", sa.BigInteger(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("rule_set_version", sa.BigInteger(), nullable=False),
        sa.Column("classified_on", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("classification_id"),
    )
    op.create_index(
        "credit_classification_of_customer", "credit_classification", ["customer_id", "loan_id"], unique=False
    )
    op.create_index(
        "credit_classification_of_loan", "credit_classification", ["loan_id", "classification_id"], unique=False
    )
    op.create_table(
        "credit_classification_rule_set",
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("observation_months", sa.BigInteger(), nullable=False),
        sa.Column("observation_payments", sa.BigInteger(), nullable=False),
        sa.Column("upgrade_months", sa.BigInteger(), nullable=False),
        sa.Column("upgrade_payments", sa.BigInteger(), nullable=False),
        sa.Column("upgrade_confirm", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule_set_id", "version"),
    )
