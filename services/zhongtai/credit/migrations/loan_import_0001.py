"""The tables of `loan_import`."""

import sqlalchemy as sa
from alembic import op

revision = "loan_import_0001"
down_revision = None
branch_labels = ("loan_import",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_imported_loan",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("opening_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
        sqlite_with_rowid=False,
    )
    op.create_index("credit_imported_loan_of_import", "credit_imported_loan", ["import_id", "line"], unique=False)
    op.create_table(
        "credit_imported_loan_batch",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("last_line", sa.BigInteger(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("opening_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id"),
    )
