"""Supervised binning: which values of an attribute belong together, learnt from the development sample. Pure
and columnar.

A fine cut first (twenty quantiles; single words, rare ones pooled), then the cuts that keep most information,
found exactly by dynamic programming under two conditions: no bin is thin, and for numbers the default rate only
rises or only falls.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from zhongtai.risk.training.measures import Booleans, Floats, information_value, weight_of_evidence

FINE_BINS = 20
SMALLEST_BIN_SHARE = 0.05
RARE_WORD_SHARE = 0.03
# So many applicants of average odds are added to each bin before its weight is taken: thin bins move towards no
# evidence.
PRIOR_APPLICANTS = 30.0

Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Group:
    """One learnt bin: an interval [lower, upper) or a group of words, and the goods and bads it held."""

    goods: int
    bads: int
    weight_of_evidence: float
    lower: Decimal | None = None
    upper: Decimal | None = None
    words: tuple[str, ...] = ()
    takes_missing: bool = False
    takes_other: bool = False


def bin_numbers(words: Words, bad: Booleans) -> tuple[Group, ...]:
    """Bins a column of plain decimal texts ("" is missing): intervals by rising value, then the bins of missing
    and other.
    """
    known = words != ""
    numbers, ill = words[known].astype(np.float64), bad[known]
    if not len(numbers):
        return _with_missing([], words, bad)
    fine = np.unique(np.quantile(numbers, np.arange(1, FINE_BINS) / FINE_BINS, method="higher"))
    fine = fine[fine > numbers.min()]
    place = np.searchsorted(fine, numbers, side="right")
    goods, bads = _counts(place, ill, len(fine) + 1)
    cuts = []
    if _are_mixed(goods, bads):
        cuts = max(
            (best_cuts(goods, bads, direction) for direction in (1, -1)),
            key=lambda found: information_value(*_merged(goods, bads, found), PRIOR_APPLICANTS),
        )
    edges = [Decimal(repr(float(fine[cut - 1]))).normalize() for cut in cuts]
    bounds = [None, *edges, None]
    merged = zip(*_merged(goods, bads, cuts), strict=True)
    groups = [
        Group(int(good), int(ill_), 0.0, lower=lower, upper=upper)
        for (good, ill_), (lower, upper) in zip(merged, pairwise(bounds), strict=True)
    ]
    return _with_missing(groups, words, bad)


def bin_words(words: Words, bad: Booleans) -> tuple[Group, ...]:
    """Bins a column of words ("" is missing): groups by rising evidence, then the bins of missing and other.

    Rare words are not named: the group they belong to takes them as it takes words never seen.
    """
    known = words != ""
    found, place = np.unique(words[known], return_inverse=True)
    if not len(found):
        return _with_missing([], words, bad)
    goods, bads = _counts(place, bad[known], len(found))
    rare = goods + bads < RARE_WORD_SHARE * known.sum()
    members = [[word] for word in np.flatnonzero(~rare)] + ([list(np.flatnonzero(rare))] if rare.any() else [])
    goods, bads = (np.array([counts[each].sum() for each in members]) for counts in (goods, bads))
    order, cuts = np.arange(len(members)), []
    if _are_mixed(goods, bads):
        order = np.argsort(weight_of_evidence(goods, bads, PRIOR_APPLICANTS), kind="stable")
        cuts = best_cuts(goods[order], bads[order], 0)
    groups = []
    for start, end in pairwise([0, *cuts, len(order)]):
        inside = [int(word) for fine in order[start:end] for word in members[fine]]
        groups.append(
            Group(
                int(goods[order[start:end]].sum()),
                int(bads[order[start:end]].sum()),
                0.0,
                words=tuple(sorted(str(found[word]) for word in inside if not rare[word])),
                takes_other=any(rare[word] for word in inside),
            )
        )
    return _with_missing(groups, words, bad)


def best_cuts(goods: Floats, bads: Floats, direction: int) -> list[int]:
    """The places to cut ordered fine bins so that the information value is largest.

    Each part holds `SMALLEST_BIN_SHARE` of all and at least one good and one bad; along the parts the weight of
    evidence only rises (`direction` 1), only falls (−1) or does as it likes (0). Exact, in the cube of the
    number of fine bins.
    """
    count, all_goods, all_bads = len(goods), goods.sum(), bads.sum()
    smallest = SMALLEST_BIN_SHARE * (all_goods + all_bads)
    rate = all_bads / (all_goods + all_bads)
    sum_goods, sum_bads = (np.concatenate([[0.0], counts.cumsum()]) for counts in (goods, bads))
    weight, value, before = {}, {}, {}
    for end in range(1, count + 1):
        for start in range(end):
            part_goods, part_bads = sum_goods[end] - sum_goods[start], sum_bads[end] - sum_bads[start]
            if part_goods + part_bads < smallest or part_goods < 1 or part_bads < 1:
                continue
            # Each part is drawn to the average as if PRIOR_APPLICANTS average applicants stood in it.
            odds = (part_goods + PRIOR_APPLICANTS * (1 - rate)) / (part_bads + PRIOR_APPLICANTS * rate)
            weight[start, end] = float(np.log(odds * rate / (1 - rate)))
            own = (part_goods / all_goods - part_bads / all_bads) * weight[start, end]
            if start == 0:
                value[start, end] = own
                continue
            fitting = [
                (value[first, start], first)
                for first in range(start)
                if (first, start) in value and _follows(weight[first, start], weight[start, end], direction)
            ]
            if fitting:
                best, first = max(fitting)
                value[start, end], before[start, end] = best + own, (first, start)
    ends = [(value[start, count], start) for start in range(count) if (start, count) in value]
    if not ends:
        return []
    part, cuts = (max(ends)[1], count), []
    while part[0] > 0:
        cuts.append(part[0])
        part = before[part]
    return cuts[::-1]


def _follows(first: float, second: float, direction: int) -> bool:
    return direction == 0 or direction * (second - first) > 0


def _are_mixed(goods: Floats, bads: Floats) -> bool:
    """Whether there is anything to tell apart."""
    return bool(goods.sum() and bads.sum())


def _counts(place: NDArray[np.int64], bad: Booleans, bins: int) -> tuple[Floats, Floats]:
    """How many goods and bads stand at each place."""
    goods, bads = (np.bincount(place[those], minlength=bins).astype(np.float64) for those in (~bad, bad))
    return goods, bads


def _merged(goods: Floats, bads: Floats, cuts: list[int]) -> tuple[Floats, Floats]:
    starts = [0, *cuts]
    return np.add.reduceat(goods, starts), np.add.reduceat(bads, starts)


def _with_missing(groups: list[Group], words: Words, bad: Booleans) -> tuple[Group, ...]:
    """The groups with the bins of missing and other values added, and all weights taken over the whole sample."""
    missing = words == ""
    has_other = any(group.takes_other for group in groups)
    goods, bads = int((missing & ~bad).sum()), int((missing & bad).sum())
    if has_other or goods + bads:
        groups = [*groups, Group(goods, bads, 0.0, takes_missing=True)]
        if not has_other:
            groups.append(Group(0, 0, 0.0, takes_other=True))
    else:
        groups = [*groups, Group(0, 0, 0.0, takes_missing=True, takes_other=True)]
    all_goods, all_bads = (np.array([getattr(group, name) for group in groups], float) for name in ("goods", "bads"))
    weights = weight_of_evidence(all_goods, all_bads, PRIOR_APPLICANTS)
    return tuple(
        replace(group, weight_of_evidence=float(weight)) for group, weight in zip(groups, weights, strict=True)
    )
