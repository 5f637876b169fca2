"""Entries have a book, a kind and what they resolve; legs have dimensions; each book has its own chain."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None

_LATEST_INSTANT = "(SELECT max(posted_at) FROM ledger_entry_of_one_book)"


def upgrade() -> None:
    """Keeps every entry in the book "general", in the form it was hashed in."""
    for table in ("ledger_entry", "ledger_leg", "ledger_balance", "ledger_head"):
        op.rename_table(table, f"{table}_of_one_book")
    op.execute("DROP INDEX ix_ledger_entry_reference")
    op.execute("DROP INDEX ix_ledger_leg_account_id")
    _make_tables()
    op.execute(
        "INSERT INTO ledger_entry SELECT 'general', number, entry_id, 'POSTED', booking_date, value_date, reference, "
        "narrative, reverses, NULL, NULL, posted_at, posted_by, 1, previous_hash, hash FROM ledger_entry_of_one_book"
    )
    op.execute(
        "INSERT INTO ledger_leg SELECT 'general', number, position, account_code, account_id, side, amount_minor, "
        "amount_currency, '', 1 FROM ledger_leg_of_one_book"
    )
    op.execute(
        "INSERT INTO ledger_balance SELECT 'general', owner, currency, booking_date, closing_minor "
        "FROM ledger_balance_of_one_book"
    )
    op.execute(
        f"INSERT INTO ledger_head SELECT ledger, number, hash, latest_booking_date, {_LATEST_INSTANT} "
        "FROM ledger_head_of_one_book"
    )
    for table in ("ledger_entry", "ledger_leg", "ledger_balance", "ledger_head"):
        op.drop_table(f"{table}_of_one_book")
    for table in ("ledger_entry", "ledger_leg"):
        _refuse_changes(table)


def _make_tables() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_date", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Text(), nullable=True),
        sa.Column("resolves", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.Text(), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("form", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", "number"),
        sa.UniqueConstraint("entry_id"),
        sa.UniqueConstraint("reverses"),
        sa.UniqueConstraint("resolves"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_entry_reference", "ledger_entry", ["reference"], unique=False)
    op.create_table(
        "ledger_leg",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book", "number", "position"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_leg_account_id", "ledger_leg", ["account_id", "number"], unique=False)
    op.create_table(
        "ledger_balance",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("booking_date", sa.Text(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book", "owner", "currency", "booking_date"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_head",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("latest_booking_date", sa.Text(), nullable=False),
        sa.Column("latest_posted_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book"),
    )


def _refuse_changes(table: str) -> None:
    """Makes the database itself refuse to change or delete a row: entries are only ever added."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
