"""The table of repayments: every payment that was applied, so that none is applied twice."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.credit.repayment.domain import Repayment
from zhongtai.runtime.store import Records, day, money, text

metadata = MetaData()

REPAYMENT = Table(
    "credit_repayment",
    metadata,
    text("payment_id", primary_key=True),
    text("loan_id"),
    *money("principal"),
    *money("interest"),
    *money("outstanding"),
    text("status"),
    day("paid_on"),
    *money("other", nullable=True),
    Index("credit_repayment_of_loan", "loan_id", "payment_id"),
)

repayments = Records(REPAYMENT, Repayment)
