"""The change of economic value (ΔEVE) under the prescribed shocks of interest rates.

Source: BCBS 368 (April 2016), section IV, paragraphs 132 and 133: cash flows are slotted into the nineteen buckets,
each stands at the midpoint of its bucket, and is discounted by exp(−R·t), with R the rate of the currency's curve at
t, shocked or not. The cash of an asset is its principal and interest as they fall due; a deposit's is its balance by
the time it is repriced. What is overdue has no time, and does not change.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext

from zhongtai.asset_liability.gap.domain import Gap
from zhongtai.asset_liability.gap_day.domain import Shocked, ValueChange
from zhongtai.asset_liability.transfer_price.domain import Curve
from zhongtai.kernel.irrbb import Shock, ShockNotPrescribed, ShockScenario, parameters, prescribed_shock
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.roots import DIGITS

_DAYS_OF_A_YEAR = 365
_BASIS_POINT = Decimal("0.0001")
# BCBS 578 replaces the sizes of 2016 from this day on, for the currencies it is known for here.
_REVISED_FROM = date(2026, 1, 1)
_REVISED, _FIRST = "2024", "2016"


def shocked(repricing: Gap, liquidity: Gap, curve: Curve | None) -> Shocked:
    """The value changes of a currency under every scenario."""
    version, shock = _shock(repricing.currency_code, repricing.as_of)
    if curve is None or shock is None:
        return Shocked()
    pairs = zip(liquidity.buckets, repricing.buckets, strict=True)
    _, *flows = [cash.assets.minor_units - own.liabilities.minor_units for cash, own in pairs]
    changes = tuple(
        ValueChange(scenario, Money(repricing.currency_code, change(flows, curve, shock, scenario)))
        for scenario in ShockScenario
    )
    return Shocked(curve.curve_id, curve.version, version, changes)


def change(flows: Sequence[int], curve: Curve, shock: Shock, scenario: ShockScenario) -> int:
    """The value after a shock less the value before, in minor units; the flows stand in the order of the buckets."""
    midpoints = [Decimal(years) for years in parameters()["buckets"]["midpoints"].values()]
    with localcontext(DIGITS):
        exact = Decimal(0)
        for flow, years in zip(flows, midpoints, strict=True):
            rate = _rate(curve, years)
            after = rate + shock.at(scenario, years) * _BASIS_POINT
            exact += flow * ((-after * years).exp() - (-rate * years).exp())
    return rounded(*exact.as_integer_ratio())


def _rate(curve: Curve, years: Decimal) -> Decimal:
    rate = curve.rate(max(1, round(years * _DAYS_OF_A_YEAR)))
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def _shock(currency: str, on: date) -> tuple[str, Shock | None]:
    """The shock of a currency and the version that prescribes it; none where no version does."""
    for version in (_REVISED, _FIRST) if on >= _REVISED_FROM else (_FIRST,):
        try:
            return version, prescribed_shock(version, currency)
        except ShockNotPrescribed:
            continue
    return "", None
