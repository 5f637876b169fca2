"""Transfer prices (内部资金转移定价, FTP): the rate of funds by term, and the one rate that prices a whole schedule.

Matched-maturity pricing by strips: every piece of principal is funded for its own term at the curve's rate for
that term. The price of the whole is the one rate that, charged on what is outstanding, earns the treasury the
same interest:

    rate = Σ principalᵢ × daysᵢ × rateᵢ / Σ principalᵢ × daysᵢ

Source: the "Cash Flow: Weighted Term" method, as in the Oracle Funds Transfer Pricing User Guide, chapter
"Transfer Pricing Methodologies and Rules", here without discounting, because the charge accrues, undiscounted,
on the principal outstanding.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from zhongtai.kernel.money import CurrencyMustMatch, Money, Rounding, rounded
from zhongtai.kernel.refusals import Invalid, Missing, Taken

RATE_PLACES = 6
DAYS_PLACES = 2


class CurveNotPublished(Missing):
    """No version of the curve {curve_id} is valid on {on}: check the id and the day, or publish one.

    收益率曲线{curve_id}在{on}没有有效版本：请核对编号和日期，或先发布。
    """

    curve_id: str
    on: date


class CurveVersionAlreadyPublished(Taken):
    """Version {version} of the curve {curve_id} is published with other content: publish the next version.

    收益率曲线{curve_id}第{version}版已发布且内容不同：请发布新版本。
    """

    curve_id: str
    version: int


class CurveValidityAlreadyTaken(Taken):
    """Version {version} of the curve {curve_id} is valid from {valid_from} already: choose another first day.

    收益率曲线{curve_id}第{version}版已自{valid_from}起生效：请选择其他生效日。
    """

    curve_id: str
    version: int
    valid_from: date


class TenorsMustRise(Invalid):
    """The term of {tenor_days} days does not rise above the one before: give each term once, the shortest first.

    期限{tenor_days}天未大于前一期限：请按期限由短到长填写，每个期限一次。
    """

    tenor_days: int


class CashFlowMustFollowStart(Invalid):
    """The cash flow on {date} is not after the start {start_date}: give what is paid back after it.

    {date}的现金流不晚于起始日{start_date}：请填写起始日之后的还款。
    """

    start_date: date
    date: date


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The rate a year of one term in days, simple, on actual days over 365."""

    tenor_days: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TransferCashFlow:
    """A piece of principal and the day it is paid back."""

    date: date
    amount: Money


@dataclass(frozen=True, slots=True)
class TransferPricePiece:
    """How one piece was priced; `rate` to six places, for reading only: the quote is computed from the exact ones."""

    date: date
    amount: Money
    tenor_days: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TransferPrice:
    """The price of a schedule: rates to six places, the mean term to two, all rounded half up."""

    rate: Decimal
    average_tenor_days: Decimal
    pieces: tuple[TransferPricePiece, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A version of a curve; valid from its first day until the next version's."""

    curve_id: str
    version: int
    name: str
    name_zh: str
    currency_code: str
    valid_from: date
    points: tuple[CurvePoint, ...]

    def published(self, beside: Sequence["Curve"]) -> "CurvePublished | None":
        """The fact that the version is published; None where it is already.

        `beside` holds at least those versions of the curve that have its number or its first day.
        Raises `TenorsMustRise`, `CurveVersionAlreadyPublished`, `CurveValidityAlreadyTaken`.
        """
        for shorter, longer in pairwise(self.points):
            if not shorter.tenor_days < longer.tenor_days:
                raise TenorsMustRise(tenor_days=longer.tenor_days)
        for other in beside:
            if other.version == self.version:
                if other != self:
                    raise CurveVersionAlreadyPublished(curve_id=self.curve_id, version=self.version)
                return None
            if other.valid_from == self.valid_from:
                raise CurveValidityAlreadyTaken(
                    curve_id=self.curve_id, version=other.version, valid_from=self.valid_from
                )
        return CurvePublished(curve_id=self.curve_id, version=self.version, curve=self)

    def rate(self, tenor_days: int) -> Fraction:
        """The exact rate of a term: on the straight line between the two nearest terms, and flat beyond the ends."""
        tenors = [point.tenor_days for point in self.points]
        place = bisect_right(tenors, tenor_days)
        if place == 0:
            return Fraction(self.points[0].rate)
        if place == len(tenors):
            return Fraction(self.points[-1].rate)
        shorter, longer = self.points[place - 1], self.points[place]
        part = Fraction(tenor_days - shorter.tenor_days, longer.tenor_days - shorter.tenor_days)
        return Fraction(shorter.rate) + part * (Fraction(longer.rate) - Fraction(shorter.rate))

    def price(self, start_date: date, cash_flows: Sequence[TransferCashFlow]) -> TransferPrice:
        """The matched-maturity price of principal that is paid back piece by piece.

        Raises `CashFlowMustFollowStart`, `CurrencyMustMatch`. At least one amount is above zero and none below.
        """
        in_order = sorted(cash_flows, key=lambda flow: flow.date)
        principal = principal_days = 0
        interest = Fraction(0)
        pieces = []
        for flow in in_order:
            if flow.amount.currency != self.currency_code:
                raise CurrencyMustMatch(left=self.currency_code, right=flow.amount.currency)
            tenor_days = (flow.date - start_date).days
            if tenor_days <= 0:
                raise CashFlowMustFollowStart(date=flow.date, start_date=start_date)
            rate = self.rate(tenor_days)
            weight = flow.amount.minor_units * tenor_days
            principal += flow.amount.minor_units
            principal_days += weight
            interest += weight * rate
            pieces.append(TransferPricePiece(flow.date, flow.amount, tenor_days, _decimal(rate, RATE_PLACES)))
        assert principal_days > 0, "the contract asks for an amount above zero"
        return TransferPrice(
            rate=_decimal(interest / principal_days, RATE_PLACES),
            average_tenor_days=_decimal(Fraction(principal_days, principal), DAYS_PLACES),
            pieces=tuple(pieces),
        )


@dataclass(frozen=True, slots=True)
class CurvePublished:
    """A version of a curve was published."""

    curve_id: str
    version: int
    curve: Curve


def _decimal(number: Fraction, places: int) -> Decimal:
    """The fraction as a decimal of so many places, half up."""
    scaled = number * 10**places
    return Decimal(rounded(scaled.numerator, scaled.denominator, Rounding.HALF_UP)).scaleb(-places)
