"""How delegations rest: one row each."""

from datetime import datetime

from sqlalchemy import ColumnElement, MetaData, Table, bindparam, or_

from zhongtai.operations.delegation.domain import Delegation, DelegationNotFound
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
DELEGATION = Table(
    "delegation",
    metadata,
    text("delegation_id", primary_key=True),
    text("delegator", index=True),
    text("delegate", index=True),
    json("roles"),
    instant("valid_from"),
    instant("valid_until"),
    instant("ended_at", nullable=True),
)
delegations = Records(DELEGATION, Delegation, missing=DelegationNotFound)
_C = DELEGATION.c
_IN_FORCE = delegations.query(
    _C.delegate == bindparam("delegate"),
    _C.valid_from <= bindparam("now"),
    _C.valid_until > bindparam("now"),
    _C.ended_at.is_(None),
)


def lent_to(view: View, delegate: str, now: datetime) -> list[Delegation]:
    """The delegations by which a person acts for others now."""
    return _IN_FORCE(view, delegate=delegate, now=instant_text(now))


def of(person: str) -> list[ColumnElement[bool]]:
    """The condition on delegations from or to a person; an empty name asks nothing."""
    return [or_(_C.delegator == person, _C.delegate == person)] if person else []
