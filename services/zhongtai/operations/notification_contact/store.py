"""The table of contacts."""

from sqlalchemy import MetaData, Table

from zhongtai.operations.notification_contact.domain import NotificationContact, NotificationContactNotFound
from zhongtai.runtime.store import Records, text
from zhongtai.runtime.unit import View

metadata = MetaData()
NOTIFICATION_CONTACT = Table(
    "notification_contact",
    metadata,
    text("customer_id", primary_key=True),
    text("phone"),
    text("email"),
    text("language"),
)
contacts = Records(NOTIFICATION_CONTACT, NotificationContact, missing=NotificationContactNotFound)


def known(view: View, customer_id: str) -> NotificationContact:
    """The contact of a customer; one that only the app reaches where nothing was told."""
    return contacts.find(view, customer_id) or NotificationContact(customer_id)
