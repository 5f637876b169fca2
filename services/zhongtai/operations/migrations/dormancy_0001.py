"""The tables of `dormancy`."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "dormancy_0001"
down_revision = None
branch_labels = ("dormancy",)


def upgrade() -> None:
    """Makes the tables; customers' accounts that were opened before and never used count from today."""
    op.create_table(
        "dormancy",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("last_used_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("noticed_on", sa.Text(), nullable=True),
        sa.Column("dormant_since", sa.Text(), nullable=True),
        sa.Column("woken_on", sa.Text(), nullable=True),
        sa.Column("woken_by", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_dormancy_product", "dormancy", ["product", "last_used_on"], unique=False)
    op.create_index("ix_dormancy_status", "dormancy", ["status", "account_id"], unique=False)
    op.create_table(
        "dormancy_reading",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("seen_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book"),
    )
    bank = op.get_bind()
    if sa.inspect(bank).has_table("account") and sa.inspect(bank).has_table("ledger_leg"):
        bank.execute(
            sa.text(
                "INSERT INTO dormancy (account_id, product, last_used_on, status, woken_by, proof) "
                "SELECT account_id, product, :today, 'AWAKE', '', '' FROM account "
                "WHERE account_class = 'CUSTOMER' AND status <> 'CLOSED' AND NOT EXISTS "
                "(SELECT 1 FROM ledger_leg WHERE ledger_leg.account_id = account.account_id)"
            ),
            {"today": datetime.now(UTC).date().isoformat()},
        )
