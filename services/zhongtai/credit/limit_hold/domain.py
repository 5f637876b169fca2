"""A hold (预占): an amount set aside on a limit until a moment, then in use, and given back as it is repaid.

Always true: a hold is open once, and ends once: committed, released or lapsed; only a lapsed one is committed late.
No more of it is given back than was in use.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.credit.limit_node.domain import Claim, Claimed, NodeKind
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing, Unmet

HOLD_LASTS = timedelta(days=1)


class HoldNotFound(Missing):
    """The limit {limit_id} has no hold {hold_id}: check the id.

    额度{limit_id}没有编号为{hold_id}的预占：请核对编号。
    """

    limit_id: str
    hold_id: str


class HoldMustBeOpen(Unmet):
    """The hold {hold_id} is no longer open: hold the amount again.

    预占{hold_id}已不可用：请重新预占。
    """

    hold_id: str


class HoldAlreadyCommitted(Unmet):
    """The hold {hold_id} is in use already: it is given back by repaying.

    预占{hold_id}已转为用信：请通过还款归还。
    """

    hold_id: str


class HoldMustNotHaveExpired(Unmet):
    """The hold expired at {expires_at}: hold the amount again.

    预占已于{expires_at}到期：请重新预占。
    """

    expires_at: datetime


class HoldStatus(StrEnum):
    """How a hold stands."""

    OPEN = "OPEN"
    COMMITTED = "COMMITTED"
    RELEASED = "RELEASED"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class LimitHeld:
    """An amount was set aside."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitReleased:
    """A hold was given back, or lapsed."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitCommitted:
    """A hold became use."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Hold:
    """An amount set aside on a limit; from `expires_at` on it is no longer held."""

    limit_id: str
    hold_id: str
    amount: Money
    expires_at: datetime
    status: HoldStatus = HoldStatus.OPEN
    counterparty_id: str = ""
    scenario_id: str = ""
    restored: Money | None = None

    def use_again(self, amount: Money) -> "Hold":
        """The hold whose loan owes so much again; `restored` is below zero where it owes more than was held."""
        return replace(self, restored=(self.restored or amount.nothing) - amount)

    @property
    def claim(self) -> Claim:
        """What it asks of the counterparty and the scenario it is for."""
        nothing = Money(self.amount.currency, 0)
        owed = self.amount - (self.restored or nothing)
        held, used = self.status is HoldStatus.OPEN, self.status is HoldStatus.COMMITTED
        return Claim.of(self.amount if held else nothing, owed if used else nothing)

    def claimed_since(self, before: "Hold | None") -> tuple[Claimed, ...]:
        """What changed in what it asks of its counterparty and its scenario; all of it where it is new."""
        asked = Claim.nothing(self.amount.currency) if before is None else before.claim
        things = ((NodeKind.COUNTERPARTY, self.counterparty_id), (NodeKind.SCENARIO, self.scenario_id))
        return tuple(Claimed(kind, subject, asked, self.claim) for kind, subject in things if subject)

    def as_of(self, now: datetime) -> "Hold":
        """The hold as it stands at a moment, whether or not anyone has touched its limit since it expired."""
        lapsed = self.status is HoldStatus.OPEN and self.expires_at <= now
        return replace(self, status=HoldStatus.LAPSED) if lapsed else self

    def must_be_open(self, now: datetime) -> None:
        """Refuses to build on a hold that no longer sets its amount aside."""
        status = self.as_of(now).status
        if status is HoldStatus.LAPSED:
            raise HoldMustNotHaveExpired(expires_at=self.expires_at)
        if status is not HoldStatus.OPEN:
            raise HoldMustBeOpen(hold_id=self.hold_id)


def give_back(committed: Iterable[Hold], amount: Money) -> list[tuple[Hold, Hold]]:
    """The holds whose use is given back because that much was repaid, before and after, in the order they are given."""
    changed, left = [], amount
    for hold in committed:
        part = min(left, hold.claim.used)
        if part:
            changed.append((hold, replace(hold, restored=part if hold.restored is None else hold.restored + part)))
            left -= part
    assert not left, "more was repaid than these holds have in use: some loan was never committed"
    return changed
