"""The table of overdrafts, what is offered, and what is read of the ledger to count them."""

from datetime import date

from sqlalchemy import Index, MetaData, Table, and_, bindparam, case, func, or_, select

from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.operations.overdraft.domain import (
    Move,
    Overdraft,
    OverdraftMustBeOffered,
    OverdraftNotFound,
    OverdraftOffer,
    OverdraftStatus,
)
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, decimal, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
OVERDRAFT = Table(
    "overdraft",
    metadata,
    text("account_id", primary_key=True),
    text("customer_id", index=True),
    *money("agreed"),
    decimal("rate"),
    decimal("overdue_rate"),
    integer("days_most"),
    day("starts_on"),
    day("ends_on"),
    day("charged_through"),
    integer("opening_minor"),
    integer("seen_number"),
    integer("days_at_charge"),
    day("accrued_through"),
    *money("accrued"),
    *money("due"),
    integer("days_overdrawn"),
    text("status"),
    Index("ix_overdraft_status", "status", "accrued_through"),
)
overdrafts = Records(OVERDRAFT, Overdraft, missing=OverdraftNotFound)
_TO_ACCRUE = overdrafts.query(
    OVERDRAFT.c.status != OverdraftStatus.SETTLED.value,
    OVERDRAFT.c.accrued_through < bindparam("on"),
    order_by=OVERDRAFT.c.account_id,
    limit=100,
)
_MINOR = case((LEG.c.side == Side.CREDIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor)
_JOINED = and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number)
_IS_POSTED = and_(LEG.c.account_id == bindparam("account_id"), LEG.c.posted == 1)
_OPENING = (
    select(func.coalesce(func.sum(_MINOR), 0))
    .join(ENTRY, _JOINED)
    .where(_IS_POSTED, ENTRY.c.value_date <= bindparam("through"))
)
_MOVES = (
    select(ENTRY.c.value_date, _MINOR)
    .join(ENTRY, _JOINED)
    .where(_IS_POSTED, or_(LEG.c.number > bindparam("seen"), ENTRY.c.value_date > bindparam("through")))
)
_LAST_NUMBER = select(func.coalesce(func.max(LEG.c.number), 0)).where(_IS_POSTED)


OFFERS: dict[str, OverdraftOffer] = {
    offer.account_product: offer for offer in map(reader(OverdraftOffer), shipped(__package__, "offers.json"))
}
RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def offer(account: Account) -> OverdraftOffer:
    """What may be agreed for an account; refuses where nothing is."""
    if account.product not in OFFERS:
        raise OverdraftMustBeOffered(product=account.product)
    return OFFERS[account.product]


def to_accrue(view: View, on: date) -> list[Overdraft]:
    """The next overdrafts that are not accrued through a day."""
    return _TO_ACCRUE(view, on=on.isoformat())


def opening(view: View, account_id: str, through: date) -> int:
    """The balance by value date at the end of a day, in minor units."""
    return int(view.rows(_OPENING, {"account_id": account_id, "through": through.isoformat()})[0][0])


def last_number(view: View, account_id: str) -> int:
    """The number of the last entry on the account."""
    return int(view.rows(_LAST_NUMBER, {"account_id": account_id})[0][0])


def moves(view: View, overdraft: Overdraft) -> list[Move]:
    """The movements that are not in the opening, by value date."""
    asked = {
        "account_id": overdraft.account_id,
        "seen": overdraft.seen_number,
        "through": overdraft.charged_through.isoformat(),
    }
    return [(date.fromisoformat(value_date), int(minor)) for value_date, minor in view.rows(_MOVES, asked)]
