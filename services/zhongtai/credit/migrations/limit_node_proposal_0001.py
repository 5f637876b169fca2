"""The tables of `limit_node_proposal`."""

import sqlalchemy as sa
from alembic import op

revision = "limit_node_proposal_0001"
down_revision = None
branch_labels = ("limit_node_proposal",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "credit_limit_node_proposal",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("cap_currency", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id"),
    )
    op.create_index(
        "credit_limit_node_proposal_of_node", "credit_limit_node_proposal", ["node_id", "proposal_id"], unique=False
    )
    op.create_index(
        "credit_limit_node_proposal_status", "credit_limit_node_proposal", ["status", "proposal_id"], unique=False
    )
