"""How well a scorecard parts goods from bads, how true its probabilities are, how far a distribution moved.
Pure and columnar.

Scores are higher for better applicants. `bad` is a boolean array, True for a bad applicant. All arrays are
one-dimensional.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

# An empty bin would make a logarithm endless; this share stands for it.
SMALLEST_SHARE = 0.0001


@dataclass(frozen=True, slots=True)
class Band:
    """Applicants of like scores: predicted and observed are shares."""

    lowest_score: int
    highest_score: int
    applicants: int
    predicted: float
    observed: float


def weight_of_evidence(goods: Floats, bads: Floats, prior: float = 0.0) -> Floats:
    """ln(share of the goods ÷ share of the bads) of each bin, from the counts of each bin.

    Source: Siddiqi, Credit Risk Scorecards (2006), chapter 6. With a `prior` above zero that many applicants of
    average odds are added to each bin, which draws thin bins towards zero: an empty bin has no evidence. With
    `prior` zero each bin must hold at least one of both.
    """
    rate = bads.sum() / (goods.sum() + bads.sum())
    more_goods, more_bads = goods + prior * (1 - rate), bads + prior * rate
    weights: Floats = np.log((more_goods / more_goods.sum()) / (more_bads / more_bads.sum()))
    return weights


def information_by_bin(goods: Floats, bads: Floats, prior: float = 0.0) -> Floats:
    """(share of the goods − share of the bads) × weight of evidence of each bin.

    Source: Siddiqi (2006), chapter 6, after Kullback (1959).
    """
    difference: Floats = goods / goods.sum() - bads / bads.sum()
    return difference * weight_of_evidence(goods, bads, prior)


def information_value(goods: Floats, bads: Floats, prior: float = 0.0) -> float:
    """The information of all bins: below 0.02 is no use, from 0.3 strong (Siddiqi 2006, chapter 6)."""
    return float(information_by_bin(goods, bads, prior).sum())


def population_stability_index(expected: Floats, actual: Floats) -> float:
    """Σ (actual share − expected share) × ln(actual share ÷ expected share), from the counts of each bin.

    Source: Siddiqi (2006), chapter 9: below 0.10 no change, above 0.25 a significant one. An empty bin counts
    as 0.01 %.
    """
    before = np.maximum(expected / expected.sum(), SMALLEST_SHARE)
    after = np.maximum(actual / actual.sum(), SMALLEST_SHARE)
    return float(((after - before) * np.log(after / before)).sum())


def area_under_curve(scores: Floats | Integers, bad: Booleans) -> float:
    """The chance that a good applicant scores above a bad one, ties counting half: the area under the ROC curve.

    Source: Hanley and McNeil (1982), by the Mann–Whitney statistic on mid-ranks. Both kinds must be present.
    """
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(count) - (count - 1) / 2
    goods, bads = int((~bad).sum()), int(bad.sum())
    assert goods, "there is no good applicant to rank"
    assert bads, "there is no bad applicant to rank"
    ranks_of_goods = middle_rank[place][~bad].sum()
    return float((ranks_of_goods - goods * (goods + 1) / 2) / (goods * bads))


def kolmogorov_smirnov(scores: Floats | Integers, bad: Booleans) -> tuple[float, float]:
    """The largest distance between the score distributions of bads and goods, and the lowest score above that gap.

    Source: the two-sample statistic of Smirnov (1939); Siddiqi (2006), chapter 6. Accepting from the score
    answered upwards is where the distance is reached.
    """
    levels, place = np.unique(scores, return_inverse=True)
    bads = np.bincount(place[bad], minlength=len(levels)).cumsum() / bad.sum()
    goods = np.bincount(place[~bad], minlength=len(levels)).cumsum() / (~bad).sum()
    distance = bads - goods
    at = int(distance.argmax())
    return float(distance[at]), float(levels[min(at + 1, len(levels) - 1)])


def brier_score(predicted: Floats, bad: Booleans) -> float:
    """The mean squared error of a probability. Source: Brier (1950), Monthly Weather Review 78."""
    return float(((predicted - bad) ** 2).mean())


def edges_of_tenths(scores: Integers) -> Integers:
    """The scores that begin the second to the last tenth; fewer where many scores are equal, for equals stay
    together.
    """
    edges: Integers = np.unique(np.quantile(scores, np.arange(1, 10) / 10, method="higher"))
    above: Integers = edges[edges > scores.min()]
    return above


def calibration(scores: Integers, predicted: Floats, bad: Booleans) -> tuple[Band, ...]:
    """Predicted against observed default rates by tenths of the score, worst scores first."""
    place = np.searchsorted(edges_of_tenths(scores), scores, side="right")
    return tuple(
        Band(
            lowest_score=int(scores[inside].min()),
            highest_score=int(scores[inside].max()),
            applicants=int(inside.sum()),
            predicted=float(predicted[inside].mean()),
            observed=float(bad[inside].mean()),
        )
        for inside in (place == band for band in range(place.max() + 1))
    )
