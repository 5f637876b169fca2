"""A pending entry (待决凭证): what is held until another entry posts it, in part or in full, or gives it back.

Always true: a pending entry is resolved once at the most, by no more than it holds, and not after it expired.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unmet
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.ledger.domain import Draft, Entry, EntryKind, Leg, own

LASTS = timedelta(days=7)


class EntryMustBePending(Unmet):
    """{entry_id} is not a pending entry: name one that was posted as pending.

    凭证{entry_id}不是待决凭证：请填写待决凭证的编号。
    """

    entry_id: str


class PendingEntryMustBeUnresolved(Unmet):
    """The pending entry {entry_id} was resolved by {resolved_by}: post a new entry.

    待决凭证{entry_id}已由{resolved_by}处理：请另记凭证。
    """

    entry_id: str
    resolved_by: str


class PendingEntryMustNotHaveExpired(Unmet):
    """The pending entry {entry_id} expired at {expires_at}: post a new entry.

    待决凭证{entry_id}已于{expires_at}失效：请另记凭证。
    """

    entry_id: str
    expires_at: datetime


class PendingAmountMustSuffice(Unmet):
    """The pending entry {entry_id} holds {pending} where {amount} is to be posted: post that or less.

    待决凭证{entry_id}仅预留{pending}，不足以入账{amount}：请减少金额。
    """

    entry_id: str
    pending: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """A pending entry, and the entry that resolved it, if one did."""

    entry: Entry
    resolved_by: str = ""

    def legs_for(self, draft: Draft, now: datetime) -> tuple[Leg, ...]:
        """The legs by which a draft posts or voids it; refuses what it does not hold."""
        entry = self.entry
        if entry.kind is not EntryKind.PENDING:
            raise EntryMustBePending(entry_id=entry.entry_id)
        if self.resolved_by:
            raise PendingEntryMustBeUnresolved(entry_id=entry.entry_id, resolved_by=self.resolved_by)
        if draft.kind is EntryKind.VOID_PENDING:
            return tuple(map(own, entry.legs))
        assert entry.expires_at is not None, "what is pending expires"
        if entry.expires_at <= now:
            raise PendingEntryMustNotHaveExpired(entry_id=entry.entry_id, expires_at=entry.expires_at)
        if not draft.legs:
            return tuple(map(own, entry.legs))
        held = {_place(own(leg)): leg.amount for leg in entry.legs}
        for leg in draft.legs:
            pending = held.pop(_place(leg), Money(leg.amount.currency, 0))
            if leg.amount > pending:
                raise PendingAmountMustSuffice(entry_id=entry.entry_id, pending=pending, amount=leg.amount)
        return draft.legs


def hold(accounts: Mapping[str, Account], draft: Draft, legs: tuple[Leg, ...], now: datetime) -> dict[str, Account]:
    """The accounts after a pending entry: each holds what the legs, taken together, would take from it."""
    held = {}
    for account_id, signed in net(legs).items():
        account = accounts[account_id]
        taken = -signed if account.side is Side.DEBIT else signed
        if taken > 0:
            amount = Money(account.currency_code, taken)
            held[account_id], _ = account.place_hold(draft.entry_id, amount, draft.expires_at, draft.narrative, now)
    return held


def release(accounts: Mapping[str, Account], entry_id: str, now: datetime) -> dict[str, Account]:
    """The accounts without what a pending entry holds of them."""
    return {account_id: account.release_hold(entry_id, now)[0] for account_id, account in accounts.items()}


def net(legs: tuple[Leg, ...]) -> dict[str, int]:
    """What legs come to for each account that they move, debits above zero."""
    totals: dict[str, int] = {}
    for leg in legs:
        if leg.account_id:
            totals[leg.account_id] = totals.get(leg.account_id, 0) + leg.signed
    return totals


def _place(leg: Leg) -> tuple[str, str, str, str]:
    return leg.account_code, leg.account_id, leg.side, leg.amount.currency
