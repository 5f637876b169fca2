"""The gaps of a date (日终缺口): taken currency by currency once the positions of the date are, and kept.

Always true: what was taken stays. A gap that does not add up to the positions says so, and stays too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from zhongtai.asset_liability.gap.domain import Gap
from zhongtai.kernel.irrbb import ShockScenario
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unmet

# The buckets through which a year and a month are behind.
_OF_YEAR, _OF_MONTH = "months_9_12", "up_to_1_month"


class PositionsMustBeTaken(Unmet):
    """The positions of {business_date} have not all been taken: take them first.

    {business_date}的日终头寸尚未取完：请先完成头寸取数。
    """

    business_date: date


@dataclass(frozen=True, slots=True)
class ValueChange:
    """By how much economic value changes under a shock; below zero is a loss."""

    scenario: ShockScenario
    change: Money


@dataclass(frozen=True, slots=True)
class Shocked:
    """The value changes of a currency, the curve they were discounted with and who prescribes the shocks.

    Empty where there is no curve in the currency, or no shock for it.
    """

    curve_id: str = ""
    curve_version: int = 0
    shock_version: str = ""
    value_changes: tuple[ValueChange, ...] = ()


@dataclass(frozen=True, slots=True)
class GapDay:
    """The gaps of a date in one currency."""

    business_date: date
    currency_code: str
    repricing: Gap
    liquidity: Gap
    agrees: bool
    curve_id: str
    curve_version: int
    shock_version: str
    value_changes: tuple[ValueChange, ...]

    @classmethod
    def made(cls, repricing: Gap, liquidity: Gap, shocked: Shocked, assets: Money, liabilities: Money) -> "GapDay":
        """The gaps beside what the positions of the date came to."""
        agrees = _sum(repricing, "assets") == assets and _sum(repricing, "liabilities") == liabilities
        return cls(
            business_date=repricing.as_of,
            currency_code=repricing.currency_code,
            repricing=repricing,
            liquidity=liquidity,
            agrees=agrees,
            curve_id=shocked.curve_id,
            curve_version=shocked.curve_version,
            shock_version=shocked.shock_version,
            value_changes=shocked.value_changes,
        )


@dataclass(frozen=True, slots=True)
class GapSummary:
    """What the gaps of a currency come to."""

    assets: Money
    liabilities: Money
    repricing_gap_of_year: Money
    liquidity_gap_of_month: Money
    worst_value_change: Money | None


def summary(repricing: Gap, liquidity: Gap, shocked: Shocked) -> GapSummary:
    """The figures that a management looks at first."""
    return GapSummary(
        assets=_sum(repricing, "assets"),
        liabilities=_sum(repricing, "liabilities"),
        repricing_gap_of_year=_through(repricing, _OF_YEAR),
        liquidity_gap_of_month=_through(liquidity, _OF_MONTH),
        worst_value_change=min((each.change for each in shocked.value_changes), default=None),
    )


def left(currencies: Sequence[str], taken: Mapping[str, GapDay]) -> list[str]:
    """The currencies of a date whose gaps are not taken yet, in their order."""
    return [currency for currency in sorted(currencies) if currency not in taken]


def must_be_taken(business_date: date, *, taken: bool) -> None:
    """Refuses a date whose positions are not all taken."""
    if not taken:
        raise PositionsMustBeTaken(business_date=business_date)


def _sum(gap: Gap, side: str) -> Money:
    return Money(gap.currency_code, sum(getattr(bucket, side).minor_units for bucket in gap.buckets))


def _through(gap: Gap, bucket_id: str) -> Money:
    return next(bucket.cumulative_gap for bucket in gap.buckets if bucket.bucket_id == bucket_id)
