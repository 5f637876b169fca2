"""A node of the limit tree (额度树节点): what a group, customer, product line, counterparty or scenario owes in all.

Always true: held and used of a node are the sums of everything beneath it, and something new is held only where it fits
under every cap from its limit to the root. A node that nobody gave a cap only counts.

There is a tree for each kind of thing (customers beneath groups, every other kind beneath its own), so a hold meets a
node once. What stood before its cap was lowered, or it moved, stays counted, and nothing new is held beneath it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.credit.exposure_rule.domain import Obligor
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

LEVELS_AT_MOST = 8
# A node is found by what it is of: its kind and subject, once in each currency.
Thing = tuple["NodeKind", str]


class LimitNodeNotFound(Missing):
    """There is no limit node {node_id}: check the id, or open the node first.

    额度节点{node_id}不存在：请核对编号，或先开立。
    """

    node_id: str


class LimitNodeAlreadyOpen(Taken):
    """The node {node_id} was opened before: change its cap or its place instead.

    额度节点{node_id}已开立：请调整其上限或归属。
    """

    node_id: str


class LimitNodeMustBeActive(Unmet):
    """{node} is frozen: ask the bank to unfreeze it.

    {node}已冻结：请联系银行解冻。
    """

    node: str


class LimitExhausted(Unmet):
    """Only {available} of {node} is free: ask for less, or repay first.

    {node}仅余{available}：请减少金额，或先还款。
    """

    node: str
    available: Money


class ExclusiveNodeMustHaveCap(Invalid):
    """An exclusive node sets its cap aside above it, and {node} has none: give it a cap.

    独占节点须有上限，{node}没有：请设置上限。
    """

    node: str


class TemporaryCapMustBeHigher(Invalid):
    """The temporary cap {temporary} is not above the cap {cap}: raise it, or change the cap itself.

    临时上限{temporary}未高于现有上限{cap}：请提高，或直接调整上限。
    """

    temporary: Money
    cap: Money


class EndDateMustBeAhead(Invalid):
    """The increase would end on {until}, which is past: choose today or a later day.

    临时调增截止日{until}已过：请选择今日或更晚日期。
    """

    until: date


class LimitNodeMustNotStandBeneathItself(Invalid):
    """{node} would stand beneath itself: choose another parent.

    {node}将隶属于自身：请选择其他上级。
    """

    node: str


class LimitTreeTooDeep(Invalid):
    """The tree would have more than {maximum} levels: stand the node higher.

    额度树将超过{maximum}层：请提高节点层级。
    """

    maximum: int


class NodeKind(StrEnum):
    """What a node is of."""

    GROUP = "GROUP"
    CUSTOMER = "CUSTOMER"
    PRODUCT = "PRODUCT"
    COUNTERPARTY = "COUNTERPARTY"
    SCENARIO = "SCENARIO"

    @property
    def above(self) -> "NodeKind":
        """The kind of its parents."""
        return NodeKind.GROUP if self is NodeKind.CUSTOMER else self


@dataclass(frozen=True, slots=True)
class Claim:
    """What something beneath a node asks of it: held, used, set aside for it alone, and owed but not lent."""

    held: Money
    used: Money
    reserved: Money
    other: Money

    @classmethod
    def nothing(cls, currency: str) -> "Claim":
        """No claim."""
        none = Money(currency, 0)
        return cls(none, none, none, none)

    @classmethod
    def of(cls, held: Money, used: Money, reserved: Money | None = None) -> "Claim":
        """The claim of a limit, or of one hold on it."""
        none = Money(held.currency, 0)
        return cls(held, used, reserved or none, none)

    @property
    def total(self) -> Money:
        """What counts under a cap."""
        return self.held + self.used + self.reserved


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a limit or a hold asked of a thing, and what it asks of it now."""

    kind: NodeKind
    subject: str
    before: Claim
    after: Claim

    @property
    def thing(self) -> Thing:
        """The thing, as its node is found by it."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class LimitNodeOpened:
    """A node was given a cap and a place."""

    node_id: str
    node: "LimitNode"


@dataclass(frozen=True, slots=True)
class LimitNodeCapped:
    """The cap of a node changed, for good or until a day."""

    node_id: str
    cap: Money | None
    temporary_cap: Money | None
    temporary_until: date | None


@dataclass(frozen=True, slots=True)
class OverallCapSet:
    """What a thing may owe over all currencies changed; None takes the cap away."""

    node_id: str
    overall_cap: Money | None


@dataclass(frozen=True, slots=True)
class LimitNodeMoved:
    """A node stands beneath another parent."""

    node_id: str
    from_parent: str
    parent: str


@dataclass(frozen=True, slots=True)
class LimitNodeFrozen:
    """Nothing new is held beneath a node."""

    node_id: str


@dataclass(frozen=True, slots=True)
class LimitNodeUnfrozen:
    """New holds are taken beneath a node again."""

    node_id: str


@dataclass(frozen=True, slots=True)
class ExposureReported:
    """What a customer owes in other ways than loans was reported."""

    node_id: str
    other: Money


@dataclass(frozen=True, slots=True)
class LimitNode:
    """A node in one currency; `parent` is the subject of the node above it, empty at a root.

    `reserved` is what exclusive claims beneath it have set aside and not used. The temporary cap counts through its day
    and is not set aside above an exclusive node; the overall cap is over all currencies.
    """

    node_id: str
    kind: NodeKind
    subject: str
    currency_code: str
    parent: str
    obligor: Obligor
    exclusive: bool
    frozen: bool
    opened: bool
    cap: Money | None
    temporary_cap: Money | None
    temporary_until: date | None
    held: Money
    used: Money
    reserved: Money
    other: Money
    overall_cap: Money | None = None

    def __post_init__(self) -> None:
        assert min(one.minor_units for one in (self.held, self.used, self.reserved, self.other)) >= 0
        assert self.cap is not None or not self.exclusive, "an exclusive node sets its cap aside"

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def total(self) -> Money:
        """What counts under its cap."""
        return self.held + self.used + self.reserved

    @property
    def claim(self) -> Claim:
        """What it asks of the node above it: an exclusive node its whole cap, whether it is used or not."""
        reserved = self.reserved
        if self.exclusive and self.cap is not None:
            reserved = max(self.cap - self.held - self.used, reserved)
        return Claim(self.held, self.used, reserved, self.other)

    def cap_on(self, on: date) -> Money | None:
        """The cap that counts on a day."""
        if self.temporary_cap is None or self.temporary_until is None or on > self.temporary_until:
            return self.cap
        return self.temporary_cap

    def available(self, on: date) -> Money | None:
        """How much more may be held beneath it on a day; None where nobody gave it a cap."""
        cap = self.cap_on(on)
        return None if cap is None else max(cap - self.total, Money(self.currency_code, 0))

    def count(self, before: Claim, after: Claim, new_on: date | None = None) -> "LimitNode":
        """The node once a claim beneath it has changed; `new_on` is the day where something new is asked for.

        Without it the change has happened whether there is room or not, and is counted.
        """
        counted = replace(
            self,
            held=_following(self.held, before.held, after.held),
            used=_following(self.used, before.used, after.used),
            reserved=_following(self.reserved, before.reserved, after.reserved),
            other=_following(self.other, before.other, after.other),
        )
        if new_on is not None:
            counted._must_take(self, new_on)
        return counted

    def _must_take(self, before: "LimitNode", on: date) -> None:
        """Refuses what is new beneath a frozen node, and what does not fit under the cap."""
        cap = self.cap_on(on)
        if cap is None and not self.frozen:
            return
        grown = self.total > before.total
        if self.frozen and (grown or self.held > before.held):
            raise LimitNodeMustBeActive(node=str(self))
        if grown and cap is not None and self.total > cap:
            raise LimitExhausted(node=str(self), available=max(cap - before.total, Money(self.currency_code, 0)))

    def open(self, cap: Money, *, exclusive: bool) -> tuple["LimitNode", LimitNodeOpened]:
        """Gives the node its first cap; once."""
        if self.opened:
            raise LimitNodeAlreadyOpen(node_id=self.node_id)
        _ = cap - self.total
        opened = replace(self, cap=cap, exclusive=exclusive, opened=True)
        return opened, LimitNodeOpened(self.node_id, opened)

    def stand_for(self, obligor: Obligor) -> "LimitNode":
        """The node, of that kind of customer."""
        return replace(self, obligor=obligor)

    def set_cap(self, cap: Money | None) -> tuple["LimitNode", LimitNodeCapped]:
        """Raises, lowers or takes away the cap; a temporary one that is not above it any more ends."""
        if cap is None and self.exclusive:
            raise ExclusiveNodeMustHaveCap(node=str(self))
        _ = self.total if cap is None else cap - self.total
        keeps = self.temporary_cap is not None and cap is not None and self.temporary_cap > cap
        changed = replace(
            self,
            cap=cap,
            temporary_cap=self.temporary_cap if keeps else None,
            temporary_until=self.temporary_until if keeps else None,
        )
        return changed, changed._capped()

    def raise_until(self, temporary_cap: Money, until: date, *, on: date) -> tuple["LimitNode", LimitNodeCapped]:
        """Raises the cap through the day `until`; what is still in use then stays counted."""
        if until < on:
            raise EndDateMustBeAhead(until=until)
        if self.cap is None or temporary_cap <= self.cap:
            raise TemporaryCapMustBeHigher(temporary=temporary_cap, cap=self.cap or temporary_cap)
        changed = replace(self, temporary_cap=temporary_cap, temporary_until=until)
        return changed, changed._capped()

    def freeze(self) -> tuple["LimitNode", LimitNodeFrozen | None]:
        """Stops new holds beneath it; what is held and used stays."""
        return replace(self, frozen=True), None if self.frozen else LimitNodeFrozen(self.node_id)

    def unfreeze(self) -> tuple["LimitNode", LimitNodeUnfrozen | None]:
        """Takes new holds beneath it again."""
        return replace(self, frozen=False), LimitNodeUnfrozen(self.node_id) if self.frozen else None

    def report(self, other: Money) -> tuple["LimitNode", ExposureReported | None]:
        """Keeps the whole of what is owed in other ways than loans: bonds, guarantees, interbank lending."""
        _ = other - self.other
        fact = ExposureReported(self.node_id, other) if other != self.other else None
        return replace(self, other=other), fact

    def stand_beneath(self, above: Sequence["LimitNode"], *, levels: int) -> tuple["LimitNode", LimitNodeMoved | None]:
        """Stands the node, and the levels from it downwards, beneath another parent; at a root where there is none."""
        if any(one.subject == self.subject and one.kind is self.kind for one in above):
            raise LimitNodeMustNotStandBeneathItself(node=str(self))
        if len(above) + levels > LEVELS_AT_MOST:
            raise LimitTreeTooDeep(maximum=LEVELS_AT_MOST)
        parent = above[0].subject if above else ""
        fact = LimitNodeMoved(self.node_id, self.parent, parent) if parent != self.parent else None
        return replace(self, parent=parent), fact

    def _capped(self) -> LimitNodeCapped:
        return LimitNodeCapped(self.node_id, self.cap, self.temporary_cap, self.temporary_until)


def empty_node(node_id: str, kind: NodeKind, subject: str, currency: str, place: LimitNode | None) -> LimitNode:
    """A node that only counts, at the place it has in another currency."""
    nothing = Money(currency, 0)
    return LimitNode(
        node_id=node_id,
        kind=kind,
        subject=subject,
        currency_code=currency,
        parent=place.parent if place else "",
        obligor=place.obligor if place else Obligor.NON_BANK,
        exclusive=False,
        frozen=place.frozen if place else False,
        opened=False,
        cap=None,
        temporary_cap=None,
        temporary_until=None,
        held=nothing,
        used=nothing,
        reserved=nothing,
        other=nothing,
        overall_cap=place.overall_cap if place else None,
    )


def _following(total: Money, before: Money, after: Money) -> Money:
    """A sum once a part of it has changed."""
    return total if before == after else total + (after - before)
