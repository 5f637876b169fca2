"""The binning: exact against trying everything, monotone for numbers, no thin bins, every word in its place."""

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.risk.training import binning
from zhongtai.risk.training.binning import Group, best_cuts, bin_numbers, bin_words

Learn = Callable[[np.ndarray, np.ndarray], tuple[Group, ...]]


def value_of(goods: np.ndarray, bads: np.ndarray, cuts: tuple[int, ...], direction: int) -> float | None:
    """The information kept by cuts, or None where they break a condition: the definition, without any cleverness."""
    rate = bads.sum() / (goods.sum() + bads.sum())
    bounds, kept, last = (0, *cuts, len(goods)), 0.0, None
    for start, end in pairwise(bounds):
        good, ill = goods[start:end].sum(), bads[start:end].sum()
        if good + ill < binning.SMALLEST_BIN_SHARE * (goods.sum() + bads.sum()) or good < 1 or ill < 1:
            return None
        prior = binning.PRIOR_APPLICANTS
        weight = np.log((good + prior * (1 - rate)) / (ill + prior * rate) * rate / (1 - rate))
        if last is not None and direction and direction * (weight - last) <= 0:
            return None
        last = weight
        kept += (good / goods.sum() - ill / bads.sum()) * weight
    return float(kept)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), min_size=2, max_size=7),
    st.sampled_from([-1, 0, 1]),
)
def test_the_best_cuts_are_the_best_of_all_cuts(counts: list[tuple[int, int]], direction: int) -> None:
    goods, bads = (np.array([row[side] for row in counts], dtype=float) for side in (0, 1))
    if not goods.sum() or not bads.sum():
        return
    places = range(1, len(counts))
    every = [cuts for size in range(len(counts)) for cuts in combinations(places, size)]
    allowed = [value for cuts in every if (value := value_of(goods, bads, cuts, direction)) is not None]
    found = value_of(goods, bads, tuple(best_cuts(goods, bads, direction)), direction)
    if allowed:
        assert found == pytest.approx(max(allowed))


def sample(seed: int = 1, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Ages as texts, some missing, with a default rate that falls with age."""
    chance = np.random.default_rng(seed)
    ages = chance.integers(18, 80, rows)
    words = np.where(chance.random(rows) < 0.1, "", ages.astype(str))
    return words, chance.random(rows) < 0.6 - ages / 160


def rates(groups: list[Group]) -> list[float]:
    return [group.bads / (group.goods + group.bads) for group in groups]


def test_numbers_get_monotone_intervals_that_join() -> None:
    words, bad = sample()
    groups = bin_numbers(words, bad)
    intervals = [group for group in groups if not group.takes_missing and not group.takes_other]
    assert len(intervals) > 2
    assert rates(intervals) == sorted(rates(intervals), reverse=True)
    assert intervals[0].lower is None
    assert intervals[-1].upper is None
    for lower, upper in pairwise(intervals):
        assert lower.upper == upper.lower
    known = words != ""
    assert all(group.goods + group.bads >= binning.SMALLEST_BIN_SHARE * known.sum() for group in intervals)
    (missing,) = [group for group in groups if group.takes_missing]
    assert (missing.goods, missing.bads) == (int((~known & ~bad).sum()), int((~known & bad).sum()))
    (other,) = [group for group in groups if group.takes_other]
    assert other.weight_of_evidence == pytest.approx(0, abs=1e-12)


def test_counts_are_of_the_very_intervals() -> None:
    words, bad = sample(2)
    numbers = np.where(words == "", np.nan, np.where(words == "", "0", words).astype(float))
    for group in bin_numbers(words, bad):
        if group.takes_missing or group.takes_other:
            continue
        lower = -np.inf if group.lower is None else float(group.lower)
        upper = np.inf if group.upper is None else float(group.upper)
        inside = (numbers >= lower) & (numbers < upper)
        assert (group.goods, group.bads) == (int((inside & ~bad).sum()), int((inside & bad).sum()))


def test_words_stand_in_one_group_each_and_rare_ones_go_unnamed_with_the_unseen() -> None:
    chance = np.random.default_rng(3)
    words = chance.choice(["own", "rent", "free", "tent"], 2000, p=[0.5, 0.3, 0.19, 0.01])
    bad = chance.random(2000) < np.select([words == "own", words == "rent"], [0.15, 0.4], 0.5)
    groups = bin_words(words, bad)
    found = [word for group in groups for word in group.words]
    assert sorted(found) == ["free", "own", "rent"]
    (other,) = [group for group in groups if group.takes_other]
    assert other.goods + other.bads >= (words == "tent").sum() > 0
    assert sum(group.goods + group.bads for group in groups) == len(words)
    weight = {word: group.weight_of_evidence for group in groups for word in group.words}
    assert weight["own"] > 0 > weight["rent"] >= weight["free"]


@pytest.mark.parametrize("learn", [bin_numbers, bin_words])
def test_a_column_that_is_all_missing_or_all_the_same_has_one_place_for_everything(learn: Learn) -> None:
    bad = np.array([True, False] * 50)
    for words in (np.array([""] * 100), np.array(["5"] * 100)):
        groups = learn(words, bad)
        assert sum(group.goods + group.bads for group in groups) == 100
        assert sum(group.takes_missing for group in groups) == 1
        assert sum(group.takes_other for group in groups) == 1


@pytest.mark.parametrize("learn", [bin_numbers, bin_words])
def test_where_only_being_known_tells_anything_known_and_missing_are_two_bins(learn: Learn) -> None:
    words = np.array(["7", "8"] * 50 + [""] * 100)
    bad = np.array([False] * 100 + [True, False] * 50)
    groups = learn(words, bad)
    known, missing = (next(group for group in groups if group.takes_missing == takes) for takes in (False, True))
    assert (known.goods, known.bads) == (100, 0)
    assert known.weight_of_evidence > 0 > missing.weight_of_evidence
