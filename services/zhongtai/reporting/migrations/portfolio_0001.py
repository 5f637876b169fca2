"""The tables of `portfolio`."""

import sqlalchemy as sa
from alembic import op

revision = "portfolio_0001"
down_revision = None
branch_labels = ("portfolio",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "portfolio_application",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_table(
        "portfolio_decline_reason",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "reason"),
    )
    op.create_table(
        "portfolio_instalment",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=False),
        sa.Column("total_to_date_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "number"),
    )
    op.create_table(
        "portfolio_loan",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=True),
        sa.Column("principal_currency", sa.Text(), nullable=True),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=True),
        sa.Column("transfer_rate", sa.Text(), nullable=True),
        sa.Column("day_count", sa.Text(), nullable=True),
        sa.Column("start_date", sa.Text(), nullable=True),
        sa.Column("start_actual", sa.BigInteger(), nullable=True),
        sa.Column("start_thirty", sa.BigInteger(), nullable=True),
        sa.Column("start_leap", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_index(op.f("ix_portfolio_loan_decision_id"), "portfolio_loan", ["decision_id"], unique=False)
    op.create_table(
        "portfolio_rating",
        sa.Column("rating_id", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("assigned_on", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("rating_id"),
    )
    op.create_index(op.f("ix_portfolio_rating_decision_id"), "portfolio_rating", ["decision_id"], unique=False)
    op.create_table(
        "portfolio_repayment",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("principal_currency", sa.Text(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_currency", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Text(), nullable=False),
        sa.Column("paid_actual", sa.BigInteger(), nullable=False),
        sa.Column("paid_thirty", sa.BigInteger(), nullable=False),
        sa.Column("paid_leap", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(op.f("ix_portfolio_repayment_loan_id"), "portfolio_repayment", ["loan_id"], unique=False)
    op.create_table(
        "portfolio_source",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("pays_out", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("portfolio_source_about", "portfolio_source", ["about", "subject"], unique=False)
