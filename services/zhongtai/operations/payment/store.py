"""How payments rest: one row each, and the rules by which they are booked."""

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, or_, select

from zhongtai.operations.payment.domain import Payment, PaymentNotFound
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import instant_text, reader, shipped
from zhongtai.runtime.store import Records, day, instant, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
PAYMENT = Table(
    "payment",
    metadata,
    text("payment_id", primary_key=True),
    text("kind"),
    text("end_to_end_id"),
    text("initiating_party"),
    text("debtor_account_id", index=True),
    text("creditor_account_id", index=True),
    json("outside_party", nullable=True),
    text("loan_id", index=True),
    text("rail"),
    text("settlement_account_id"),
    *money("amount"),
    text("remittance_information"),
    text("hold_id"),
    text("status", index=True),
    text("reason_code"),
    text("original_payment_id"),
    text("undone_by"),
    json("entry_ids"),
    instant("created_at"),
    instant("settled_at", nullable=True),
    text("uetr"),
    text("instruction_id"),
    day("requested_execution_date", nullable=True),
    text("charge_bearer", nullable=True),
    text("purpose_code"),
    *money("charges", nullable=True),
    *money("correspondent_charges", nullable=True),
    *money("refunded", nullable=True),
    text("contradiction"),
    integer("inquiries"),
    instant("inquire_at", nullable=True, index=True),
    Index("ix_payment_end_to_end_id", "initiating_party", "end_to_end_id", unique=True),
)
payments = Records(PAYMENT, Payment, missing=PaymentNotFound)
DUE_AT_ONCE = 100
_DUE = payments.query(
    PAYMENT.c.inquire_at <= bindparam("now"), order_by=(PAYMENT.c.inquire_at, PAYMENT.c.payment_id), limit=DUE_AT_ONCE
)
_BY_REFERENCE = select(PAYMENT.c.payment_id).where(
    PAYMENT.c.initiating_party == bindparam("party"), PAYMENT.c.end_to_end_id == bindparam("reference")
)

_RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def by_reference(view: View, initiating_party: str, end_to_end_id: str) -> Payment | None:
    """The payment of an initiating party under a reference, if there is one."""
    rows = view.rows(_BY_REFERENCE, {"party": initiating_party, "reference": end_to_end_id})
    return payments.load(view, rows[0][0]) if rows else None


def due_for_inquiry(view: View) -> list[Payment]:
    """The next payments whose rail is to be asked what became of them, at most `DUE_AT_ONCE`."""
    return _DUE(view, now=instant_text(view.now))


def about(loan_id: str, account_id: str, status: str) -> list[ColumnElement[bool]]:
    """The conditions on payments of a loan, of an account on either side, that stand so; empty texts ask nothing."""
    conditions: list[ColumnElement[bool]] = []
    if loan_id:
        conditions.append(PAYMENT.c.loan_id == loan_id)
    if account_id:
        conditions.append(or_(PAYMENT.c.debtor_account_id == account_id, PAYMENT.c.creditor_account_id == account_id))
    if status:
        conditions.append(PAYMENT.c.status == status)
    return conditions


def rule(name: str) -> PostingRule:
    """How a step of a payment is booked."""
    return _RULES[name]
