"""Occasions under way are found without reading all that were ever done."""

from alembic import op

revision = "job_0003"
down_revision = "job_0002"
branch_labels = None


def upgrade() -> None:
    """Adds the index."""
    op.create_index("gateway_job_run_by_status", "gateway_job_run", ["status", "started_at"], unique=False)
