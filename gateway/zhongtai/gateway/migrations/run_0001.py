"""The tables of `run`."""

import sqlalchemy as sa
from alembic import op

revision = "run_0001"
down_revision = None
branch_labels = ("run",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_product_source",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product", "version"),
    )
    op.create_table(
        "gateway_run",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("waiting_in", sa.Text(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("gateway_run_request", "gateway_run", ["client_id", "request_id"], unique=True)
    op.create_index("gateway_run_status", "gateway_run", ["status"], unique=False)
    op.create_table(
        "gateway_run_arrival",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "field", "value", "event_id"),
    )
    op.create_index("gateway_run_arrival_arrived_at", "gateway_run_arrival", ["arrived_at"], unique=False)
    op.create_table(
        "gateway_run_step",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("answered", sa.LargeBinary(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "name"),
    )
    op.create_table(
        "gateway_run_wait",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "step"),
    )
    op.create_index("gateway_run_wait_until", "gateway_run_wait", ["status", "until"], unique=False)
    op.create_index("gateway_run_wait_value", "gateway_run_wait", ["subject", "field", "value"], unique=False)
