"""What customers said, and the policy that ships."""

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.operations.notification_consent.domain import Consent, NotificationCategory, NotificationPolicy
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, instant, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
NOTIFICATION_CONSENT = Table(
    "notification_consent",
    metadata,
    text("customer_id", primary_key=True),
    text("category", primary_key=True),
    text("channel", primary_key=True),
    integer("allowed"),
    instant("stated_at"),
)
consents = Records(NOTIFICATION_CONSENT, Consent)
_OF_CUSTOMER = consents.query(NOTIFICATION_CONSENT.c.customer_id == bindparam("of_customer"))

POLICY: NotificationPolicy = reader(NotificationPolicy)(shipped(__package__, "policy.json"))


def category(name: str) -> NotificationCategory:
    """The category of that name; refuses where there is none."""
    return POLICY.category(name)


def stated(view: View, customer_id: str) -> dict[tuple[str, NotificationChannel], Consent]:
    """What a customer said, by category and channel."""
    return {(each.category, each.channel): each for each in _OF_CUSTOMER(view, of_customer=customer_id)}


def state(unit: Unit, consent: Consent) -> None:
    """Keeps what a customer says, and tells of it where it is news."""
    before = consents.find(unit, consent.customer_id, consent.category, consent.channel)
    fact = consent.changes(before)
    if before is None:
        consents.add(unit, consent)
    elif fact:
        consents.save(unit, consent)
    if fact:
        unit.record(fact)
