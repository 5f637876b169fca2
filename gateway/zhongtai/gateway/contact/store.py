"""The table of contacts that are to be carried."""

from sqlalchemy import MetaData, Table

from zhongtai.gateway.contact.domain import CARRIED_AT_ONCE, ChangedContact
from zhongtai.runtime.store import Records, text
from zhongtai.runtime.unit import Unit

metadata = MetaData()
CHANGED_CONTACT = Table(
    "gateway_changed_contact",
    metadata,
    text("customer_id", primary_key=True),
    text("event_id", index=True),
)
changed = Records(CHANGED_CONTACT, ChangedContact)
# Ids of events sort by the time they were made: whoever changed first is carried first.
to_carry = changed.query(order_by=CHANGED_CONTACT.c.event_id, limit=CARRIED_AT_ONCE + 1)


def note(unit: Unit, contact: ChangedContact) -> None:
    """Notes that a contact is to be carried."""
    if changed.find(unit, contact.customer_id):
        changed.save(unit, contact)
    else:
        changed.add(unit, contact)


def carried(unit: Unit, contact: ChangedContact) -> None:
    """Forgets a contact that was carried, unless it has changed again since."""
    if changed.find(unit, contact.customer_id) == contact:
        changed.remove(unit, contact.customer_id)
