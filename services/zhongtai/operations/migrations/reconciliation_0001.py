"""The tables of `reconciliation`."""

import sqlalchemy as sa
from alembic import op

revision = "reconciliation_0001"
down_revision = None
branch_labels = ("reconciliation",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "reconciliation",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("break_after_days", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("reconciled_on", sa.Text(), nullable=True),
        sa.Column("lines_open", sa.BigInteger(), nullable=False),
        sa.Column("items_open", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "reconciliation_break",
        sa.Column("break_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resolved_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("break_id"),
    )
    op.create_index("ix_reconciliation_break_state", "reconciliation_break", ["account_id", "state"], unique=False)
    op.create_table(
        "reconciliation_item",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("match_id", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index("ix_reconciliation_item_open", "reconciliation_item", ["account_id", "match_id"], unique=False)
    op.create_table(
        "reconciliation_match",
        sa.Column("match_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_currency", sa.Text(), nullable=False),
        sa.Column("difference_code", sa.Text(), nullable=False),
        sa.Column("difference_status", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("match_id"),
    )
    op.create_index(
        "ix_reconciliation_match_difference", "reconciliation_match", ["account_id", "difference_status"], unique=False
    )
    op.create_index(op.f("ix_reconciliation_match_entry_id"), "reconciliation_match", ["entry_id"], unique=False)
