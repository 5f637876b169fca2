"""How screenings of orders rest: a row each, the payees a customer has, and the policies."""

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, select

from zhongtai.kernel.money import Money
from zhongtai.operations.payment_screening.domain import (
    PaymentScreening,
    PaymentScreeningNotFound,
    ScreeningMustBeOpen,
    ScreeningPolicies,
    ScreeningState,
)
from zhongtai.runtime.plain import instant_text, reader, shipped
from zhongtai.runtime.store import Records, day, instant, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
SCREENING = Table(
    "payment_screening",
    metadata,
    text("screening_id", primary_key=True),
    text("payment_order_id", index=True),
    text("policy"),
    text("state"),
    instant("asked_at"),
    text("outcome"),
    integer("matches"),
    text("first_match"),
    day("ended_on", nullable=True),
    Index("ix_payment_screening_waits", "state", "asked_at"),
)
PAYEE = Table(
    "payment_payee",
    metadata,
    text("customer_id", primary_key=True),
    text("creditor_account", primary_key=True),
    day("first_paid_on"),
)
screenings = Records(SCREENING, PaymentScreening, missing=PaymentScreeningNotFound)
SWEPT_AT_ONCE = 100
_UNANSWERED_SINCE = screenings.query(
    SCREENING.c.state == ScreeningState.ASKED.value,
    SCREENING.c.asked_at <= bindparam("since"),
    order_by=(SCREENING.c.asked_at, SCREENING.c.screening_id),
    limit=SWEPT_AT_ONCE + 1,
)
_PAYEE = select(PAYEE.c.first_paid_on).where(
    PAYEE.c.customer_id == bindparam("customer"), PAYEE.c.creditor_account == bindparam("account")
)

POLICIES: ScreeningPolicies = reader(ScreeningPolicies)(shipped(__package__, "policies.json"))


def of_order(view: View, payment_order_id: str, screening_id: str) -> PaymentScreening:
    """The screening that an order had last; refuses where it had none."""
    if not screening_id:
        raise ScreeningMustBeOpen(payment_order_id=payment_order_id)
    return screenings.load(view, screening_id)


def policy_of(view: View, customer_id: str, creditor_account: str, rail: str, amount: Money) -> str:
    """The first policy that asks for the screening of such an order; "" where none does."""
    named = POLICIES.of(rail, amount)
    known = any(one.new_payee for one in named) and _is_payee(view, customer_id, creditor_account)
    return next((one.policy for one in named if not (one.new_payee and known)), "")


def know_payee(unit: Unit, customer_id: str, creditor_account: str, rail: str) -> None:
    """Keeps that a customer had money given out to an account, where a policy looks at that."""
    if POLICIES.look_at_payees(rail) and not _is_payee(unit, customer_id, creditor_account):
        row = {"customer_id": customer_id, "creditor_account": creditor_account}
        unit.execute(PAYEE.insert(), row | {"first_paid_on": unit.business_date.isoformat()})


def overdue(view: View) -> list[PaymentScreening]:
    """The next screenings that risk should have answered, one more than are swept at once."""
    return _UNANSWERED_SINCE(view, since=instant_text(POLICIES.overdue_since(view.now)))


def about(payment_order_id: str, state: str) -> list[ColumnElement[bool]]:
    """The conditions on screenings of an order that stand so; empty texts ask nothing."""
    wanted = [(SCREENING.c.payment_order_id, payment_order_id), (SCREENING.c.state, state)]
    return [column == text for column, text in wanted if text]


def _is_payee(view: View, customer_id: str, creditor_account: str) -> bool:
    return bool(view.rows(_PAYEE, {"customer": customer_id, "account": creditor_account}))
