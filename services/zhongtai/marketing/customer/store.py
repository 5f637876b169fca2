"""The tables of customers, and of who has which tag."""

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, select

from zhongtai.marketing.customer.domain import Customer, CustomerNotFound, Identity
from zhongtai.runtime.store import Records, day, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

CUSTOMER = Table(
    "marketing_customer",
    metadata,
    text("customer_id", primary_key=True),
    text("kind"),
    text("name"),
    text("identity_kind"),
    text("identity_number"),
    json("contact"),
    day("registered_on"),
    json("consents"),
    json("tags"),
    Index("marketing_customer_identity", "identity_kind", "identity_number", unique=True),
)
# The tags of `marketing_customer` once more, to be found by.
TAG = Table(
    "marketing_customer_tag",
    metadata,
    text("tag", primary_key=True),
    text("customer_id", primary_key=True),
    Index("marketing_customer_tag_of_customer", "customer_id"),
)

customers = Records(CUSTOMER, Customer, missing=CustomerNotFound)

_BY_IDENTITY = select(CUSTOMER.c.customer_id).where(
    CUSTOMER.c.identity_kind == bindparam("kind"), CUSTOMER.c.identity_number == bindparam("number")
)
_UNTAG = TAG.delete().where(TAG.c.customer_id == bindparam("untagged"))
_TAG = TAG.insert().values(tag=bindparam("tag"), customer_id=bindparam("customer_id"))


def known_as(view: View, identity: Identity) -> str | None:
    """The customer who has this identity number, if any."""
    rows = view.rows(_BY_IDENTITY, {"kind": identity.identity_kind.value, "number": identity.identity_number})
    return str(rows[0][0]) if rows else None


def of(kind: str, tag: str) -> list[ColumnElement[bool]]:
    """The conditions for customers of a kind and with a tag; empty means any."""
    conditions = [CUSTOMER.c.kind == kind] if kind else []
    if tag:
        conditions.append(CUSTOMER.c.customer_id.in_(select(TAG.c.customer_id).where(TAG.c.tag == tag)))
    return conditions


def save_tags(unit: Unit, customer: Customer) -> None:
    """Writes a customer whose tags changed."""
    customers.save(unit, customer)
    unit.execute(_UNTAG, {"untagged": customer.customer_id})
    if customer.tags:
        unit.execute(_TAG, [{"tag": tag, "customer_id": customer.customer_id} for tag in customer.tags])
