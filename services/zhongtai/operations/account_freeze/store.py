"""The table of freezes, the rules that ship, and how the freezes of an account are put on it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_freeze.domain import (
    AccountFreeze,
    FreezeKind,
    FreezeNotFound,
    FreezeRule,
    FreezeStatus,
    bound,
)
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
FREEZE = Table(
    "account_freeze",
    metadata,
    text("freeze_id", primary_key=True),
    text("account_id"),
    text("kind"),
    text("authority"),
    text("document"),
    *money("amount", nullable=True),
    text("reason"),
    day("frozen_on"),
    day("ends_on"),
    integer("renewals"),
    *money("deducted"),
    text("status"),
    Index("ix_account_freeze_account_id", "account_id", "freeze_id"),
    Index("ix_account_freeze_status", "status", "ends_on"),
)
freezes = Records(FREEZE, AccountFreeze, missing=FreezeNotFound)
_OF_ACCOUNT = freezes.query(FREEZE.c.account_id == bindparam("account_id"), order_by=FREEZE.c.freeze_id)
_PAST = freezes.query(
    FREEZE.c.status == FreezeStatus.STANDING.value,
    FREEZE.c.ends_on < bindparam("today"),
    order_by=FREEZE.c.freeze_id,
    limit=100,
)


RULES: dict[FreezeKind, FreezeRule] = {
    rule.kind: rule for rule in map(reader(FreezeRule), shipped(__package__, "rules.json"))
}
POSTING: PostingRule = reader(PostingRule)(shipped(__package__, "posting_rules.json")[0])


def of_account(view: View, account_id: str) -> list[AccountFreeze]:
    """The freezes of an account in the order in which they were served."""
    return _OF_ACCOUNT(view, account_id=account_id)


def standing(view: View, account_id: str) -> list[AccountFreeze]:
    """Those that stand, in their order."""
    return [freeze for freeze in of_account(view, account_id) if freeze.stands]


def past(view: View, today: date) -> list[AccountFreeze]:
    """The next freezes whose day is past."""
    return _PAST(view, today=today.isoformat())


def bind(unit: Unit, account: Account, now: Sequence[AccountFreeze], before: Sequence[AccountFreeze]) -> None:
    """Puts the freezes that stand now on the account."""
    account_store.accounts.save(unit, bound(account, now, before))
