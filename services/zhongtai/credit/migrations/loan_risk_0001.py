"""The tables of `loan_risk`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_risk_0001"
down_revision = None
branch_labels = ("loan_risk",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_loan_probation",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("missed_on", sa.Text(), nullable=True),
        sa.Column("cleared_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_table(
        "credit_loan_risk_change",
        sa.Column("changed_on", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("changed_on", "loan_id"),
    )
    op.create_index(
        "credit_loan_risk_change_of_loan", "credit_loan_risk_change", ["loan_id", "changed_on"], unique=False
    )
    op.create_table(
        "credit_loan_undrawn",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("undrawn_minor", sa.BigInteger(), nullable=False),
        sa.Column("undrawn_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_table(
        "credit_risk_flag",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("flag_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("share", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.Text(), nullable=True),
        sa.Column("placed_on", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("lifted_on", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "flag_id"),
    )
