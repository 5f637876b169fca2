"""The tables of `client`."""

import sqlalchemy as sa
from alembic import op

revision = "client_0001"
down_revision = None
branch_labels = ("client",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("daily_cap", sa.BigInteger(), nullable=False),
        sa.Column("calls_per_second", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_table(
        "gateway_client_key",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("good_until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "key_id"),
    )
    op.create_table(
        "gateway_client_use",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "day"),
    )
