"""The value of a bond a year from now, by the rating it will have then.

Source: J.P. Morgan, CreditMetrics — Technical Document (1997), chapters 1 and 2. Decimals in and out.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from zhongtai.kernel.roots import DIGITS

FACE = Decimal(100)


def forward_value(forward_rates: Sequence[Decimal], coupon: Decimal, face: Decimal = FACE) -> Decimal:
    """The coupon of this year and the later ones with the face, at the one-year forward zero rates of a rating.

    `forward_rates` are yearly shares for one, two, … years after next year: 0.0372 is 3.72 %.
    """
    with localcontext(DIGITS):
        coupons = sum((coupon / (1 + rate) ** years for years, rate in enumerate(forward_rates, 1)), coupon)
        return coupons + face / (1 + forward_rates[-1]) ** len(forward_rates)


def mean_value(probabilities: Sequence[Decimal], values: Sequence[Decimal]) -> Decimal:
    """The mean of the values over the ratings; the probabilities of a row of the migration matrix."""
    return sum((chance * value for chance, value in zip(probabilities, values, strict=True)), Decimal(0))


def deviation(probabilities: Sequence[Decimal], values: Sequence[Decimal]) -> Decimal:
    """The standard deviation of the values over the ratings."""
    mean = mean_value(probabilities, values)
    with localcontext(DIGITS):
        return mean_value(probabilities, [(value - mean) ** 2 for value in values]).sqrt()


def percentile_value(probabilities: Sequence[Decimal], values: Sequence[Decimal], level: Decimal) -> Decimal:
    """The value below which the worst outcomes together reach the level, for example 0.01 for the first percentile."""
    reached = Decimal(0)
    worst_first = sorted(zip(values, probabilities, strict=True))
    for value, chance in worst_first:
        reached += chance
        if reached >= level:
            return value
    return worst_first[-1][0]
