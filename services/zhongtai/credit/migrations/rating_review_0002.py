"""Whose rating leans on which guarantors is known from their guarantees; those that stand already are taken over."""

import json

import sqlalchemy as sa
from alembic import op

revision = "rating_review_0002"
down_revision = "rating_review_0001"
branch_labels = None
depends_on = ("guarantee_0001", "loan_0001")

_STANDING = sa.text(
    "SELECT g.guarantee_id, g.guarantors, l.customer_id FROM credit_guarantee g"
    " JOIN credit_loan l ON l.loan_id = g.loan_id WHERE g.status = 'STANDING'"
)


def upgrade() -> None:
    """Makes the table, and fills it from the guarantees that stand."""
    made = op.create_table(
        "credit_rating_guarantee",
        sa.Column("guarantee_id", sa.Text(), nullable=False),
        sa.Column("guarantor_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guarantee_id", "guarantor_id"),
    )
    op.create_index("credit_rating_guarantee_of_guarantor", "credit_rating_guarantee", ["guarantor_id"], unique=False)
    rows = [
        {"guarantee_id": guarantee_id, "guarantor_id": one["guarantor_id"], "customer_id": customer_id}
        for guarantee_id, guarantors, customer_id in op.get_bind().execute(_STANDING)
        for one in json.loads(guarantors)
    ]
    op.bulk_insert(made, rows)
