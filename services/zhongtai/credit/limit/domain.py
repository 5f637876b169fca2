"""A credit limit (额度): how much a customer may owe, and how much of it is held and used.

Always true: held + used ≤ granted, and nothing of it is negative. A `Limit` that breaks this cannot be made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing, Unmet

HOLD_LASTS = timedelta(days=1)


class LimitNotFound(Missing):
    """There is no limit {limit_id}: check the id, or grant a limit first.

    额度{limit_id}不存在：请核对编号，或先授信。
    """

    limit_id: str


class GrantNotFound(Missing):
    """The limit {limit_id} has no grant {grant_id}: check the id.

    额度{limit_id}没有编号为{grant_id}的授信：请核对编号。
    """

    limit_id: str
    grant_id: str


class HoldNotFound(Missing):
    """The limit {limit_id} has no hold {hold_id}: check the id.

    额度{limit_id}没有编号为{hold_id}的预占：请核对编号。
    """

    limit_id: str
    hold_id: str


class LimitMustBeActive(Unmet):
    """The limit {limit_id} is frozen: ask the bank to unfreeze it.

    额度{limit_id}已冻结：请联系银行解冻。
    """

    limit_id: str


class LimitExhausted(Unmet):
    """Only {available} of the limit is free: ask for less, or repay first.

    额度仅余{available}：请减少金额，或先还款。
    """

    available: Money


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


class LimitStatus(StrEnum):
    """How a limit stands."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"


class GrantStatus(StrEnum):
    """How a grant stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"


class HoldStatus(StrEnum):
    """How a hold stands."""

    OPEN = "OPEN"
    COMMITTED = "COMMITTED"
    RELEASED = "RELEASED"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class LimitGranted:
    """A limit was granted or raised."""

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money


@dataclass(frozen=True, slots=True)
class LimitLowered:
    """A limit fell because a grant was withdrawn."""

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money


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
class LimitRestored:
    """Use was given back because the customer repaid."""

    limit_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitFrozen:
    """No new holds are taken on the limit."""

    limit_id: str


@dataclass(frozen=True, slots=True)
class LimitUnfrozen:
    """New holds are taken on the limit again."""

    limit_id: str


Fact = (
    LimitGranted
    | LimitLowered
    | LimitHeld
    | LimitReleased
    | LimitCommitted
    | LimitRestored
    | LimitFrozen
    | LimitUnfrozen
)
Facts = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """One promise of a limit, of its whole amount; kept, so that it can be withdrawn."""

    limit_id: str
    grant_id: str
    amount: Money
    status: GrantStatus = GrantStatus.STANDING


@dataclass(frozen=True, slots=True)
class Hold:
    """An amount set aside on a limit; from `expires_at` on it is no longer held."""

    limit_id: str
    hold_id: str
    amount: Money
    expires_at: datetime
    status: HoldStatus = HoldStatus.OPEN

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


@dataclass(frozen=True, slots=True)
class Limit:
    """What a customer may owe under a product line.

    `standing` is the highest grant that was not withdrawn. `granted` is above it only while what is held and used is.
    """

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money
    held: Money
    used: Money
    status: LimitStatus
    standing: Money

    def __post_init__(self) -> None:
        assert self.held.minor_units >= 0
        assert self.used.minor_units >= 0
        assert self.held + self.used <= self.granted, "held + used must not exceed granted"
        assert self.granted == max(self.standing, self.held + self.used), "granted must be a grant, or still in use"

    @property
    def available(self) -> Money:
        """How much may still be held; nothing while a withdrawn grant is still in use."""
        return self.granted - self.held - self.used

    def grant(self, grant_id: str, amount: Money) -> tuple["Limit", Grant, Facts]:
        """Raises the limit to a whole amount; a lower amount than it has leaves it as it is."""
        self._must_be_active()
        raised = self._with(standing=max(amount, self.standing))
        facts: Facts = (raised._granted(),) if raised.granted > self.granted else ()
        return raised, Grant(self.limit_id, grant_id, amount), facts

    def withdraw(self, grant: Grant, highest_other: Money | None) -> tuple["Limit", Grant, Facts]:
        """Takes a grant back, down to the highest other that stands, and not below what is held and used.

        Taking it back again changes nothing: the others stand as they stood.
        """
        lowered = self._with(standing=_nothing(self.granted) if highest_other is None else highest_other)
        return lowered, replace(grant, status=GrantStatus.WITHDRAWN), lowered._lowered_since(self)

    def hold(self, hold_id: str, amount: Money, *, expires_at: datetime, now: datetime) -> tuple["Limit", Hold, Facts]:
        """Sets an amount aside until `expires_at`."""
        self._must_be_active()
        if expires_at <= now:
            raise HoldMustNotHaveExpired(expires_at=expires_at)
        if amount > self.available:
            raise LimitExhausted(available=self.available)
        hold = Hold(self.limit_id, hold_id, amount, expires_at)
        return self._with(held=self.held + amount), hold, (LimitHeld(self.limit_id, hold_id, amount),)

    def lapse(self, due: Iterable[Hold]) -> tuple["Limit", list[Hold], Facts]:
        """Gives back the open holds that have expired."""
        limit, lapsed = self, []
        facts: Facts = ()
        for hold in due:
            assert hold.status is HoldStatus.OPEN
            limit, freed = limit._free(hold)
            lapsed.append(replace(hold, status=HoldStatus.LAPSED))
            facts += freed
        return limit, lapsed, facts

    def release(self, hold: Hold) -> tuple["Limit", Hold, Facts]:
        """Gives a hold back; one that was given back already, or lapsed, stays as it is."""
        if hold.status is HoldStatus.COMMITTED:
            raise HoldAlreadyCommitted(hold_id=hold.hold_id)
        if hold.status is not HoldStatus.OPEN:
            return self, hold, ()
        limit, facts = self._free(hold)
        return limit, replace(hold, status=HoldStatus.RELEASED), facts

    def commit(self, hold: Hold) -> tuple["Limit", Hold, Facts]:
        """Turns a hold into use, whether the limit is frozen or not: the money has left already.

        A hold that lapsed is taken again if its amount is still free: refusing would leave a debt that no limit shows.
        """
        if hold.status is HoldStatus.COMMITTED:
            return self, hold, ()
        if hold.status is HoldStatus.RELEASED:
            raise HoldMustBeOpen(hold_id=hold.hold_id)
        limit = self
        again: Facts = ()
        if hold.status is HoldStatus.LAPSED:
            if hold.amount > self.available:
                raise HoldMustNotHaveExpired(expires_at=hold.expires_at)
            limit = self._with(held=self.held + hold.amount)
            again = (LimitHeld(self.limit_id, hold.hold_id, hold.amount),)
        limit = limit._with(held=limit.held - hold.amount, used=limit.used + hold.amount)
        facts = (*again, LimitCommitted(self.limit_id, hold.hold_id, hold.amount))
        return limit, replace(hold, status=HoldStatus.COMMITTED), facts

    def restore(self, amount: Money) -> tuple["Limit", Facts]:
        """Gives use back because that much principal was repaid."""
        if not amount:
            return self, ()
        assert amount <= self.used, "more was repaid than the limit has in use: some loan was never committed"
        restored = self._with(used=self.used - amount)
        return restored, (LimitRestored(self.limit_id, amount), *restored._lowered_since(self))

    def freeze(self) -> tuple["Limit", Facts]:
        """Stops new holds; what is held and used stays."""
        if self.status is LimitStatus.FROZEN:
            return self, ()
        return replace(self, status=LimitStatus.FROZEN), (LimitFrozen(self.limit_id),)

    def unfreeze(self) -> tuple["Limit", Facts]:
        """Takes new holds again."""
        if self.status is LimitStatus.ACTIVE:
            return self, ()
        return replace(self, status=LimitStatus.ACTIVE), (LimitUnfrozen(self.limit_id),)

    def _must_be_active(self) -> None:
        if self.status is not LimitStatus.ACTIVE:
            raise LimitMustBeActive(limit_id=self.limit_id)

    def _free(self, hold: Hold) -> tuple["Limit", Facts]:
        freed = self._with(held=self.held - hold.amount)
        return freed, (LimitReleased(self.limit_id, hold.hold_id, hold.amount), *freed._lowered_since(self))

    def _with(self, *, standing: Money | None = None, held: Money | None = None, used: Money | None = None) -> "Limit":
        """The limit with new figures, granted as low as they allow: a withdrawn grant goes as soon as it is free."""
        standing = self.standing if standing is None else standing
        held = self.held if held is None else held
        used = self.used if used is None else used
        return replace(self, standing=standing, held=held, used=used, granted=max(standing, held + used))

    def _granted(self) -> LimitGranted:
        return LimitGranted(self.limit_id, self.customer_id, self.product_line, self.granted)

    def _lowered_since(self, before: "Limit") -> Facts:
        if self.granted >= before.granted:
            return ()
        return (LimitLowered(self.limit_id, self.customer_id, self.product_line, self.granted),)


def first_grant(
    *, limit_id: str, grant_id: str, customer_id: str, product_line: str, amount: Money
) -> tuple[Limit, Grant, Facts]:
    """A customer's first limit under a product line."""
    nothing = _nothing(amount)
    empty = Limit(limit_id, customer_id, product_line, nothing, nothing, nothing, LimitStatus.ACTIVE, nothing)
    return empty.grant(grant_id, amount)


def _nothing(amount: Money) -> Money:
    return Money(amount.currency, 0)
