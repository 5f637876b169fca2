"""Gaps (缺口): the buckets, the behavioural assumptions, and what a gap is.

Always true: the gap of a bucket is assets − liabilities − off balance sheet, and the last cumulative gap is the
sum of them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.schedule import months_later

WHOLE_BP = 10_000


class AsOfMustNotBeInTheFuture(Invalid):
    """{as_of} has not come yet: the business date is {business_date}, ask for that or an earlier day.

    {as_of}尚未到来：当前营业日为{business_date}，请选择该日或更早日期。
    """

    as_of: date
    business_date: date


class GapMethod(StrEnum):
    """What is bucketed: when a rate may change, or when cash moves."""

    REPRICING = "REPRICING"
    LIQUIDITY = "LIQUIDITY"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of time, by its upper end: so many days or months after the day of the gap; open where both are None."""

    bucket_id: str
    title: str
    title_zh: str
    days: int | None = None
    months: int | None = None

    def last_date(self, as_of: date) -> date | None:
        """The last day that falls into it; None where it is open."""
        if self.days is not None:
            return as_of + timedelta(days=self.days)
        return None if self.months is None else months_later(as_of, self.months)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a balance without dates is spread: basis points of it by bucket; what is missing to the whole is left out."""

    shares_bp: Mapping[str, int]

    def __post_init__(self) -> None:
        assert all(share >= 0 for share in self.shares_bp.values()), "a share is not negative"
        assert sum(self.shares_bp.values()) <= WHOLE_BP, "the shares are parts of one whole"


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How deposits and undrawn limits behave, for each kind of gap: a published version of a bank's own study."""

    version: str
    deposits: Mapping[GapMethod, Spread]
    undrawn_limits: Mapping[GapMethod, Spread]

    def __post_init__(self) -> None:
        whole = (sum(spread.shares_bp.values()) == WHOLE_BP for spread in self.deposits.values())
        assert all(whole), "deposits are spread whole: the buckets add up to the balance sheet"


@dataclass(frozen=True, slots=True)
class GapBucket:
    """One bucket of a gap; the dates are both included, None where the bucket is open on that side."""

    bucket_id: str
    title: str
    title_zh: str
    first_date: date | None
    last_date: date | None
    assets: Money
    liabilities: Money
    off_balance_sheet: Money
    gap: Money
    cumulative_gap: Money


@dataclass(frozen=True, slots=True)
class Gap:
    """A whole gap in one currency, at the close of a day."""

    as_of: date
    currency_code: str
    assumptions: str
    buckets: tuple[GapBucket, ...]


def day_of_gap(as_of: date | None, business_date: date) -> date:
    """The day a gap is taken at: the one asked for, else the business date. Raises `AsOfMustNotBeInTheFuture`."""
    if as_of is not None and as_of > business_date:
        raise AsOfMustNotBeInTheFuture(as_of=as_of, business_date=business_date)
    return as_of or business_date
