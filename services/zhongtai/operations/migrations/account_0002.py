"""Accounts have a book, dimensions and a floor; their balance is the ledger's alone."""

import sqlalchemy as sa
from alembic import op

revision = "account_0002"
down_revision = "account_0001"
branch_labels = None


def upgrade() -> None:
    """Keeps every account: what could not be overdrawn has a floor of nothing."""
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("floor_minor", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("floor_currency", sa.Text(), nullable=True))
        table.add_column(sa.Column("book", sa.Text(), nullable=False, server_default="general"))
        table.add_column(sa.Column("dimensions", sa.Text(), nullable=False, server_default="{}"))
    op.execute("UPDATE account SET floor_minor = 0, floor_currency = currency_code WHERE overdraft = 0")
    with op.batch_alter_table("account") as table:
        table.drop_column("overdraft")
        table.drop_column("balance_minor")
        table.drop_column("balance_currency")
        table.alter_column("book", existing_type=sa.Text(), existing_nullable=False, server_default=None)
        table.alter_column("dimensions", existing_type=sa.Text(), existing_nullable=False, server_default=None)
