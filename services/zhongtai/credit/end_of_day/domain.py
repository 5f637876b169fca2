"""The end of day (日终) of loans: which part of which day is closed, and what it comes to.

Always true: days are closed one by one, each partition of a day once, and what is posted of it is the sum of its rows.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.credit.allowance_movement.domain import MovementCause
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet

_DAY = timedelta(days=1)


class EndOfDayNotFound(Missing):
    """The end of day {business_date} was never begun: begin it first.

    {business_date}的日终尚未开始：请先开始。
    """

    business_date: date


class BusinessDateMustBeOver(Unmet):
    """{business_date} is not over, the business date is {today}: close it when the bank is on a later date.

    {business_date}尚未结束，当前营业日为{today}：请在切日后再做日终。
    """

    business_date: date
    today: date


class DaysMustBeClosedInOrder(Unmet):
    """{next_date} is to be closed before {business_date}: close the days one by one.

    须先完成{next_date}的日终，再做{business_date}：请逐日进行。
    """

    business_date: date
    next_date: date


class PositionUnknown(Invalid):
    """The position is not one of ours: take it from the reply before, as it is, or leave it out.

    位置标记无效：请原样使用上一次返回的标记，或不填。
    """


class Phase(StrEnum):
    """Which part of a close is under way."""

    TAKING = "TAKING"
    """The loans that changed by the day are set aside, so that what is booked late is seen by the next close."""
    CHANGED = "CHANGED"
    """The contracts that changed by the day, each from the loan itself."""
    PARTITIONS = "PARTITIONS"
    """All contracts, partition by partition, from their columns of the day before; then the partition is posted."""
    CLOSED = "CLOSED"
    """The day is closed."""


@dataclass(frozen=True, slots=True)
class EndOfDay:
    """One business date's close and how far it is; `cursor` is the last that was done of the phase.

    Amounts are told by partition, for they have currencies.
    """

    business_date: date
    previous_date: date | None
    rule_set_version: int
    model_version: int
    phase: Phase
    cursor: str
    partitions: int
    partitions_closed: int
    loans: int
    reclassified: int

    def at(self, phase: Phase, cursor: str = "") -> "EndOfDay":
        """The close, that much further."""
        return replace(self, phase=phase, cursor=cursor)

    def with_partitions(self, partitions: int) -> "EndOfDay":
        """The close, every contract that changed behind it."""
        return replace(self.at(Phase.PARTITIONS), partitions=partitions)

    def with_partition(self, figures: "PartitionFigures") -> "EndOfDay":
        """The close with one more partition closed."""
        return replace(
            self,
            cursor=str(figures.partition),
            partitions_closed=self.partitions_closed + 1,
            loans=self.loans + figures.loans,
            reclassified=self.reclassified + figures.reclassified,
        )

    def closed(self) -> "tuple[EndOfDay, EndOfDayClosed]":
        """The close, done."""
        done = self.at(Phase.CLOSED)
        return done, EndOfDayClosed(self.business_date.isoformat(), self.business_date, self.loans, self.reclassified)


def position(text: str) -> tuple[Phase, str]:
    """The phase and the cursor a preview goes on from, the first for an empty text. Raises `PositionUnknown`."""
    name, _, cursor = text.partition(":")
    try:
        phase = Phase(name or Phase.CHANGED)
    except ValueError:
        raise PositionUnknown from None
    if phase in (Phase.TAKING, Phase.CLOSED) or (phase is Phase.PARTITIONS and not cursor.isdecimal()):
        raise PositionUnknown
    return phase, cursor


def due_through(through: date, last: EndOfDay | None) -> date | None:
    """The date to work on so that all are closed through one; None where they are. `last` is the latest begun."""
    if last is None:
        return through
    if last.phase is not Phase.CLOSED:
        return last.business_date
    return last.business_date + _DAY if last.business_date < through else None


def begin(business_date: date, *, today: date, last: EndOfDay | None, versions: tuple[int, int]) -> EndOfDay:
    """A close that begins, by versions of rules and model; `last` is the latest that was begun.

    Raises `BusinessDateMustBeOver`, `DaysMustBeClosedInOrder`.
    """
    if business_date >= today:
        raise BusinessDateMustBeOver(business_date=business_date, today=today)
    if last is not None:
        due = last.business_date + _DAY if last.phase is Phase.CLOSED else last.business_date
        if due != business_date:
            raise DaysMustBeClosedInOrder(business_date=business_date, next_date=due)
    previous = last.business_date if last is not None else None
    return EndOfDay(business_date, previous, *versions, Phase.TAKING, "", 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class CloseMovement:
    """What a close moved the allowances of a partition by, for one cause; in minor units of its currency."""

    business_date: date
    partition: int
    cause: MovementCause
    product_id: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PartitionFigures:
    """What a close makes of one partition: contracts of one product and currency; amounts in minor units."""

    business_date: date
    partition: int
    product_id: str
    currency: str
    loans: int
    outstanding_minor: int
    interest_accrued_minor: int
    interest_reversed_minor: int
    allowance_minor: int
    allowance_raised_minor: int
    allowance_released_minor: int
    reclassified: int

    def movement(self, cause: MovementCause, amount_minor: int) -> CloseMovement:
        """What one cause moved of its allowances."""
        return CloseMovement(self.business_date, self.partition, cause, self.product_id, self.currency, amount_minor)

    def posted(self) -> "LoansClosed":
        """The fact that it was closed, by which the ledger posts it."""

        def money(minor_units: int) -> Money:
            return Money(self.currency, minor_units)

        return LoansClosed(
            closing_id=f"{self.business_date.isoformat()}/{self.partition}",
            business_date=self.business_date,
            partition=self.partition,
            product_id=self.product_id,
            loans=self.loans,
            outstanding=money(self.outstanding_minor),
            interest_accrued=money(self.interest_accrued_minor),
            interest_reversed=money(self.interest_reversed_minor),
            allowance=money(self.allowance_minor),
            allowance_raised=money(self.allowance_raised_minor),
            allowance_released=money(self.allowance_released_minor),
        )


@dataclass(frozen=True, slots=True)
class LoansClosed:
    """A partition of loans was closed for a day."""

    closing_id: str
    business_date: date
    partition: int
    product_id: str
    loans: int
    outstanding: Money
    interest_accrued: Money
    interest_reversed: Money
    allowance: Money
    allowance_raised: Money
    allowance_released: Money


@dataclass(frozen=True, slots=True)
class EndOfDayClosed:
    """A business date was closed for all loans."""

    closing_id: str
    business_date: date
    loans: int
    reclassified: int
