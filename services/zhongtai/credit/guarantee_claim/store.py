"""The tables of claims on guarantees, and of the payments that were counted."""

from sqlalchemy import MetaData, Table

from zhongtai.credit.guarantee_claim.domain import Claim, ClaimNotFound, GuarantorPayment
from zhongtai.runtime.store import Records, day, json, money, text

metadata = MetaData()

CLAIM = Table(
    "credit_guarantee_claim",
    metadata,
    text("guarantee_id", primary_key=True),
    text("claim_id", primary_key=True),
    *money("amount"),
    json("lines"),
    *money("uncovered"),
    day("claimed_on"),
    text("status"),
)
PAYMENT = Table(
    "credit_guarantee_payment",
    metadata,
    text("payment_id", primary_key=True),
    text("claim_id"),
    text("guarantor_id"),
    *money("amount"),
)

claims = Records(CLAIM, Claim, missing=ClaimNotFound)
payments = Records(PAYMENT, GuarantorPayment)
