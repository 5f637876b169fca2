"""The table of guarantees; the guarantors rest in their guarantee's row, as they never change without it."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.credit.guarantee.domain import Guarantee, GuaranteeNotFound
from zhongtai.runtime.store import Records, day, json, text

metadata = MetaData()

GUARANTEE = Table(
    "credit_guarantee",
    metadata,
    text("guarantee_id", primary_key=True),
    text("loan_id"),
    text("form"),
    text("sharing"),
    json("guarantors"),
    day("valid_until"),
    text("status"),
    Index("credit_guarantee_of_loan", "loan_id", "guarantee_id"),
)

guarantees = Records(GUARANTEE, Guarantee, missing=GuaranteeNotFound)
