"""Freezes (冻结): what an authority or the bank itself forbids an account to pay, each until a day, in their order.

A freeze of an amount sets it aside on the account whatever the balance is, so that money which arrives later is frozen
too; one of the whole account lets credits through only (只收不付). Several are served one after the other: a later one
covers what those before it leave, and waits for the rest (轮候冻结;
《最高人民法院关于人民法院民事执行中查封、扣押、冻结 财产的规定》 article 26). A court's freeze of a deposit lasts a
year at most, and a year again when it is renewed before it ends
(《最高人民法院关于适用〈中华人民共和国民事诉讼法〉的解释》 article 485); how long is data (`rules.json`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.kernel.schedule import months_later
from zhongtai.operations.account.domain import Account, AccountMustBeOpen, AccountStatus, Hold
from zhongtai.operations.account_stop.domain import let_go, stopped

FREEZES_MAX = 20
# A freeze ends by its business date or by being lifted, never by the clock.
_EVER = datetime(9999, 12, 31, tzinfo=UTC)


class FreezeNotFound(Missing):
    """There is no freeze {freeze_id}: check the id.

    冻结{freeze_id}不存在：请核对编号。
    """

    freeze_id: str


class FreezeMustStand(Unmet):
    """The freeze {freeze_id} is {status}: serve a new one.

    冻结{freeze_id}状态为{status}：请重新办理冻结。
    """

    freeze_id: str
    status: str


class FreezeMustBeJudicial(Unmet):
    """The freeze {freeze_id} is the bank's own: only what an authority froze can be deducted.

    冻结{freeze_id}为银行控制：仅有权机关冻结可办理扣划。
    """

    freeze_id: str


class FreezeMustEndInTime(Invalid):
    """A freeze ends after today and by {latest}: choose a day between.

    冻结到期日须晚于今日且不晚于{latest}：请调整。
    """

    latest: date


class FreezesExhausted(Unmet):
    """The account {account_id} has {maximum} freezes, the most there may be: lift one first.

    账户{account_id}已有{maximum}笔冻结，达到上限：请先解除其中一笔。
    """

    account_id: str
    maximum: int


class AuthorityMustBeNamed(Invalid):
    """A judicial freeze names the authority and the number of its order: fill in both.

    有权机关冻结须写明机关名称与文书编号：请填写。
    """


class FrozenAmountExhausted(Unmet):
    """The freeze covers {covered}: deduct that or less.

    该冻结当前覆盖{covered}：请在此范围内扣划。
    """

    covered: Money


class FreezeKind(StrEnum):
    """Who froze."""

    JUDICIAL = "JUDICIAL"
    BANK = "BANK"


class FreezeStatus(StrEnum):
    """How a freeze stands."""

    STANDING = "STANDING"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class FreezeRule:
    """How long a freeze of a kind lasts at the most, from the day it is served or renewed."""

    kind: FreezeKind
    months: int
    source: str
    confirm: bool = False

    def ends_on(self, asked: date | None, today: date) -> date:
        """The last day: the one asked for, or the latest there may be."""
        latest = months_later(today, self.months)
        ends_on = asked or latest
        if not today < ends_on <= latest:
            raise FreezeMustEndInTime(latest=latest)
        return ends_on


@dataclass(frozen=True, slots=True)
class FundsFrozen:
    """A freeze was served."""

    account_id: str
    freeze_id: str
    kind: FreezeKind
    amount: Money | None
    ends_on: date


@dataclass(frozen=True, slots=True)
class FreezeEnded:
    """A freeze is over."""

    account_id: str
    freeze_id: str
    status: FreezeStatus


@dataclass(frozen=True, slots=True)
class FrozenFundsDeducted:
    """Money was paid out of a freeze."""

    account_id: str
    freeze_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class AccountFreeze:
    """One freeze; without an amount it is of the whole account. Ids sort by the time of service, which is the order."""

    freeze_id: str
    account_id: str
    kind: FreezeKind
    authority: str
    document: str
    amount: Money | None
    reason: str
    frozen_on: date
    ends_on: date
    renewals: int
    deducted: Money
    status: FreezeStatus

    @property
    def stands(self) -> bool:
        """True while it is in force or waits."""
        return self.status is FreezeStatus.STANDING

    def served(self, others: Sequence["AccountFreeze"]) -> FundsFrozen:
        """The fact of a freeze that is served behind others of the account that stand."""
        if self.kind is FreezeKind.JUDICIAL and not (self.authority and self.document):
            raise AuthorityMustBeNamed()
        if len(others) >= FREEZES_MAX:
            raise FreezesExhausted(account_id=self.account_id, maximum=FREEZES_MAX)
        return FundsFrozen(self.account_id, self.freeze_id, self.kind, self.amount, self.ends_on)

    def must_stand(self) -> "AccountFreeze":
        """The freeze itself; refuses one that is over."""
        if not self.stands:
            raise FreezeMustStand(freeze_id=self.freeze_id, status=self.status)
        return self

    def renewed(self, ends_on: date) -> "AccountFreeze":
        """The freeze with a later day; its place in the order stays."""
        return replace(self.must_stand(), ends_on=ends_on, renewals=self.renewals + 1)

    def ended(self, status: FreezeStatus) -> tuple["AccountFreeze", FreezeEnded | None]:
        """The freeze, over; one that is over already stays as it is."""
        if not self.stands:
            return self, None
        return replace(self, status=status), FreezeEnded(self.account_id, self.freeze_id, status)

    def reduced(self, amount: Money, covered: Money) -> "AccountFreeze":
        """The freeze after an amount was deducted from what it covers."""
        if self.must_stand().kind is not FreezeKind.JUDICIAL:
            raise FreezeMustBeJudicial(freeze_id=self.freeze_id)
        if amount > covered:
            raise FrozenAmountExhausted(covered=covered)
        rest = None if self.amount is None else self.amount - amount
        return replace(self, amount=rest, deducted=self.deducted + amount)


def covered(standing: Sequence[AccountFreeze], balance: Money) -> dict[str, Money]:
    """What of a balance each freeze covers, by id: each in its turn, what those before it leave."""
    left = max(balance, balance.nothing)
    found = {}
    for freeze in standing:
        share = left if freeze.amount is None else min(freeze.amount, left)
        found[freeze.freeze_id] = share
        left -= share
    return found


def bound(account: Account, standing: Sequence[AccountFreeze], before: Sequence[AccountFreeze]) -> Account:
    """The account as its standing freezes have it: what is frozen set aside, debits stopped where one is of the whole.

    `before` are the freezes it was bound by until now. Refuses a closed account.
    """
    if account.status is AccountStatus.CLOSED and standing:
        raise AccountMustBeOpen(account_id=account.account_id)
    ours = {freeze.freeze_id for freeze in (*before, *standing)}
    kept = tuple(hold for hold in account.holds if hold.hold_id not in ours)
    frozen = tuple(Hold(freeze.freeze_id, freeze.amount, _EVER, freeze.reason) for freeze in standing if freeze.amount)
    whole = [freeze.freeze_id for freeze in standing if freeze.amount is None]
    free = let_go(replace(account, holds=(*kept, *frozen)), *ours)
    return stopped(free, *whole) if whole else free
