"""Why, and by whom, a proof that failed was passed over."""

import sqlalchemy as sa
from alembic import op

revision = "job_0002"
down_revision = "job_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the column; no occasion before it was overridden."""
    op.add_column("gateway_job_run", sa.Column("override", sa.Text(), nullable=True))
