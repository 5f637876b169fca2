"""Whom a rule means: what it reads of an event, and who stands behind that in the stores of this service."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.operations.account import store as account_store
from zhongtai.operations.notification_rule.domain import NotificationRecipientKind, NotificationRule
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.staff_message.domain import role, staff
from zhongtai.operations.term_deposit import store as deposit_store
from zhongtai.runtime.convert import date_of, decimal_of, money_of
from zhongtai.runtime.unit import View

Read = Callable[[str], Any]


def reader(event: Message) -> Read:
    """Reads a field of an event by its path, as a value of the domain; None where it is not set."""

    def read(path: str) -> Any:
        part: Any = event
        for name in path.split("."):
            field = part.DESCRIPTOR.fields_by_name[name]
            part = getattr(part, name)
        if isinstance(part, MoneyMessage):
            return money_of(part) if part.currency_code else None
        if isinstance(part, Date):
            return date_of(part) if part.year else None
        if isinstance(part, DecimalMessage):
            return decimal_of(part) if part.value else None
        if field.enum_type is not None:
            # A later release may send a number that this one has no name for.
            known = field.enum_type.values_by_number.get(part)
            return known.name if known else str(part)
        return part

    return read


def recipient_of(view: View, rule: NotificationRule, read: Read) -> str:
    """Whom a rule means by an event: a customer's id, or somebody of the staff; empty where there is nobody."""
    if rule.recipient_kind is NotificationRecipientKind.NAMED_ROLE:
        return role(rule.recipient)
    named = str(read(rule.recipient) or "")
    return _RECIPIENTS[rule.recipient_kind](view, named) if named else ""


def _customer_of_account(view: View, account_id: str) -> str:
    account = account_store.accounts.find(view, account_id) if account_id else None
    return account.customer_id if account else ""


def _debtor(view: View, payment_id: str) -> str:
    payment = payment_store.payments.find(view, payment_id)
    return _customer_of_account(view, payment.debtor_account_id) if payment else ""


def _creditor(view: View, payment_id: str) -> str:
    payment = payment_store.payments.find(view, payment_id)
    return _customer_of_account(view, payment.creditor_account_id) if payment else ""


def _depositor(view: View, term_deposit_id: str) -> str:
    deposit = deposit_store.deposits.find(view, term_deposit_id)
    return deposit.customer_id if deposit else ""


_RECIPIENTS: dict[NotificationRecipientKind, Callable[[View, str], str]] = {
    NotificationRecipientKind.CUSTOMER: lambda _, customer_id: customer_id,
    NotificationRecipientKind.ACCOUNT: _customer_of_account,
    NotificationRecipientKind.PAYMENT_DEBTOR: _debtor,
    NotificationRecipientKind.PAYMENT_CREDITOR: _creditor,
    NotificationRecipientKind.TERM_DEPOSIT: _depositor,
    NotificationRecipientKind.STAFF: lambda _, subject: staff(subject),
    NotificationRecipientKind.ROLE: lambda _, name: role(name),
}
