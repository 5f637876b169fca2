"""The tables of receivables and of the invoices they rest on."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.credit.receivable.domain import Invoice, Receivable, ReceivableNotFound
from zhongtai.runtime.store import Records, day, money, text

metadata = MetaData()

RECEIVABLE = Table(
    "credit_receivable",
    metadata,
    text("receivable_id", primary_key=True),
    text("seller_id"),
    text("debtor_id"),
    text("invoice_code"),
    text("invoice_number"),
    *money("face"),
    day("due_date"),
    *money("confirmed"),
    text("status"),
    text("settlement_payment_id"),
    Index("credit_receivable_of_seller", "seller_id", "receivable_id"),
    Index("credit_receivable_of_debtor", "debtor_id", "receivable_id"),
)
# The key of this table is what keeps an invoice from being financed twice, whatever runs side by side.
INVOICE = Table(
    "credit_receivable_invoice",
    metadata,
    text("invoice_code", primary_key=True),
    text("invoice_number", primary_key=True),
    text("receivable_id"),
)

receivables = Records(RECEIVABLE, Receivable, missing=ReceivableNotFound)
invoices = Records(INVOICE, Invoice)
