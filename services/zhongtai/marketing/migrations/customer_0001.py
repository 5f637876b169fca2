"""The tables of `customer`."""

import sqlalchemy as sa
from alembic import op

revision = "customer_0001"
down_revision = None
branch_labels = ("customer",)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "marketing_customer",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity_kind", sa.Text(), nullable=False),
        sa.Column("identity_number", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("registered_on", sa.Text(), nullable=False),
        sa.Column("consents", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index(
        "marketing_customer_identity", "marketing_customer", ["identity_kind", "identity_number"], unique=True
    )
    op.create_table(
        "marketing_customer_tag",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "customer_id"),
    )
    op.create_index("marketing_customer_tag_of_customer", "marketing_customer_tag", ["customer_id"], unique=False)
