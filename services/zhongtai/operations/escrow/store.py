"""How escrows rest: one row each; and the rules by which they are booked."""

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, or_

from zhongtai.operations.escrow.domain import Escrow, EscrowNotFound, EscrowStatus
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
ESCROW = Table(
    "escrow",
    metadata,
    text("escrow_id", primary_key=True),
    text("end_to_end_id"),
    text("initiating_party"),
    text("payer_account_id", index=True),
    text("payee_account_id", index=True),
    text("condition"),
    *money("amount"),
    json("released_by"),
    json("returned_by"),
    day("expires_on"),
    *money("released"),
    *money("returned"),
    text("status"),
    json("entry_ids"),
    Index("ix_escrow_reference", "initiating_party", "end_to_end_id", unique=True),
    Index("ix_escrow_expiry", "status", "expires_on"),
)
escrows = Records(ESCROW, Escrow, missing=EscrowNotFound)
AT_ONCE = 100
_BY_REFERENCE = escrows.query(
    ESCROW.c.initiating_party == bindparam("party"), ESCROW.c.end_to_end_id == bindparam("reference")
)
_EXPIRED = escrows.query(
    ESCROW.c.status == EscrowStatus.OPEN.value,
    ESCROW.c.expires_on < bindparam("today"),
    ESCROW.c.escrow_id > bindparam("position"),
    order_by=ESCROW.c.escrow_id,
    limit=AT_ONCE,
)

RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def by_reference(view: View, initiating_party: str, end_to_end_id: str) -> Escrow | None:
    """The escrow of an initiating party under a reference, if there is one."""
    return next(iter(_BY_REFERENCE(view, party=initiating_party, reference=end_to_end_id)), None)


def expired(view: View, position: str) -> list[Escrow]:
    """The next escrows behind a position that keep money though their last date has gone by, at most `AT_ONCE`."""
    return _EXPIRED(view, today=view.business_date.isoformat(), position=position)


def about(account_id: str) -> list[ColumnElement[bool]]:
    """The conditions on escrows of an account on either side; an empty text asks nothing."""
    if not account_id:
        return []
    return [or_(ESCROW.c.payer_account_id == account_id, ESCROW.c.payee_account_id == account_id)]
