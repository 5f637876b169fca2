"""The tables of `payment_screening`; orders that wait for a screening by hand go on waiting for their work order."""

import sqlalchemy as sa
from alembic import op

revision = "payment_screening_0001"
down_revision = None
branch_labels = ("payment_screening",)
depends_on = ("payment_order_0001",)


def upgrade() -> None:
    """Makes the tables, and a held screening for each order that waits for people already."""
    op.create_table(
        "payment_payee",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("creditor_account", sa.Text(), nullable=False),
        sa.Column("first_paid_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "creditor_account"),
    )
    op.create_table(
        "payment_screening",
        sa.Column("screening_id", sa.Text(), nullable=False),
        sa.Column("payment_order_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("matches", sa.BigInteger(), nullable=False),
        sa.Column("first_match", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("screening_id"),
    )
    op.create_index(
        op.f("ix_payment_screening_payment_order_id"), "payment_screening", ["payment_order_id"], unique=False
    )
    op.create_index("ix_payment_screening_waits", "payment_screening", ["state", "asked_at"], unique=False)
    op.execute(
        "INSERT INTO payment_screening (screening_id, payment_order_id, policy, state, asked_at, outcome, matches,"
        " first_match) SELECT 'scr_' || payment_order_id, payment_order_id, '', 'HELD', created_at, '', 0, ''"
        " FROM payment_order WHERE status = 'ACTC'"
    )
