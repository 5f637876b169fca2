"""The tables of `bank_statement`."""

import sqlalchemy as sa
from alembic import op

revision = "bank_statement_0001"
down_revision = None
branch_labels = ("bank_statement",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "bank_statement",
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("external_account", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("lines_before", sa.BigInteger(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("opening_currency", sa.Text(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_currency", sa.Text(), nullable=True),
        sa.Column("from_date", sa.Text(), nullable=True),
        sa.Column("to_date", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("statement_id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index(op.f("ix_bank_statement_account_id"), "bank_statement", ["account_id"], unique=False)
    op.create_table(
        "bank_statement_line",
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("booking_date", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("counterparty_name", sa.Text(), nullable=False),
        sa.Column("counterparty_account", sa.Text(), nullable=False),
        sa.Column("remittance_information", sa.Text(), nullable=False),
        sa.Column("bank_transaction_code", sa.Text(), nullable=False),
        sa.Column("match_id", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_index("ix_bank_statement_line_open", "bank_statement_line", ["account_id", "match_id"], unique=False)
    op.create_index(
        "ix_bank_statement_line_statement_id", "bank_statement_line", ["statement_id", "line"], unique=False
    )
    op.create_table(
        "bank_statement_part",
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "number"),
    )
