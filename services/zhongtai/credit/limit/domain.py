"""A credit limit (额度): how much a customer may owe, and how much of it is held and used.

Always true: held + used ≤ granted, and nothing of it is negative. A `Limit` that breaks this cannot be made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from zhongtai.credit.limit_hold.domain import (
    Hold,
    HoldAlreadyCommitted,
    HoldMustBeOpen,
    HoldMustNotHaveExpired,
    HoldStatus,
    LimitCommitted,
    LimitHeld,
    LimitReleased,
)
from zhongtai.credit.limit_node.domain import Claim, Claimed, LimitExhausted, NodeKind
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing, Unmet


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


class LimitMustBeActive(Unmet):
    """The limit {limit_id} is frozen: ask the bank to unfreeze it.

    额度{limit_id}已冻结：请联系银行解冻。
    """

    limit_id: str


class LimitStatus(StrEnum):
    """How a limit stands."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"


class GrantStatus(StrEnum):
    """How a grant stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


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
class LimitRestored:
    """Use was given back because the customer repaid."""

    limit_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitUsedAgain:
    """Principal that had been given back is owed again."""

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


HoldFact = LimitHeld | LimitReleased | LimitCommitted | LimitRestored | LimitUsedAgain
Facts = tuple[HoldFact | LimitGranted | LimitLowered | LimitFrozen | LimitUnfrozen, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """One promise of a limit, of its whole amount; kept, so that it can be withdrawn.

    A temporary increase (临时调增) is a grant that ends by itself after the day `until`.
    """

    limit_id: str
    grant_id: str
    amount: Money
    status: GrantStatus = GrantStatus.STANDING
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """What a customer may owe under a product line.

    `standing` is the highest grant that stands. `granted` is above it only while what is held and used is. An
    exclusive limit (独占额度) sets aside all it grants above it; `spent` is what was repaid of a limit that does not
    revolve (不循环额度), and None where it does.
    """

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money
    held: Money
    used: Money
    status: LimitStatus
    standing: Money
    exclusive: bool = False
    spent: Money | None = None

    def __post_init__(self) -> None:
        assert self.held.minor_units >= 0
        assert self.used.minor_units >= 0
        assert self.held + self.used <= self.granted, "held + used must not exceed granted"
        promised = _promised(self.standing, self.spent)
        assert self.granted == max(promised, self.held + self.used), "granted must be a grant, or still in use"

    @property
    def available(self) -> Money:
        """How much may still be held; nothing while a withdrawn grant is still in use."""
        return self.granted - self.held - self.used

    @property
    def claim(self) -> Claim:
        """What it asks of its customer and its product line: an exclusive limit all that it grants."""
        return Claim.of(self.held, self.used, self.available if self.exclusive else None)

    def claimed_since(self, before: "Limit | None") -> tuple[Claimed, ...]:
        """What changed in what it asks of its customer and its product line; all of it where it is new."""
        asked = Claim.nothing(self.held.currency) if before is None else before.claim
        things = ((NodeKind.CUSTOMER, self.customer_id), (NodeKind.PRODUCT, self.product_line))
        return tuple(Claimed(kind, subject, asked, self.claim) for kind, subject in things)

    def grant(self, grant_id: str, amount: Money, until: date | None = None) -> tuple["Limit", Grant, Facts]:
        """Raises the limit to a whole amount, through a day; a lower amount than it has leaves it as it is."""
        self._must_be_active()
        raised = self._with(standing=max(amount, self.standing))
        facts: Facts = (raised._granted(),) if raised.granted > self.granted else ()
        return raised, Grant(self.limit_id, grant_id, amount, until=until), facts

    def withdraw(self, grant: Grant, highest_other: Money | None) -> tuple["Limit", Grant, Facts]:
        """Takes a grant back, down to the highest other that stands, and not below what is held and used.

        Taking it back again changes nothing: the others stand as they stood.
        """
        return self._without(grant, highest_other, GrantStatus.WITHDRAWN)

    def expire(self, grant: Grant, highest_other: Money | None) -> tuple["Limit", Grant, Facts]:
        """Ends a temporary increase, as if it were taken back."""
        return self._without(grant, highest_other, GrantStatus.EXPIRED)

    def reduce(self, standing: Iterable[Grant], amount: Money) -> tuple["Limit", list[Grant], Facts]:
        """Lowers every grant that stands to an amount at most (调减); use above it goes as it is given back."""
        reduced = self._with(standing=min(self.standing, amount))
        lowered = [replace(grant, amount=amount) for grant in standing if grant.amount > amount]
        return reduced, lowered, reduced._lowered_since(self)

    def hold(
        self,
        hold_id: str,
        amount: Money,
        *,
        expires_at: datetime,
        now: datetime,
        counterparty_id: str = "",
        scenario_id: str = "",
    ) -> tuple["Limit", Hold, Facts]:
        """Sets an amount aside until `expires_at`, for business with a counterparty, under a scenario."""
        self._must_be_active()
        if expires_at <= now:
            raise HoldMustNotHaveExpired(expires_at=expires_at)
        if amount > self.available:
            raise LimitExhausted(node=self.limit_id, available=self.available)
        hold = Hold(
            self.limit_id, hold_id, amount, expires_at, counterparty_id=counterparty_id, scenario_id=scenario_id
        )
        return self._with(held=self.held + amount), hold, (LimitHeld(self.limit_id, hold_id, amount),)

    def use(self, hold_id: str, amount: Money, now: datetime) -> tuple["Limit", Hold]:
        """Uses an amount at once, as a hold that is committed: what was lent elsewhere is taken over."""
        self._must_be_active()
        if amount > self.available:
            raise LimitExhausted(node=self.limit_id, available=self.available)
        return self._with(used=self.used + amount), Hold(self.limit_id, hold_id, amount, now, HoldStatus.COMMITTED)

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
        restored = self._with(used=self.used - amount, spent=None if self.spent is None else self.spent + amount)
        return restored, (LimitRestored(self.limit_id, amount), *restored._lowered_since(self))

    def use_again(self, amount: Money) -> tuple["Limit", Facts]:
        """Counts principal that is owed again, whether there is room or not: the debt is there."""
        spent = None if self.spent is None else max(self.spent - amount, amount.nothing)
        used = self._with(used=self.used + amount, spent=spent)
        raised: Facts = (used._granted(),) if used.granted > self.granted else ()
        return used, (LimitUsedAgain(self.limit_id, amount), *raised, *used._lowered_since(self))

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

    def _without(self, grant: Grant, highest_other: Money | None, status: GrantStatus) -> tuple["Limit", Grant, Facts]:
        lowered = self._with(standing=self.granted.nothing if highest_other is None else highest_other)
        return lowered, replace(grant, status=status), lowered._lowered_since(self)

    def _with(self, **changes: Money | None) -> "Limit":
        """The limit with new figures, granted as low as they allow: a withdrawn grant goes as soon as it is free."""
        names = ("standing", "held", "used", "spent")
        figures: dict[str, Any] = {name: changes.get(name, getattr(self, name)) for name in names}
        in_use = figures["held"] + figures["used"]
        return replace(self, **figures, granted=max(_promised(figures["standing"], figures["spent"]), in_use))

    def _granted(self) -> LimitGranted:
        return LimitGranted(self.limit_id, self.customer_id, self.product_line, self.granted)

    def _lowered_since(self, before: "Limit") -> Facts:
        if self.granted >= before.granted:
            return ()
        return (LimitLowered(self.limit_id, self.customer_id, self.product_line, self.granted),)


def first_grant(
    *,
    limit_id: str,
    grant_id: str,
    customer_id: str,
    product_line: str,
    amount: Money,
    until: date | None = None,
    exclusive: bool = False,
    revolving: bool = True,
) -> tuple[Limit, Grant, Facts]:
    """A customer's first limit under a product line, in the currency of the amount."""
    nothing = amount.nothing
    figures = (nothing, nothing, nothing, LimitStatus.ACTIVE, nothing, exclusive, None if revolving else nothing)
    return Limit(limit_id, customer_id, product_line, *figures).grant(grant_id, amount, until)


def _promised(standing: Money, spent: Money | None) -> Money:
    """What is granted where nothing is in use: the highest grant, less what was spent of it for good."""
    return standing if spent is None else max(standing - spent, standing.nothing)
