"""Training a scorecard: half of the applicants make it, the other half, which it never saw, measures it.

The way of Siddiqi, Credit Risk Scorecards (2006): bin each attribute, weigh the bins by evidence, let a
logistic regression say how much each attribute counts, scale to points. Nothing of the holdout sample touches
bins, weights, selection or scale. The figures in capitals were set once, by the mean over twelve seeds of the
German credit file, and are not searched again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from zhongtai.kernel.refusals import Invalid
from zhongtai.risk.scorecard.domain import (
    NUMBER,
    Bin,
    CalibrationBand,
    Characteristic,
    CharacteristicKind,
    Confusion,
    SampleMeasures,
    Scorecard,
    TrainingRecord,
)
from zhongtai.risk.training import measures
from zhongtai.risk.training.binning import PRIOR_APPLICANTS, Group, Words, bin_numbers, bin_words
from zhongtai.risk.training.measures import Booleans, Floats, Integers
from zhongtai.risk.training.sample import Sample, is_protected, must_be_columns, read, split

# Siddiqi (2006), chapter 6: an attribute below this tells nothing.
SMALLEST_INFORMATION_VALUE = 0.02
# What the regression pays for each squared unit of a coefficient; a coefficient of one takes the evidence at its word.
RIDGE = 3.0
LABEL_WORDS = 12
# The scale of Siddiqi (2006), chapter 6: 600 points are odds of 50 to 1, each 20 points double them.
BASE_SCORE, BASE_ODDS, POINTS_TO_DOUBLE_ODDS = 600, 50, 20


class NothingTellsGoodFromBad(Invalid):
    """No column tells good from bad, so there is no scorecard to make: bring other attributes.

    没有任何列能区分好坏客户，无法建立评分卡：请提供其他属性。
    """


@dataclass(frozen=True, slots=True)
class TrainedScorecard:
    """A scorecard ready to be published, and the row numbers (from 0) of the applicants it never saw."""

    scorecard: Scorecard
    holdout_rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column with its learnt bins: which bin each applicant falls in, how much it tells."""

    name: str
    kind: CharacteristicKind
    groups: tuple[Group, ...]
    places: Integers
    information_value: float

    @property
    def evidence(self) -> Floats:
        """The weight of evidence of each applicant's bin."""
        return np.array([group.weight_of_evidence for group in self.groups])[self.places]


def train(
    path: Path,
    target: str,
    bad: str,
    exclude: Collection[str] = (),
    seed: int = 1,
    *,
    scorecard_id: str = "application",
    version: int = 1,
    name: str = "Application scorecard",
    name_zh: str = "申请评分卡",
    keep_protected: Collection[str] = (),
    labels: Mapping[str, tuple[str, str]] | None = None,
    development: Booleans | None = None,
) -> TrainedScorecard:
    """Trains on one half of a CSV file with a header and measures on the other.

    `target` is the column that tells good from bad and `bad` its value for bad. Columns in `exclude`, and those
    whose names hold a protected word and are not in `keep_protected`, take no part. `labels` gives a column's
    name in English and Chinese for reasons. `development`, a boolean for each row, is a split made elsewhere
    (by time, say) in place of the seed's. The same file and arguments give the same scorecard. Refuses a file
    it cannot train from (`Invalid`).
    """
    sample = read(path, target, bad)
    must_be_columns({*exclude, *keep_protected}, sample.columns)
    protected = {name for name in sample.columns if is_protected(name)} - set(keep_protected)
    excluded = protected.union(exclude)
    development = split(sample, seed) if development is None else development
    candidates, not_taken = _candidates(sample, development, excluded)
    chosen, intercept, coefficients, dropped = _regress(candidates, ~sample.bad, development)
    factor = POINTS_TO_DOUBLE_ODDS / np.log(2)
    base = BASE_SCORE - factor * np.log(BASE_ODDS)
    characteristics = tuple(
        _characteristic(candidate, factor * coefficient, development, (labels or {}).get(candidate.name))
        for candidate, coefficient in zip(chosen, coefficients, strict=True)
    )
    record = TrainingRecord(sample.sha256, seed, target, bad, tuple(sorted(excluded)), (*not_taken, *dropped))
    card = Scorecard(
        scorecard_id=scorecard_id,
        version=version,
        name=name,
        name_zh=name_zh,
        initial_points=round(float(base + factor * intercept)),
        base_score=BASE_SCORE,
        base_odds=Decimal(BASE_ODDS),
        points_to_double_odds=POINTS_TO_DOUBLE_ODDS,
        characteristics=characteristics,
        training=record,
    )
    return TrainedScorecard(
        measured(card, chosen, sample.bad, development), tuple(int(row) for row in np.flatnonzero(~development))
    )


def logistic_ridge(evidence: Floats, good: Booleans, ridge: float) -> tuple[float, Floats]:
    """The intercept and coefficients of P(good) = 1 ÷ (1 + exp(−(a + evidence · b))), by iteratively reweighted
    least squares.

    `evidence` is applicants × columns. Each squared coefficient costs ridge ÷ 2; the intercept is free, so the
    mean prediction is the mean observed. Source: le Cessie and van Houwelingen (1992), Ridge Estimators in
    Logistic Regression.
    """
    design = np.column_stack([np.ones(len(evidence)), evidence])
    penalty = np.diag([0.0, *[ridge] * evidence.shape[1]])
    solution = np.zeros(design.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-design @ solution))
        weights = chance * (1 - chance)
        curvature = (design * weights[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, design.T @ (good - chance) - penalty @ solution)
        solution = solution + step
        if np.abs(step).max() < 1e-10:
            return float(solution[0]), solution[1:]
    raise AssertionError("a ridge regression has one optimum, and Newton's steps reach it")


def measured(card: Scorecard, chosen: list[Candidate], bad: Booleans, development: Booleans) -> Scorecard:
    """The scorecard with what its points do on the two samples apart, and how far the score moved between them."""
    points = [np.array([each.points for each in characteristic.bins]) for characteristic in card.characteristics]
    scores: Integers = np.full(len(bad), card.initial_points, dtype=np.int64)
    for table, candidate in zip(points, chosen, strict=True):
        scores += table[candidate.places]
    levels, place = np.unique(scores, return_inverse=True)
    predicted = np.array([float(card.probability_of_default(int(level))) for level in levels])[place]
    _, cut_off = measures.kolmogorov_smirnov(scores[development], bad[development])
    edges = measures.edges_of_tenths(scores[development])
    counts = [
        np.bincount(np.searchsorted(edges, scores[those], side="right"), minlength=len(edges) + 1).astype(float)
        for those in (development, ~development)
    ]
    on_development, on_holdout = (
        _measures(scores[those], predicted[those], bad[those], int(cut_off)) for those in (development, ~development)
    )
    moved = decimal(measures.population_stability_index(*counts))
    return replace(card, development=on_development, holdout=on_holdout, population_stability_index=moved)


def decimal(figure: float) -> Decimal:
    """A measured figure, to 6 places."""
    return Decimal(f"{figure:.6f}")


def _candidates(sample: Sample, development: Booleans, excluded: Collection[str]) -> tuple[list[Candidate], list[str]]:
    """The columns that tell enough, most telling first, and for each other one why it is not among them."""
    candidates, not_taken = [], []
    for name, words in sample.columns.items():
        if name in excluded:
            continue
        candidate = _bin(name, words, sample.bad, development)
        if candidate.information_value < SMALLEST_INFORMATION_VALUE:
            told = f"information value {candidate.information_value:.3f} is below {SMALLEST_INFORMATION_VALUE}"
            not_taken.append(f"{name}: {told}")
        else:
            candidates.append(candidate)
    return sorted(candidates, key=lambda each: -each.information_value), not_taken


def _bin(name: str, words: Words, bad: Booleans, development: Booleans) -> Candidate:
    """Learns bins from the development sample and places every applicant in them."""
    known = words[development & (words != "")]
    numeric = len(known) > 0 and all(NUMBER.fullmatch(word) for word in known)
    groups = (bin_numbers if numeric else bin_words)(words[development], bad[development])
    missing, other = (
        next(place for place, group in enumerate(groups) if getattr(group, takes))
        for takes in ("takes_missing", "takes_other")
    )
    if numeric:
        edges = np.array([float(group.lower) for group in groups if group.lower is not None])
        is_number = np.array([NUMBER.fullmatch(word) is not None for word in words])
        numbers = np.where(is_number, words, "0").astype(np.float64)
        places = np.where(is_number, np.searchsorted(edges, numbers, side="right"), other)
    else:
        place_of = {word: place for place, group in enumerate(groups) for word in group.words}
        places = np.array([place_of.get(str(word), other) for word in words])
    places = np.where(words == "", missing, places)
    goods, bads = (np.array([getattr(group, kind) for group in groups], float) for kind in ("goods", "bads"))
    kind = CharacteristicKind.NUMERIC if numeric else CharacteristicKind.CATEGORICAL
    return Candidate(name, kind, groups, places, measures.information_value(goods, bads, PRIOR_APPLICANTS))


def _regress(
    candidates: list[Candidate], good: Booleans, development: Booleans
) -> tuple[list[Candidate], float, Floats, list[str]]:
    """The candidates that count, the intercept, their coefficients, and why the others do not.

    More evidence of good must never cost points: a candidate with a coefficient that is not above zero goes,
    the worst first.
    """
    chosen, dropped = list(candidates), list[str]()
    while chosen:
        evidence = np.column_stack([each.evidence[development] for each in chosen])
        intercept, coefficients = logistic_ridge(evidence, good[development], RIDGE)
        worst = int(coefficients.argmin())
        if coefficients[worst] > 0:
            return chosen, intercept, coefficients, dropped
        dropped.append(f"{chosen.pop(worst).name}: it adds nothing to the others, its coefficient was not above zero")
    raise NothingTellsGoodFromBad()


def _characteristic(
    candidate: Candidate, points_for_evidence: float, development: Booleans, label: tuple[str, str] | None
) -> Characteristic:
    """The candidate as a characteristic: its evidence scaled to whole points."""
    words, words_zh = label or (candidate.name.replace("_", " "), candidate.name)
    counts = [
        np.bincount(candidate.places[those], minlength=len(candidate.groups)).astype(np.float64)
        for those in (development, ~development)
    ]
    return Characteristic(
        name=candidate.name,
        kind=candidate.kind,
        bins=tuple(_published_bin(group, points_for_evidence, candidate.kind) for group in candidate.groups),
        reason_code=candidate.name.upper(),
        reason_text=f"Few points for: {words}.",
        reason_text_zh=f"得分偏低：{words_zh}。",
        information_value=decimal(candidate.information_value),
        population_stability_index=decimal(measures.population_stability_index(*counts)),
    )


def _published_bin(group: Group, points_for_evidence: float, kind: CharacteristicKind) -> Bin:
    special = " or ".join(
        word for word, takes in (("missing", group.takes_missing), ("other", group.takes_other)) if takes
    )
    is_interval = kind is CharacteristicKind.NUMERIC and not special
    return Bin(
        label=_interval(group) if is_interval else _words(group, special),
        points=round(points_for_evidence * group.weight_of_evidence),
        is_interval=is_interval,
        lower=group.lower,
        upper=group.upper,
        values=group.words,
        takes_missing=group.takes_missing,
        takes_other=group.takes_other,
        weight_of_evidence=decimal(group.weight_of_evidence),
        goods=group.goods,
        bads=group.bads,
    )


def _interval(group: Group) -> str:
    """An interval for a person: "< 12", "[12, 24)", "≥ 24", "any number"."""
    match group.lower, group.upper:
        case None, None:
            return "any number"
        case None, upper:
            return f"< {upper:f}"
        case lower, None:
            return f"≥ {lower:f}"
        case lower, upper:
            return f"[{lower:f}, {upper:f})"
    raise AssertionError("an interval has two ends")


def _words(group: Group, special: str) -> str:
    """A group of words for a person; of very many, the first."""
    shown = [*group.words[:LABEL_WORDS], *([special] if special else [])]
    more = len(group.words) - LABEL_WORDS
    return " | ".join(shown) + (f" | and {more} more" if more > 0 else "")


def _measures(scores: Integers, predicted: Floats, bad: Booleans, cut_off: int) -> SampleMeasures:
    """What the points do on one sample."""
    area = measures.area_under_curve(scores, bad)
    distance, _ = measures.kolmogorov_smirnov(scores, bad)
    accepted = scores >= cut_off
    bands = measures.calibration(scores, predicted, bad)
    return SampleMeasures(
        goods=int((~bad).sum()),
        bads=int(bad.sum()),
        area_under_curve=decimal(area),
        gini=decimal(2 * area - 1),
        kolmogorov_smirnov=decimal(distance),
        brier_score=decimal(measures.brier_score(predicted, bad)),
        mean_predicted=decimal(float(predicted.mean())),
        calibration=tuple(
            CalibrationBand(
                number,
                band.lowest_score,
                band.highest_score,
                band.applicants,
                decimal(band.predicted),
                decimal(band.observed),
            )
            for number, band in enumerate(bands, start=1)
        ),
        confusion=Confusion(
            cut_off=cut_off,
            goods_accepted=int((accepted & ~bad).sum()),
            goods_declined=int((~accepted & ~bad).sum()),
            bads_accepted=int((accepted & bad).sum()),
            bads_declined=int((~accepted & bad).sum()),
        ),
    )
