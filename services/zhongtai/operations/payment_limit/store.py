"""How payment limits rest: a row each, and a row of use for each business date and whoever is counted together.

A payment reads and writes the rows of use in its own unit of work, so the sums are exact however many pay at once.
"""

from sqlalchemy import MetaData, Table, bindparam, or_

from zhongtai.kernel.money import Money
from zhongtai.operations.payment_limit.domain import LimitUse, PaymentLimit
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
LIMIT = Table(
    "payment_limit",
    metadata,
    text("payment_limit_id", primary_key=True),
    text("customer_id"),
    text("client_id"),
    integer("shared"),
    text("currency_code"),
    integer("single_minor"),
    integer("daily_minor"),
    integer("daily_count"),
)
USE = Table(
    "payment_limit_use",
    metadata,
    text("payment_limit_id", primary_key=True),
    text("customer_id", primary_key=True),
    day("business_date", primary_key=True),
    integer("count"),
    integer("amount_minor"),
)
limits = Records(LIMIT, PaymentLimit)
uses = Records(USE, LimitUse)
_BOUNDING = limits.query(
    or_(LIMIT.c.customer_id == "", LIMIT.c.customer_id == bindparam("customer_id")),
    or_(LIMIT.c.client_id == "", LIMIT.c.client_id == bindparam("client_id")),
    order_by=LIMIT.c.payment_limit_id,
)


def bounding(view: View, customer_id: str, client_id: str) -> list[tuple[PaymentLimit, LimitUse]]:
    """The limits that bound a customer in a channel, each with what it has counted today."""
    return [
        (limit, _use(view, limit, customer_id))
        for limit in _BOUNDING(view, customer_id=customer_id, client_id=client_id)
    ]


def after_payment(view: View, customer_id: str, client_id: str, amount: Money) -> list[LimitUse]:
    """What the limits have counted after one more payment; refuses where one of them does not allow it."""
    return [
        use.spend(limit, amount)
        for limit, use in bounding(view, customer_id, client_id)
        if limit.currency_code == amount.currency
    ]


def save(unit: Unit, after: list[LimitUse]) -> None:
    """Writes what the limits have counted."""
    uses.add_all(unit, [use for use in after if use.count == 1])
    uses.save_all(unit, [use for use in after if use.count > 1])


def _use(view: View, limit: PaymentLimit, customer_id: str) -> LimitUse:
    key = (limit.payment_limit_id, limit.counted_for(customer_id))
    found = uses.find(view, *key, view.business_date.isoformat())
    return found or LimitUse(*key, view.business_date)
