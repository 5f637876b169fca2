"""The rate at which a stream of money is worth nothing: one solver for every equation of yield.

Decimal arithmetic makes the steps the same on every machine; the method is regula falsi with the Illinois change,
after M. Dowell and P. Jarratt, BIT 11 (1971), which never leaves the bracket.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise

from zhongtai.kernel.rates import PaymentsMustYieldRate

DIGITS = Context(prec=34, rounding=ROUND_HALF_EVEN)
SMALL = Decimal("1e-20")
STEPS_MAX = 300

# Rates from 0 upwards to a thousandfold, then downwards to just above the loss of all.
_UP = (Decimal(0), *(Decimal("0.05") * Decimal(2) ** power for power in range(15)))
_DOWN = (Decimal(0), *(-Decimal(step) / 10 for step in range(1, 10)), Decimal("-0.99"), Decimal("-0.999"))


def rate_of(worth: Callable[[Decimal], Decimal]) -> Decimal:
    """The rate nearest to zero, above it first, at which `worth` is zero; to twenty decimals.

    `worth` answers what everything is worth at a rate, continuous above -1. Raises `PaymentsMustYieldRate` where it
    has one sign from -0.999 to 819.2.
    """
    with localcontext(DIGITS):
        for way in (_UP, _DOWN):
            for low, high in pairwise(way):
                at_low, at_high = worth(low), worth(high)
                if not at_low:
                    return low
                if at_low * at_high <= 0:
                    return _between(worth, low, high, at_low, at_high)
    raise PaymentsMustYieldRate()


def _between(
    worth: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, at_low: Decimal, at_high: Decimal
) -> Decimal:
    for _ in range(STEPS_MAX):
        rate = high - at_high * (high - low) / (at_high - at_low) if at_high != at_low else (low + high) / 2
        at_rate = worth(rate)
        if at_rate * at_high <= 0:
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = rate, at_rate
        if not at_rate or abs(high - low) < SMALL:
            return high
    raise AssertionError("regula falsi closes a bracket")
