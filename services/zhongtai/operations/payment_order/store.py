"""How payment orders rest: one row each; and the policies of their checks."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam

from zhongtai.operations.payment_order.domain import OrderPolicies, PaymentOrder, PaymentOrderNotFound
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.runtime.plain import instant_text, reader, shipped
from zhongtai.runtime.store import Records, day, instant, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
ORDER = Table(
    "payment_order",
    metadata,
    text("payment_order_id", primary_key=True),
    text("end_to_end_id"),
    text("initiating_party"),
    text("customer_id", index=True),
    text("debtor_account_id"),
    text("creditor_account_id"),
    json("outside_party", nullable=True),
    text("rail"),
    *money("amount"),
    day("requested_execution_date"),
    text("charge_bearer", nullable=True),
    text("purpose_code"),
    text("remittance_information"),
    text("instruction_id"),
    text("uetr"),
    text("status"),
    day("execution_date"),
    text("reason_code"),
    text("duplicate_of"),
    text("payment_id", index=True),
    text("screening_id"),
    text("placed_by"),
    instant("created_at"),
    Index("ix_payment_order_reference", "initiating_party", "end_to_end_id", unique=True),
    Index("ix_payment_order_alike", "debtor_account_id", "created_at"),
    Index("ix_payment_order_due", "status", "execution_date"),
)
orders = Records(ORDER, PaymentOrder, missing=PaymentOrderNotFound)
DUE_AT_ONCE = 100
_BY_REFERENCE = orders.query(
    ORDER.c.initiating_party == bindparam("party"), ORDER.c.end_to_end_id == bindparam("reference")
)
_ALIKE = orders.query(
    ORDER.c.debtor_account_id == bindparam("debtor"),
    ORDER.c.creditor_account_id == bindparam("creditor"),
    ORDER.c.created_at >= bindparam("since"),
    ORDER.c.amount_minor == bindparam("minor"),
    ORDER.c.amount_currency == bindparam("currency"),
    ORDER.c.status != PaymentStatus.RJCT.value,
    ORDER.c.status != PaymentStatus.CANC.value,
    order_by=ORDER.c.payment_order_id,
)
_DUE = orders.query(
    ORDER.c.status.in_((PaymentStatus.ACCP.value, PaymentStatus.ACWC.value)),
    ORDER.c.execution_date <= bindparam("today"),
    order_by=(ORDER.c.execution_date, ORDER.c.payment_order_id),
    limit=DUE_AT_ONCE,
)
_FOLLOW = (
    ORDER.update()
    .where(ORDER.c.payment_id == bindparam("of_payment"))
    .values(status=bindparam("new_status"), reason_code=bindparam("new_reason"))
)

POLICIES: OrderPolicies = reader(OrderPolicies)(shipped(__package__, "policies.json"))


def by_reference(view: View, initiating_party: str, end_to_end_id: str) -> PaymentOrder | None:
    """The order of an initiating party under a reference, if there is one."""
    return next(iter(_BY_REFERENCE(view, party=initiating_party, reference=end_to_end_id)), None)


def alike(view: View, order: PaymentOrder, since: datetime) -> str:
    """The first order since then that pays the same amount from the same account to the same one; "" without one."""
    found = _ALIKE(
        view,
        debtor=order.debtor_account_id,
        creditor=order.creditor_account_id,
        since=instant_text(since),
        minor=order.amount.minor_units,
        currency=order.amount.currency,
    )
    return next((one.payment_order_id for one in found if one.creditor_account == order.creditor_account), "")


def due(view: View) -> list[PaymentOrder]:
    """The next orders whose date has come, at most `DUE_AT_ONCE`."""
    return _DUE(view, today=view.business_date.isoformat())


def follow(unit: Unit, payment_id: str, status: PaymentStatus, reason_code: str) -> None:
    """Lets the order of a payment, if it has one, stand as the payment does."""
    unit.execute(_FOLLOW, {"of_payment": payment_id, "new_status": status.value, "new_reason": reason_code})


def about(customer_id: str, status: str) -> list[ColumnElement[bool]]:
    """The conditions on orders of a customer that stand so; empty texts ask nothing."""
    wanted = [(ORDER.c.customer_id, customer_id), (ORDER.c.status, status)]
    return [column == text for column, text in wanted if text]
