"""The tables of `ledger_proof`."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_proof_0001"
down_revision = None
branch_labels = ("ledger_proof",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "ledger_proof_exposure_break",
        sa.Column("break_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counted_minor", sa.BigInteger(), nullable=False),
        sa.Column("counted_currency", sa.Text(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("break_id"),
    )
