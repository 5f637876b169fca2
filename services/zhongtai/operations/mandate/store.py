"""The table of mandates, and the function that payments call."""

from collections.abc import Sequence

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.kernel.money import Money
from zhongtai.operations.mandate.domain import Mandate, MandateNotFound, must_cover
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
MANDATE = Table(
    "mandate",
    metadata,
    text("mandate_id", primary_key=True),
    text("account_id"),
    text("kind"),
    json("customers"),
    integer("together"),
    *money("up_to", nullable=True),
    day("starts_on"),
    day("ends_on", nullable=True),
    Index("ix_mandate_account_id", "account_id", "mandate_id"),
)
mandates = Records(MANDATE, Mandate, missing=MandateNotFound)
_OF_ACCOUNT = mandates.query(MANDATE.c.account_id == bindparam("account_id"), order_by=MANDATE.c.mandate_id)


def of_account(view: View, account_id: str) -> list[Mandate]:
    """The mandates of an account in the order in which they were given."""
    return _OF_ACCOUNT(view, account_id=account_id)


def must_allow(view: View, account_id: str, ordered_by: Sequence[str], amount: Money) -> None:
    """Refuses where the people who ordered may not take the amount from the account; one without mandates allows."""
    must_cover(of_account(view, account_id), ordered_by, amount, view.business_date)
