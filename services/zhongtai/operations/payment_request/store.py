"""How payment requests rest: one row each."""

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.operations.payment_request.domain import PaymentRequest, PaymentRequestNotFound
from zhongtai.runtime.store import Records, instant, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
REQUEST = Table(
    "payment_request",
    metadata,
    text("payment_request_id", primary_key=True),
    text("end_to_end_id"),
    text("initiating_party"),
    text("debtor_account_id", index=True),
    text("creditor_account_id"),
    *money("amount"),
    text("remittance_information"),
    instant("presented_at"),
    instant("expires_at"),
    text("status"),
    text("reason_code"),
    text("payment_order_id"),
    Index("ix_payment_request_reference", "initiating_party", "end_to_end_id", unique=True),
)
requests = Records(REQUEST, PaymentRequest, missing=PaymentRequestNotFound)
_BY_REFERENCE = requests.query(
    REQUEST.c.initiating_party == bindparam("party"), REQUEST.c.end_to_end_id == bindparam("reference")
)


def by_reference(view: View, initiating_party: str, end_to_end_id: str) -> PaymentRequest | None:
    """The request of an initiating party under a reference, if there is one."""
    return next(iter(_BY_REFERENCE(view, party=initiating_party, reference=end_to_end_id)), None)
