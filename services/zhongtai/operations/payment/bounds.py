"""What bounds a customer's payments besides the balance: payment limits, and the classes of accounts.

A payment limit counts what a customer decides to pay: a transfer, an outgoing payment, a payroll, a split, an escrow.
The class of an account (个人账户分类) counts what goes out of it and what comes into it. Loans use neither: by
银发〔2016〕302号 a bank pays loans out to accounts of class Ⅱ and collects them there without limits. What was counted
stays counted where the money comes back: a limit bounds what is tried.
"""

from collections.abc import Iterable, Iterator

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_class import store as class_store
from zhongtai.operations.account_class.domain import AccountUse
from zhongtai.operations.payment.domain import Order, PaymentKind
from zhongtai.operations.payment_limit import store as limit_store
from zhongtai.operations.payment_limit.domain import LimitUse
from zhongtai.runtime.unit import Unit, View

_DECIDED = (PaymentKind.TRANSFER, PaymentKind.OUTGOING)
_CLASSED = (*_DECIDED, PaymentKind.INCOMING)


def must_allow(view: View, order: Order) -> None:
    """Refuses an order that a bound does not allow; counts nothing."""
    _limits_after(view, order)
    for account, counterparty, amount, use in _uses(view, order):
        class_store.must_allow(view, account, counterparty, amount, use)


def count(unit: Unit, order: Order) -> None:
    """Counts an order on every bound; refuses one that a bound does not allow. It comes before the posting."""
    limit_store.save(unit, _limits_after(unit, order))
    for account, counterparty, amount, use in _uses(unit, order):
        class_store.use_of_limits(unit, account, counterparty, amount, use)


def count_paid(unit: Unit, account_id: str, amount: Money) -> None:
    """Counts on the payment limits what a customer pays in one decision: a batch, a split, an escrow."""
    limit_store.save(unit, _paid(unit, account_id, unit.caller.client_id, amount))


def classed(view: View, account_ids: Iterable[str]) -> frozenset[str]:
    """Those of many accounts that have a class, by one query: most have none, and are not looked at again."""
    found = class_store.classifications.where(view, class_store.CLASSIFICATION.c.account_id.in_(sorted(account_ids)))
    return frozenset(one.account_id for one in found)


def _limits_after(view: View, order: Order) -> list[LimitUse]:
    if order.kind not in _DECIDED:
        return []
    return _paid(view, order.debtor_account_id, order.initiating_party, order.amount)


def _paid(view: View, account_id: str, client_id: str, amount: Money) -> list[LimitUse]:
    """What the payment limits have counted after it; the bank's own accounts have none."""
    customer_id = account_store.accounts.load(view, account_id).customer_id
    return limit_store.after_payment(view, customer_id, client_id, amount) if customer_id else []


def _uses(view: View, order: Order) -> Iterator[tuple[Account, str, Money, AccountUse]]:
    """The accounts an order goes out of and comes into, with the account on the other side."""
    if order.kind not in _CLASSED:
        return
    outside = order.outside_party.account if order.outside_party else ""
    if order.debtor_account_id:
        debtor = account_store.accounts.load(view, order.debtor_account_id)
        yield debtor, order.creditor_account_id or outside, order.debited, AccountUse.OUTWARD
    if order.creditor_account_id:
        creditor = account_store.accounts.load(view, order.creditor_account_id)
        yield creditor, order.debtor_account_id or outside, order.amount, AccountUse.INWARD
