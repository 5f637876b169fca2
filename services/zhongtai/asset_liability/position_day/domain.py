"""The positions of a date (日终头寸): sums by kind, product and currency, taken piece by piece and kept.

Always true: what was taken stays; the lines do not depend on how the positions were cut into pieces, since what is
rounded, the charge for funds, is rounded once when all pieces are in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Context, Decimal, localcontext

from zhongtai.asset_liability.position.domain import SIDES, PositionKind, PositionSide
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.refusals import Missing, Unmet

# A rate is a year's, on actual days over 365, as the curves of transfer prices are.
DAYS_OF_A_YEAR = 365
# Amounts of 19 digits, summed over as many positions as there are, times rates of ten places: nothing is lost.
_EXACT = Context(prec=60)


class PositionDayMustBeOver(Unmet):
    """{business_date} is not over, the bank is on {today}: take its positions when the bank has gone on.

    {business_date}尚未结束，当前营业日为{today}：请在进入下一营业日后取数。
    """

    business_date: date
    today: date


class PositionDayNotFound(Missing):
    """No positions were taken of {business_date}: choose a date that was closed.

    {business_date}没有日终头寸：请选择已完成日终的日期。
    """

    business_date: date


@dataclass(frozen=True, slots=True)
class Group:
    """Positions of a piece that are alike: how many are not at nothing, and what is outstanding in minor units."""

    kind: PositionKind
    product_id: str
    currency_code: str
    transfer_rate: Decimal | None
    positions: int
    outstanding_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """The positions of one kind, product and currency; `at_rates` is the exact Σ outstanding (minor units) × rate."""

    business_date: date
    kind: PositionKind
    product_id: str
    currency_code: str
    positions: int = 0
    outstanding_minor: int = 0
    at_rates: Decimal = Decimal(0)

    def plus(self, group: Group) -> "Line":
        """The line with positions that are alike."""
        with localcontext(_EXACT):
            at_rates = self.at_rates + group.outstanding_minor * (group.transfer_rate or Decimal(0))
        return replace(
            self,
            positions=self.positions + group.positions,
            outstanding_minor=self.outstanding_minor + group.outstanding_minor,
            at_rates=at_rates,
        )

    def told(self) -> "PositionDayLine":
        """The line as it is told: what funding costs for one night is rounded here, half to even."""
        above, below = self.at_rates.as_integer_ratio()
        return PositionDayLine(
            kind=self.kind,
            side=SIDES[self.kind],
            product_id=self.product_id,
            positions=self.positions,
            outstanding=Money(self.currency_code, self.outstanding_minor),
            transfer_charge=Money(self.currency_code, rounded(above, below * DAYS_OF_A_YEAR)),
        )


@dataclass(frozen=True, slots=True)
class PositionDayLine:
    """A line as it is told."""

    kind: PositionKind
    side: PositionSide
    product_id: str
    positions: int
    outstanding: Money
    transfer_charge: Money


@dataclass(frozen=True, slots=True)
class PositionTotal:
    """All positions of a currency."""

    positions: int
    assets: Money
    liabilities: Money
    off_balance_sheet: Money
    transfer_charge: Money


@dataclass(frozen=True, slots=True)
class PositionDay:
    """The positions of a date: taken through the position `reached`, whole when `taken_at` is set."""

    business_date: date
    reached: str = ""
    taken_at: datetime | None = None

    def took(self, reached: str, now: datetime) -> "PositionDay":
        """The date after a piece that ended with a position; "" where there was none left."""
        return replace(self, reached=reached) if reached else replace(self, taken_at=now)


def must_be_over(business_date: date, today: date) -> None:
    """Refuses a date that the bank is still on."""
    if business_date >= today:
        raise PositionDayMustBeOver(business_date=business_date, today=today)


def added(business_date: date, lines: Iterable[Line], groups: Iterable[Group]) -> list[Line]:
    """The lines with what a piece adds to them; new ones where there was none."""
    found = {(line.kind, line.product_id, line.currency_code): line for line in lines}
    for group in groups:
        key = group.kind, group.product_id, group.currency_code
        found[key] = (found.get(key) or Line(business_date, *key)).plus(group)
    return list(found.values())


def totals(lines: Sequence[PositionDayLine]) -> list[PositionTotal]:
    """The lines by currency, in the order of the currencies."""
    by_currency: dict[str, list[PositionDayLine]] = {}
    for line in lines:
        by_currency.setdefault(line.outstanding.currency, []).append(line)
    return [_total(currency, by_currency[currency]) for currency in sorted(by_currency)]


def _total(currency: str, lines: Sequence[PositionDayLine]) -> PositionTotal:
    def on(side: PositionSide) -> Money:
        return Money(currency, sum(line.outstanding.minor_units for line in lines if line.side is side))

    return PositionTotal(
        positions=sum(line.positions for line in lines),
        assets=on(PositionSide.ASSET),
        liabilities=on(PositionSide.LIABILITY),
        off_balance_sheet=on(PositionSide.OFF_BALANCE_SHEET),
        transfer_charge=Money(currency, sum(line.transfer_charge.minor_units for line in lines)),
    )
