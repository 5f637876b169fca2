"""Orders wait in queues, with a priority, a clock and several who approve; those that are open keep their due times."""

import sqlalchemy as sa
from alembic import op

revision = "work_order_0002"
down_revision = "work_order_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the columns; the clock begins to look at every order that nobody has decided."""
    texts = {"queue_id": "", "skills": "[]", "approved_by": "[]", "seen_for": "[]", "entered_at": ""}
    for name, default in texts.items():
        op.add_column("work_order", sa.Column(name, sa.Text(), nullable=False, server_default=default))
    for name, number in (("priority", "3"), ("approvers_needed", "1"), ("steps_taken", "0"), ("escalations", "0")):
        op.add_column("work_order", sa.Column(name, sa.BigInteger(), nullable=False, server_default=number))
    for name in ("warn_at", "warned_at", "breached_at", "next_at"):
        op.add_column("work_order", sa.Column(name, sa.Text(), nullable=True))
    op.execute("UPDATE work_order SET entered_at = opened_at")
    op.execute("UPDATE work_order SET next_at = due_at WHERE status IN ('OPEN', 'CLAIMED')")
    op.drop_index("ix_work_order_status", table_name="work_order")
    for name, columns in {
        "status": ["status", "work_order_id"],
        "queue": ["queue_id", "status", "work_order_id"],
        "holder": ["claimed_by", "status", "work_order_id"],
        "urgency": ["status", "role", "priority", "due_at", "work_order_id"],
        "next_at": ["next_at"],
    }.items():
        op.create_index(f"ix_work_order_{name}", "work_order", columns, unique=False)
