"""The tables of `limit_node`."""

import sqlalchemy as sa
from alembic import op

revision = "limit_node_0001"
down_revision = None
branch_labels = ("limit_node",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_limit_node",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("obligor", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.BigInteger(), nullable=False),
        sa.Column("frozen", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("cap_currency", sa.Text(), nullable=True),
        sa.Column("temporary_cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("temporary_cap_currency", sa.Text(), nullable=True),
        sa.Column("temporary_until", sa.Text(), nullable=True),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_currency", sa.Text(), nullable=False),
        sa.Column("used_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_currency", sa.Text(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserved_currency", sa.Text(), nullable=False),
        sa.Column("other_minor", sa.BigInteger(), nullable=False),
        sa.Column("other_currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )
    op.create_index("credit_limit_node_beneath", "credit_limit_node", ["kind", "parent", "currency_code"], unique=False)
    op.create_index(
        "credit_limit_node_of_subject", "credit_limit_node", ["kind", "subject", "currency_code"], unique=True
    )
