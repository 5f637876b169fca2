"""The measures, against figures that were printed elsewhere and against counting by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.risk.training.measures import (
    area_under_curve,
    brier_score,
    calibration,
    information_value,
    kolmogorov_smirnov,
    population_stability_index,
    weight_of_evidence,
)

# The binning table of "mean radius" in the README of optbinning (scikit-learn's breast cancer data): goods (non-events)
# and bads (events) of each bin. Read there and recomputed; the bins' counts sum to the 212 and 357 of the data.
GOODS = np.array([3.0, 3, 7, 10, 28, 44, 117])
BADS = np.array([115.0, 76, 61, 39, 55, 10, 1])
WEIGHTS = {4: -0.153979, 5: 2.00275, 6: 5.28332}
VALUES = {0: 0.962483, 1: 0.538763, 4: 0.003385, 6: 2.900997}
TOTAL = 5.043925


@pytest.mark.parametrize(("bin_", "published"), WEIGHTS.items())
def test_weight_of_evidence_is_as_published(bin_: int, published: float) -> None:
    assert weight_of_evidence(GOODS, BADS)[bin_] == pytest.approx(published, abs=6e-6)


@pytest.mark.parametrize(("bin_", "published"), VALUES.items())
def test_information_value_of_a_bin_is_as_published(bin_: int, published: float) -> None:
    difference = GOODS[bin_] / GOODS.sum() - BADS[bin_] / BADS.sum()
    assert difference * weight_of_evidence(GOODS, BADS)[bin_] == pytest.approx(published, abs=6e-7)


def test_information_value_is_as_published() -> None:
    assert information_value(GOODS, BADS) == pytest.approx(TOTAL, abs=6e-7)


def test_a_prior_draws_thin_bins_to_zero_and_leaves_an_empty_one_without_evidence() -> None:
    goods, bads = np.array([90.0, 9, 1, 0]), np.array([30.0, 3, 7, 0])
    weights = weight_of_evidence(goods, bads, prior=30)
    assert weights[3] == pytest.approx(0, abs=1e-12)
    plain = weight_of_evidence(goods[:3], bads[:3])
    assert abs(weights[2]) < abs(plain[2]) / 2
    assert np.all(np.sign(weights[:3]) == np.sign(plain))


def test_stability_by_hand() -> None:
    # −0.1 × ln 0.8 + 0.1 × ln 1.2, by hand.
    moved = population_stability_index(np.array([50.0, 50]), np.array([40.0, 60]))
    assert moved == pytest.approx(0.0405465, abs=1e-7)
    assert population_stability_index(np.array([1.0, 3]), np.array([10.0, 30])) == 0
    assert np.isfinite(population_stability_index(np.array([10.0, 0]), np.array([0.0, 10])))


def test_area_by_hand() -> None:
    # Hanley and McNeil (1982): of the 2 × 3 pairs, 4 are in order, one is tied, one is not: (4 + 0.5) ÷ 6.
    scores, bad = np.array([1, 3, 2, 3, 4]), np.array([True, True, False, False, False])
    assert area_under_curve(scores, bad) == pytest.approx(4.5 / 6)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_area_and_distance_are_what_counting_pairs_and_shares_gives(rows: list[tuple[int, bool]]) -> None:
    scores, bad = np.array([score for score, _ in rows]), np.array([bad for _, bad in rows])
    goods, bads = scores[~bad], scores[bad]
    if not len(goods) or not len(bads):
        return
    pairs = [(good > ill) + (good == ill) / 2 for good in goods for ill in bads]
    assert area_under_curve(scores, bad) == pytest.approx(sum(pairs) / len(pairs))
    distance, cut_off = kolmogorov_smirnov(scores, bad)
    gaps = [(bads < level).mean() - (goods < level).mean() for level in range(7)]
    assert distance == pytest.approx(max(0, *gaps))
    if distance > 0:
        assert (bads < cut_off).mean() - (goods < cut_off).mean() == pytest.approx(distance)


def test_perfect_and_useless_scores() -> None:
    bad = np.array([True] * 5 + [False] * 5)
    assert area_under_curve(np.arange(10), bad) == 1
    assert kolmogorov_smirnov(np.arange(10), bad) == (1, 5)
    assert area_under_curve(np.zeros(10), bad) == 0.5
    assert brier_score(np.full(10, 0.5), bad) == 0.25


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=10, max_size=80))
def test_calibration_bands_take_everybody_once_and_never_part_equals(rows: list[tuple[int, bool]]) -> None:
    scores, bad = np.array([score for score, _ in rows]), np.array([bad for _, bad in rows])
    bands = calibration(scores, 1 / (1 + scores), bad)
    assert sum(band.applicants for band in bands) == len(rows)
    assert sum(band.observed * band.applicants for band in bands) == pytest.approx(bad.sum())
    for lower, upper in itertools.pairwise(bands):
        assert lower.highest_score < upper.lowest_score
