"""Rules on large exposures say what counts of commitments; versions published before count nothing of them."""

import sqlalchemy as sa
from alembic import op

revision = "exposure_rule_0002"
down_revision = "exposure_rule_0001"
branch_labels = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("credit_exposure_rules", sa.Column("factors", sa.Text(), nullable=False, server_default="[]"))
