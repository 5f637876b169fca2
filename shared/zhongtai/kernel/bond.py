"""A bond with level coupons: its price, its yield and how long its money is out on average (duration, 久期).

Source: Microsoft, Excel functions PRICE, YIELD, DURATION and MDURATION, reference, with its five bases; F. Macaulay
(1938). Rates are yearly shares, 0.08 for 8 %; prices are of a redemption of 100. Decimals throughout.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import IntEnum

from zhongtai.kernel.rates import DatesMustBeInOrder
from zhongtai.kernel.roots import DIGITS, rate_of
from zhongtai.kernel.schedule import months_later

REDEMPTION = Decimal(100)


class Basis(IntEnum):
    """How days are counted between coupons, by the numbers of spreadsheets."""

    US_30_360 = 0
    ACTUAL_ACTUAL = 1
    ACTUAL_360 = 2
    ACTUAL_365 = 3
    EUROPEAN_30_360 = 4


@dataclass(frozen=True, slots=True)
class Bond:
    """Bought on `settlement`, repaid on `maturity` at `redemption`; coupons `frequency` times a year (1, 2, 4)."""

    settlement: date
    maturity: date
    coupon: Decimal
    frequency: int
    basis: Basis = Basis.US_30_360
    redemption: Decimal = REDEMPTION

    def __post_init__(self) -> None:
        if self.settlement >= self.maturity:
            raise DatesMustBeInOrder(start=self.settlement, end=self.maturity)

    @property
    def coupons_left(self) -> int:
        """How many coupons are still to come."""
        step, count = 12 // self.frequency, 1
        while months_later(self.maturity, -count * step) > self.settlement:
            count += 1
        return count

    @property
    def gone(self) -> Decimal:
        """The part of the current coupon period that is gone."""
        step, left = 12 // self.frequency, self.coupons_left
        last, coming = (months_later(self.maturity, -step * count) for count in (left, left - 1))
        if self.basis is Basis.ACTUAL_ACTUAL:
            return Decimal((self.settlement - last).days) / (coming - last).days
        if self.basis in (Basis.US_30_360, Basis.EUROPEAN_30_360):
            return Decimal(_days_of_360(last, self.settlement, self.basis) * self.frequency) / 360
        year = 360 if self.basis is Basis.ACTUAL_360 else 365
        return Decimal((self.settlement - last).days * self.frequency) / year

    def flows(self) -> Iterator[tuple[Decimal, Decimal]]:
        """Every payment to come: coupon periods from the settlement, and the amount on a redemption of 100."""
        paid, left, gone = REDEMPTION * self.coupon / self.frequency, self.coupons_left, self.gone
        for place in range(1, left + 1):
            yield place - gone, paid + (self.redemption if place == left else 0)

    def full_price(self, yearly: Decimal) -> Decimal:
        """What the payments to come are worth at a yield, accrued coupon included."""
        with localcontext(DIGITS):
            growth = 1 + yearly / self.frequency
            return sum((amount / growth**periods for periods, amount in self.flows()), Decimal(0))

    def price(self, yearly: Decimal) -> Decimal:
        """PRICE: the price without the accrued coupon. In its last coupon period a bond is discounted simply."""
        accrued = REDEMPTION * self.coupon / self.frequency * self.gone
        if self.coupons_left == 1:
            ((periods, amount),) = self.flows()
            with localcontext(DIGITS):
                return amount / (1 + yearly / self.frequency * periods) - accrued
        return self.full_price(yearly) - accrued

    def yield_at(self, price: Decimal) -> Decimal:
        """YIELD: the yearly yield at a price without the accrued coupon. Raises `PaymentsMustYieldRate`."""
        return rate_of(lambda yearly: self.price(yearly) - price)

    def duration(self, yearly: Decimal) -> Decimal:
        """DURATION: the years to each payment, weighed by what it is worth (Macaulay)."""
        with localcontext(DIGITS):
            growth = 1 + yearly / self.frequency
            weighed = sum((periods * amount / growth**periods for periods, amount in self.flows()), Decimal(0))
            return weighed / self.full_price(yearly) / self.frequency

    def modified_duration(self, yearly: Decimal) -> Decimal:
        """MDURATION: by what share the price falls as the yield rises by one whole."""
        return self.duration(yearly) / (1 + yearly / self.frequency)


def perpetual_duration(yearly: Decimal) -> Decimal:
    """The duration in years of a bond that pays its coupon for ever, 1 + 1/y (Saunders and Cornett, on consols)."""
    return 1 + 1 / yearly


def _days_of_360(start: date, end: date, basis: Basis) -> int:
    """Days in a year of twelve months of thirty days; the US rule takes the end of February for a 30th."""
    first, last = min(start.day, 30), end.day
    if basis is Basis.US_30_360 and _ends_february(start):
        first = 30
        last = 30 if _ends_february(end) else last
    if basis is Basis.EUROPEAN_30_360 or first == 30:
        last = min(last, 30)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _ends_february(day: date) -> bool:
    return day.month == 2 and (day + timedelta(days=1)).month == 3
