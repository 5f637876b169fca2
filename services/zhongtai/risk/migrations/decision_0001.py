"""The tables of `decision`."""

import sqlalchemy as sa
from alembic import op

revision = "decision_0001"
down_revision = None
branch_labels = ("decision",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "risk_decision",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("scorecard_id", sa.Text(), nullable=False),
        sa.Column("scorecard_version", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("term_months", sa.BigInteger(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("probability_of_default", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("maximum_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("maximum_amount_currency", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("risk_decision_of_customer", "risk_decision", ["customer_id", "decision_id"], unique=False)
    op.create_index("risk_decision_of_outcome", "risk_decision", ["outcome", "decision_id"], unique=False)
    op.create_index("risk_decision_of_policy", "risk_decision", ["policy_id", "decision_id"], unique=False)
