"""Collateral (抵质押品): items, and what they are worth.

Always true: no valuation is ever erased, and an item that secures a loan is not given back. The lendable value is what
the latest valuation leaves after the haircut, rounded down, because a price that was rounded up cannot be sold for.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import Money, exact
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class CollateralNotFound(Missing):
    """There is no collateral {collateral_id}: check the id.

    押品{collateral_id}不存在：请核对编号。
    """

    collateral_id: str


class CollateralAlreadyRegistered(Taken):
    """The title {title_number} is registered as {collateral_id}: pledge that item, behind what stands on it.

    权证{title_number}已登记为押品{collateral_id}：请在该押品上按顺位设定抵质押。
    """

    title_number: str
    collateral_id: str


class CollateralMustBeHeld(Unmet):
    """The collateral {collateral_id} is {status}: only an item the bank holds is valued, pledged, returned or sold.

    押品{collateral_id}状态为{status}：仅在押的押品可估值、设押、退还或处置。
    """

    collateral_id: str
    status: str


class CollateralMustBeFree(Unmet):
    """The collateral {collateral_id} secures {secured}: release its pledges first.

    押品{collateral_id}仍担保{secured}：请先解除抵质押。
    """

    collateral_id: str
    secured: Money


class ValuationMustNotBeFuture(Invalid):
    """{valued_on} is after today, {today}: tell a valuation once it was made.

    估值日{valued_on}晚于今日{today}：请在估值完成后录入。
    """

    valued_on: date
    today: date


class ValuationMustFollowLatest(Unmet):
    """The latest valuation is of {latest}, {valued_on} is before it: what is older than the latest changes nothing.

    最近一次估值日为{latest}，{valued_on}更早：早于最近估值的结果不予采用。
    """

    latest: date
    valued_on: date


class CollateralKind(StrEnum):
    """What an item is."""

    REAL_ESTATE = "REAL_ESTATE"
    LAND_USE_RIGHT = "LAND_USE_RIGHT"
    VEHICLE = "VEHICLE"
    MACHINERY = "MACHINERY"
    INVENTORY = "INVENTORY"
    DEPOSIT = "DEPOSIT"
    SECURITY = "SECURITY"
    PRECIOUS_METAL = "PRECIOUS_METAL"
    OTHER = "OTHER"


class CollateralStatus(StrEnum):
    """How an item stands."""

    HELD = "HELD"
    RETURNED = "RETURNED"
    REALISED = "REALISED"


@dataclass(frozen=True, slots=True)
class CollateralRegistered:
    """An item was taken."""

    collateral_id: str
    owner_id: str
    kind: CollateralKind
    value: Money


@dataclass(frozen=True, slots=True)
class CollateralValued:
    """An item was valued again."""

    collateral_id: str
    value: Money
    change: Money
    valued_on: date


@dataclass(frozen=True, slots=True)
class CollateralReturned:
    """An item went back to its owner."""

    collateral_id: str


@dataclass(frozen=True, slots=True)
class Valuation:
    """One valuation of an item."""

    collateral_id: str
    number: int
    value: Money
    valued_on: date
    valuer: str


@dataclass(frozen=True, slots=True)
class Collateral:
    """An item; `haircut` is the part of its value that does not count, from 0 to 1.

    `secured` is what the pledges that stand on it secure together; it may exceed what the item is worth by now.
    """

    collateral_id: str
    owner_id: str
    kind: CollateralKind
    title_number: str
    value: Money
    valued_on: date
    valuations: int
    haircut: Decimal
    secured: Money
    status: CollateralStatus = CollateralStatus.HELD

    def __post_init__(self) -> None:
        assert self.secured.minor_units >= 0
        assert self.status is CollateralStatus.HELD or not self.secured, "what is gone secures nothing"

    @property
    def lendable(self) -> Money:
        """What of its value counts, rounded down to the minor unit; nothing once it is returned or sold."""
        if self.status is not CollateralStatus.HELD:
            return Money(self.value.currency, 0)
        kept = exact(1 - self.haircut) * self.value.minor_units
        return Money(self.value.currency, kept.numerator // kept.denominator)

    def securing(self, more: Money) -> "Collateral":
        """The item with so much more secured on it; less, where that is below zero."""
        return replace(self, secured=self.secured + more)

    def revalue(
        self, value: Money, *, valued_on: date, valuer: str, today: date
    ) -> tuple["Collateral", Valuation, CollateralValued]:
        """The item with a newer valuation; the older ones stay in its history."""
        self.must_be_held()
        if valued_on > today:
            raise ValuationMustNotBeFuture(valued_on=valued_on, today=today)
        if valued_on < self.valued_on:
            raise ValuationMustFollowLatest(latest=self.valued_on, valued_on=valued_on)
        number = self.valuations + 1
        valued = replace(self, value=value, valued_on=valued_on, valuations=number)
        fact = CollateralValued(self.collateral_id, value, value - self.value, valued_on)
        return valued, Valuation(self.collateral_id, number, value, valued_on, valuer), fact

    def give_back(self) -> tuple["Collateral", tuple[CollateralReturned, ...]]:
        """The item back with its owner; no fact where it is there already."""
        if self.status is CollateralStatus.RETURNED:
            return self, ()
        self.must_be_held()
        if self.secured:
            raise CollateralMustBeFree(collateral_id=self.collateral_id, secured=self.secured)
        return replace(self, status=CollateralStatus.RETURNED), (CollateralReturned(self.collateral_id),)

    def sold(self) -> "Collateral":
        """The item once the bank sold it."""
        self.must_be_held()
        return replace(self, status=CollateralStatus.REALISED, secured=self.secured.nothing)

    def must_be_held(self) -> None:
        """Refuses to build on an item that is gone."""
        if self.status is not CollateralStatus.HELD:
            raise CollateralMustBeHeld(collateral_id=self.collateral_id, status=self.status)


@dataclass(frozen=True, slots=True)
class Application:
    """What is brought to the bank: whose it is, what it is, and its first valuation."""

    owner_id: str
    kind: CollateralKind
    title_number: str
    value: Money
    valued_on: date
    valuer: str
    haircut: Decimal


def register(
    collateral_id: str,
    application: Application,
    *,
    registered: Collateral | None,
    today: date,
) -> tuple[Collateral, Valuation, CollateralRegistered]:
    """An item with its first valuation; `registered` is the one its title names already, if any."""
    if registered is not None:
        raise CollateralAlreadyRegistered(title_number=registered.title_number, collateral_id=registered.collateral_id)
    if application.valued_on > today:
        raise ValuationMustNotBeFuture(valued_on=application.valued_on, today=today)
    item = Collateral(
        collateral_id=collateral_id,
        owner_id=application.owner_id,
        kind=application.kind,
        title_number=application.title_number,
        value=application.value,
        valued_on=application.valued_on,
        valuations=1,
        haircut=application.haircut,
        secured=Money(application.value.currency, 0),
    )
    first = Valuation(collateral_id, 1, item.value, item.valued_on, application.valuer)
    return item, first, CollateralRegistered(collateral_id, item.owner_id, item.kind, item.value)
