"""The loss distribution of a large portfolio of one factor.

Source: O. Vasicek, "The Distribution of Loan Portfolio Value", Risk, December 2002, and "Limiting Loan Loss
Probability Distribution" (1991). Probabilities are floats: they are statistics, not money.
"""

from math import asin, exp, pi, sin, sqrt
from statistics import NormalDist

STANDARD = NormalDist()
INTERVALS = 400


def default_rate(probability: float, correlation: float, confidence: float) -> float:
    """The share of defaults that is not exceeded with a confidence; all three within 0 and 1, the ends left out.

    N((N⁻¹(p) + √ρ N⁻¹(α)) / √(1 − ρ)): the probability of default in the year that is as bad as that.
    """
    threshold, factor = STANDARD.inv_cdf(probability), STANDARD.inv_cdf(confidence)
    return STANDARD.cdf((threshold + sqrt(correlation) * factor) / sqrt(1 - correlation))


def deviation(probability: float, correlation: float) -> float:
    """The standard deviation of the share of defaults, √(N₂(k, k, ρ) − p²) with k = N⁻¹(p).

    The bivariate normal is taken by R. Plackett's identity (Biometrika 41, 1954): N₂(k, k, ρ) − p² = 1/2π ∫
    exp(−k² / (1 + sin θ)) dθ from 0 to asin ρ, by Simpson's rule.
    """
    square = STANDARD.inv_cdf(probability) ** 2
    step = asin(correlation) / INTERVALS
    weights = (1 if place in (0, INTERVALS) else 4 if place % 2 else 2 for place in range(INTERVALS + 1))
    area = sum(weight * exp(-square / (1 + sin(place * step))) for place, weight in enumerate(weights))
    return sqrt(area * step / 3 / (2 * pi))


def loss_in_deviations(probability: float, correlation: float, confidence: float) -> float:
    """How many standard deviations above its mean the loss at a confidence lies: table 1 of the paper."""
    excess = default_rate(probability, correlation, confidence) - probability
    return excess / deviation(probability, correlation)
